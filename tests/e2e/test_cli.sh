#!/bin/sh
# Proves: the command as a person or a script meets it: answers, refusals, exit codes, streams.
# Usage: test_cli.sh HEARTH SOURCE-ROOT. Prints TAP.
set -u
hearth=$1
root=$2
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
export HEARTH_HOME="$tmp/home"
n=0

ok() { n=$((n + 1)); echo "ok $n - $1"; }
not_ok() { n=$((n + 1)); echo "not ok $n - $1"; sed 's/^/# /' "$tmp/out" "$tmp/err" | head -20; }

# run NAME EXIT-CODE COMMAND...: standard input is empty unless $tmp/in exists
run() {
    name=$1 want=$2
    shift 2
    if [ -f "$tmp/in" ]; then "$@" <"$tmp/in" >"$tmp/out" 2>"$tmp/err"; else "$@" </dev/null >"$tmp/out" 2>"$tmp/err"; fi
    got=$?
    rm -f "$tmp/in"
    if [ "$got" -eq "$want" ]; then ok "$name"; else not_ok "$name: exit code $got, expected $want"; fi
}
out_has() { if grep -q -- "$2" "$tmp/out"; then ok "$1"; else not_ok "$1: standard output lacks '$2'"; fi; }
err_has() { if grep -q -- "$2" "$tmp/err"; then ok "$1"; else not_ok "$1: standard error lacks '$2'"; fi; }
err_lines() { if [ "$(wc -l <"$tmp/err")" -le "$2" ]; then ok "$1"; else not_ok "$1: more than $2 lines of errors"; fi; }
silent_out() { if [ -s "$tmp/out" ]; then not_ok "$1: something on standard output"; else ok "$1"; fi; }

# ---- usage ----
run "version" 0 "$hearth" version
out_has "version names itself" "^hearth [0-9]"
run "--version" 0 "$hearth" --version
run "help" 0 "$hearth" --help
out_has "help lists commands" "inspect"
run "nothing is help" 0 "$hearth"
run "a word too many" 1 "$hearth" version twice
err_has "is named" "twice"
run "help on what is none" 1 "$hearth" help caht
run "inspect alone is wrong usage" 2 "$hearth" inspect
run "a quiet refusal" 1 "$hearth" chat --quiet "$tmp/none.gguf" -p hi
err_lines "says nothing" 0
run "quiet and loud" 1 "$hearth" version --quiet --verbose
err_has "contradict" "give one of"
run "a level that is none" 1 "$hearth" version --log-level loud
run "a level" 0 "$hearth" version --log-level=debug
run "the version as JSON" 0 "$hearth" version --json
out_has "is an object" '^{"version":"[0-9.]*"}$'
run "help two words deep" 0 "$hearth" help inspect gguf
out_has "is of the second" "Usage: hearth inspect gguf"
# Fits the narrowest usual terminal; in characters, whatever awk counts.
: >"$tmp/wide"
for c in "" chat bench completion inspect "inspect gguf" "inspect tokens" "inspect template" "inspect sample" \
    "inspect grammar" "inspect logits" "inspect embedding" load unload ls ps serve "server start" "log stream"; do
    # shellcheck disable=SC2086
    "$hearth" $c --help </dev/null 2>/dev/null | sed 's/…/./g' | awk 'length($0) > 80' >>"$tmp/wide"
done
if [ -s "$tmp/wide" ]; then cp "$tmp/wide" "$tmp/out"; not_ok "help has long lines"; else ok "help is narrow"; fi
run "an unknown command is wrong usage" 1 "$hearth" caht
err_has "and a near one is named" "did you mean 'hearth chat'"
run "an unknown option is wrong usage" 2 "$hearth" bench --thraeds 2
err_has "and a near one is named" "did you mean --threads"
run "a number that is none" 2 "$hearth" bench --threads two
err_has "says so" "whole number"
for c in chat inspect bench version completion; do run "$c --help" 0 "$hearth" $c --help; done
for c in gguf tokens text logits embedding template dequant quant sample hardware make-model; do
    run "inspect $c --help" 0 "$hearth" inspect $c --help
done
run "completion" 0 "$hearth" completion bash
if command -v bash >/dev/null 2>&1; then
    cp "$tmp/out" "$tmp/completion.bash"
    mkdir -p "$tmp/bin"
    ln -sf "$(realpath "$hearth")" "$tmp/bin/hearth"
    # complete WORDS... LAST WANT: what Tab offers behind the words
    complete() {
        want=$1
        shift
        PATH="$tmp/bin:$PATH" bash -c '. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _hearth
            echo "${COMPREPLY[*]}"' "$tmp/completion.bash" "$@" >"$tmp/out" 2>"$tmp/err"
        if [ "$(cat "$tmp/out")" = "$want" ] && [ ! -s "$tmp/err" ]; then ok "Tab: $*"; else not_ok "Tab: $*: not '$want'"; fi
    }
    complete "bench" hearth be
    complete "gguf grammar" hearth inspect g
    complete "--reasoning --reasoning-budget" hearth chat --reas
    complete "auto on off" hearth chat --reasoning ""
    complete "" hearth chat -p "" # a text of one's own
    complete "$tmp/completion.bash" hearth chat --template "$tmp/compl"
    complete "f16" hearth bench --kv-type f1
    complete "bash zsh fish" hearth completion ""
    complete "gguf grammar" hearth help inspect g
fi
for c in zsh fish; do run "completion for $c" 0 "$hearth" completion $c; done
out_has "names commands" "hearth -n __fish_use_subcommand -a bench -d 'Measure"
run "hardware as JSON" 0 "$hearth" inspect hardware --json
out_has "has cores" '"physical_cores":'

run "a mask of features" 0 env HEARTH_CPU_MASK=none "$hearth" inspect hardware
out_has "leaves the reference" "kernels  *scalar"
run "a mask that is none" 2 env HEARTH_CPU_MASK=avx9 "$hearth" version

# ---- files that deserve a refusal ----
run "a missing file" 1 "$hearth" chat "$tmp/none.gguf" -p hi
err_has "is named" "none.gguf"
err_lines "in one line" 1
run "a directory" 1 "$hearth" chat "$tmp" -p hi
err_lines "is one sentence" 1
printf 'no model at all' >"$tmp/text.gguf"
run "a file of another kind" 1 "$hearth" chat "$tmp/text.gguf" -p hi
err_lines "is one sentence" 1
: >"$tmp/empty.gguf"
run "an empty file" 1 "$hearth" chat "$tmp/empty.gguf" -p hi
err_lines "is one sentence" 1
silent_out "and nothing on standard output"

# ---- codecs, samplers, templates ----
head -c 4096 /dev/zero >"$tmp/in"
run "quant" 0 "$hearth" inspect quant --type Q4_K --row 1024
cp "$tmp/out" "$tmp/in"
run "dequant" 0 "$hearth" inspect dequant --type q4_k --row 1024
if [ "$(wc -c <"$tmp/out")" -eq 4096 ]; then ok "gives as many floats"; else not_ok "gives as many floats"; fi
printf 'x' >"$tmp/in"
run "half a block is refused" 1 "$hearth" inspect dequant --type Q4_K
run "an unknown type is wrong usage" 2 "$hearth" inspect dequant --type Q4_Z
printf '{"logits":[0,1,2,3],"prev":[],"ops":[["top_k",2]]}\n{"logits":[]}\nnonsense\n' >"$tmp/in"
run "sample" 0 "$hearth" inspect sample --jsonl
out_has "keeps the two best" '{"result":\[\[3,0.73'
if [ "$(grep -c '"error"' "$tmp/out")" -eq 2 ]; then ok "bad lines are errors"; else not_ok "bad lines are errors"; fi
printf '{%% for m in messages %%}[{{ m.role }}]{{ m.content }}{%% endfor %%}' >"$tmp/t.jinja"
printf '{"messages":[{"role":"user","content":"hi"}]}' >"$tmp/in.json"
run "template" 0 "$hearth" inspect template --template "$tmp/t.jinja" --input "$tmp/in.json"
out_has "renders" '^\[user\]hi$'
printf '{{ raise_exception("only two turns") }}' >"$tmp/r.jinja"
run "a template's refusal" 1 "$hearth" inspect template --template "$tmp/r.jinja" --input "$tmp/in.json"
err_has "is its text" "only two turns"
printf '{%% if %%}' >"$tmp/b.jinja"
run "a broken template" 1 "$hearth" inspect template --template "$tmp/b.jinja" --input "$tmp/in.json"
err_has "says the line" "line 1"

# ---- the built-in model ----
if [ -f "$root/assets/hearth-guide.gguf" ]; then
    run "inspect gguf" 0 "$hearth" inspect gguf hearth-guide
    out_has "tells the architecture" "llama"
    run "inspect gguf --json" 0 "$hearth" inspect gguf "$root/assets/hearth-guide.gguf" --json
    out_has "with a plan" '"plan":\['
    head -c 60000 "$root/assets/hearth-guide.gguf" >"$tmp/half.gguf"
    run "a half-downloaded file" 1 "$hearth" chat "$tmp/half.gguf" -p hi
    err_has "says what is missing" "bytes"
    printf 'How do I download a model?' >"$tmp/in"
    run "tokens" 0 "$hearth" inspect tokens --model hearth-guide
    sed 's/,"pieces.*/}/' "$tmp/out" >"$tmp/in"
    run "text" 0 "$hearth" inspect text --model hearth-guide
    out_has "gives the text back" '^How do I download a model?$'
    run "an answer" 0 "$hearth" chat -p "How do I download a model?" --temp 0 --stats
    out_has "is right" "hearth get"
    err_has "with statistics" "tokens/second"
    # Questions in wordings that its training never saw, with what an answer must contain.
    wrong=0
    : >"$tmp/err"
    while IFS= read -r line; do
        prompt=$(printf '%s' "$line" | sed 's/^{"prompt": "\(.*\)", "must_contain": .*/\1/')
        must=$(printf '%s' "$line" | sed 's/.*"must_contain": \["\([^"]*\)".*/\1/')
        "$hearth" chat -p "$prompt" </dev/null >"$tmp/out" 2>>"$tmp/err"
        grep -qF -- "$must" "$tmp/out" || { wrong=$((wrong + 1)); echo "$prompt: $(cat "$tmp/out")" >>"$tmp/err"; }
    done <"$root/tests/e2e/guide-questions.jsonl"
    if [ "$wrong" -eq 0 ]; then ok "held-out questions"; else not_ok "held-out questions: $wrong wrong"; fi
    run "a limited answer" 0 "$hearth" chat -p "What is Hearth?" --temp 0 -n 3 --json
    out_has "stops at the limit" '"stop_reason":"maxPredictedTokensReached"'
    printf 'What is Hearth?\n' >"$tmp/in"
    run "a prompt from a pipe" 0 "$hearth" chat --temp 0
    out_has "is answered" "Hearth"
    run "no prompt at all" 0 "$hearth" chat
    err_has "is told, and is no failure" "the prompt is empty"
    silent_out "with nothing on standard output"
    run "a model by a part of its name" 0 "$hearth" chat guide-draft -p "What is Hearth?" -n 3 --json
    out_has "is found" '"model":"hearth/hearth-guide-draft"'
    run "a slip in a model's name" 1 "$hearth" chat hearth-gide -p hi
    err_has "has a near one" "did you mean 'hearth/hearth-guide'"
    run "a prompt longer than the context" 1 "$hearth" chat --context 64 -p "$(yes word | head -200 | tr '\n' ' ')"
    err_has "names both lengths" "64"
    err_lines "in one line" 1
    run "seeds repeat" 0 "$hearth" chat -p "Tell me a joke" --seed 5
    cp "$tmp/out" "$tmp/first"
    run "seeds repeat again" 0 "$hearth" chat -p "Tell me a joke" --seed 5
    if cmp -s "$tmp/out" "$tmp/first"; then ok "the same text"; else not_ok "the same text"; fi
    printf '{"type":"object","properties":{"name":{"type":"string","maxLength":9},"n":{"type":"integer","minimum":1,"maximum":9}},"required":["name","n"],"additionalProperties":false}' >"$tmp/s.json"
    run "an answer held to a schema" 0 "$hearth" chat --schema "$tmp/s.json" -p "Fill the form." --temp 1.5 --seed 3
    printf '%s' "$(cat "$tmp/out")" >"$tmp/in" # without the line break that ends an output
    run "validates" 0 "$hearth" inspect grammar --schema "$tmp/s.json"
    printf '{"type":"string","minLength":5,"maxLength":2}' >"$tmp/bad.json"
    run "a schema without any sentence" 1 "$hearth" chat --schema "$tmp/bad.json" -p hi
    err_has "is refused by its place" "bad.json"
    # Tools: shown where nobody runs them, run only after a yes, their results answered.
    printf '[{"type":"function","function":{"name":"add","parameters":{"type":"object","properties":{"a":{"type":"integer","minimum":0,"maximum":99},"b":{"type":"integer","minimum":0,"maximum":99}},"required":["a","b"],"additionalProperties":false}}},{"type":"function","function":{"name":"now"}}]' >"$tmp/tools.json"
    # shellcheck disable=SC2016
    printf '#!/bin/sh\ncat >>"%s/got"; echo 42\n' "$tmp" >"$tmp/add.sh"
    chmod +x "$tmp/add.sh"
    run "a required call" 0 "$hearth" chat --tools "$tmp/tools.json" --tool-choice required --one-call -p "What is 2 plus 3?" --seed 1
    out_has "is shown" '^add {"a": *[0-9]*, *"b": *[0-9]*}$\|^now {}$'
    run "a named call" 0 "$hearth" chat --tools "$tmp/tools.json" --tool-choice now --one-call --json -p "What is 2 plus 3?" --seed 1
    out_has "is that tool's" '"content":"","tool_calls":\[{"name":"now","arguments":{}}\]'
    run "no calls" 0 "$hearth" chat --tools "$tmp/tools.json" --tool-choice none --json -p "What is Hearth?" --temp 0
    out_has "are no calls" '"tool_calls":\[\]'
    run "a tool without a terminal" 0 "$hearth" chat --tools "$tmp/tools.json" --tool-choice add --one-call --tool-command "add=$tmp/add.sh" -p "What is 2 plus 3?" --seed 1
    err_has "asks for a yes" "takes a yes"
    if [ -e "$tmp/got" ]; then not_ok "and does not run"; else ok "and does not run"; fi
    run "a tool with --yes" 0 "$hearth" chat --tools "$tmp/tools.json" --tool-choice add --one-call --tool-command "add=$tmp/add.sh" --yes -p "What is 2 plus 3?" --seed 1
    err_has "is told" "^tool: add {"
    if grep -q '"a"' "$tmp/got" 2>/dev/null; then ok "and gets its arguments"; else not_ok "and gets its arguments"; fi
    run "an unknown tool" 1 "$hearth" chat --tools "$tmp/tools.json" --tool-choice subtract -p hi
    err_has "is named" "subtract"
    run "a tool that contradicts itself" 1 sh -c "sed 's/\"maximum\":99/\"maximum\":-1/' '$tmp/tools.json' >'$tmp/bad.json'; '$hearth' chat --tools '$tmp/bad.json' -p hi"
    err_has "is told by its place" "/0/function/parameters/properties/a"
    printf '{"type":"integer","minimum":5,"maximum":3}' >"$tmp/never.json"
    run "a schema that nothing satisfies" 1 "$hearth" chat --schema "$tmp/never.json" -p hi
    err_has "is told, also at its root" "no text can satisfy these constraints, at the root"
    run "tool options without tools" 1 "$hearth" chat --tool-command add=true -p hi
    run "a dialect that is none" 1 "$hearth" chat --dialect klingon -p hi
    run "another dialect" 0 "$hearth" chat --dialect qwen3-coder --tools "$tmp/tools.json" --tool-choice add --one-call -p "2 plus 3" --seed 2
    out_has "is read, too" '^add {"a": *[0-9]*, *"b": *[0-9]*}$'
    # Thoughts: a template that opens one, a budget that closes it, a form behind it.
    printf '{%% for m in messages %%}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{%% endfor %%}<|im_start|>assistant\n{%% if enable_thinking is not defined or enable_thinking %%}<think>\n{%% endif %%}' >"$tmp/think.jinja"
    run "a budget of thoughts" 0 "$hearth" chat --template "$tmp/think.jinja" --reasoning-budget 5 --schema "$tmp/s.json" -p "Fill the form." --seed 3 --stats
    printf '%s' "$(cat "$tmp/out")" >"$tmp/in"
    err_has "is counted" "of thoughts"
    run "and the answer validates" 0 "$hearth" inspect grammar --schema "$tmp/s.json"
    run "no thoughts" 0 "$hearth" chat --template "$tmp/think.jinja" --reasoning off -p "What is Hearth?" --temp 0 --stats
    if grep -q "of thoughts" "$tmp/err"; then not_ok "are none"; else ok "are none"; fi
    run "thoughts of a single answer" 0 "$hearth" chat --template "$tmp/think.jinja" --reasoning-budget 5 -p "What is Hearth?" --temp 0
    if [ "$(sed -n 1p "$tmp/out")" = "<think>" ] && [ "$(grep -c '^</think>$' "$tmp/out")" -eq 1 ]; then
        ok "stand between lines of their own"
    else
        not_ok "stand between lines of their own"
    fi
    run "thoughts as JSON" 0 "$hearth" chat --template "$tmp/think.jinja" --reasoning-budget 5 -p "What is Hearth?" --temp 0 --json
    if grep -q "think" "$tmp/out"; then not_ok "are left out"; else ok "are left out"; fi
    run "rarer samplers" 0 "$hearth" chat -p "Tell me a joke" --seed 5 -n 20 --dry-multiplier 0.8 --xtc-probability 0.5 --mirostat 2
    run "an adapter that is none" 1 "$hearth" chat --lora "$root/assets/hearth-guide.gguf:0.5" -p hi
    err_has "is told by its key" 'general.type'
    printf '{{ raise_exception("no") }}' >"$tmp/no.jinja"
    run "a template that does not render" 1 "$hearth" chat --template "$tmp/no.jinja" -p hi
    err_has "says why" "no"
    ("$hearth" chat -p "What is Hearth?" --temp 0; echo $? >"$tmp/code") 2>"$tmp/err" | head -c 1 >"$tmp/out"
    if [ "$(cat "$tmp/code")" -le 1 ]; then ok "a closed pipe"; else not_ok "a closed pipe"; fi
    # The interactive conversation, on a terminal of its own; script(1) is part of every Debian.
    if command -v script >/dev/null 2>&1; then
        { sleep 1; printf 'What is Hearth?\n'; sleep 2; printf '/stats\n'; sleep 1; printf '/save %s/talk.md\n' "$tmp"
          sleep 1; printf '/hepl\n'; sleep 1; printf '/exit\n'; sleep 1; } |
            TERM=xterm timeout 60 script -qec "$hearth chat --temp 0" /dev/null >"$tmp/out" 2>"$tmp/err"
        out_has "a conversation greets" "/help lists commands"
        out_has "answers" "Hearth"
        out_has "counts" "tokens/second"
        out_has "suggests commands" "did you mean /help"
        if grep -q '^## assistant' "$tmp/talk.md"; then ok "and saves"; else not_ok "and saves"; fi
        if grep -q 'What is Hearth' "$HEARTH_HOME/history"; then ok "remembers"; else not_ok "remembers"; fi
        printf 'leak:wcsdup\n' >"$tmp/lsan" # libedit forgets the name that it keeps of a key's function
        mkdir -p "$HEARTH_HOME/models/me/tiny"
        cp "$root/assets/hearth-guide.gguf" "$HEARTH_HOME/models/me/tiny/tiny.gguf"
        # The shell that script(1) starts ($SHELL, else sh) meets each Ctrl-C too; dash would leave by it.
        { sleep 1; printf '/model tin\n'; sleep 1; printf 'What is Hearth?\n'; sleep 2; printf '/reasoning off\n'
          sleep 0.5; printf '/reasoning never\n'; sleep 0.5; printf '/model nothing-like-it\n'; sleep 0.5
          printf '/mod\t\t'; sleep 0.5
          n=0 # the first drops what was typed; a sanitizer takes its time to leave
          while [ $n -lt 40 ] && ! grep -q '^code' "$tmp/out"; do printf '\003'; sleep 1; n=$((n + 1)); done; } 2>/dev/null |
            TERM=xterm LSAN_OPTIONS="suppressions=$tmp/lsan:print_suppressions=0" timeout 60 \
                script -qefc "trap : INT; $hearth chat --temp 0; echo code \$?" /dev/null >"$tmp/out" 2>"$tmp/err"
        out_has "another model goes on" "me/tiny.*context 1024"
        out_has "and its name stands above the answer" "me/tiny[^/]*$"
        out_has "reasoning is set" "^Reasoning: off"
        out_has "or refused" "takes auto, on or off"
        out_has "a model that is not there is told" "no model 'nothing-like-it'"
        out_has "Tab lists models" "/model hearth/hearth-guide  "
        out_has "Ctrl-C with nothing typed leaves" "^code 0"
        rm -r "$HEARTH_HOME/models"
        # Lines end at blanks: in 30 columns no line is longer, and joined by blanks it is the same text.
        "$hearth" chat -p "What is Hearth?" --temp 0 </dev/null >"$tmp/first" 2>"$tmp/err"
        TERM=xterm timeout 60 script -qec "stty cols 30; $hearth chat -p 'What is Hearth?' --temp 0" /dev/null \
            </dev/null 2>"$tmp/err" | tr -d '\r' >"$tmp/out"
        if awk 'length($0) > 30 { exit 1 }' "$tmp/out"; then ok "a narrow terminal"; else not_ok "a narrow terminal"; fi
        if [ "$(wc -l <"$tmp/first")" -eq 1 ] && [ "$(wc -l <"$tmp/out")" -gt 2 ] &&
            [ "$(paste -s -d ' ' "$tmp/out")" = "$(cat "$tmp/first")" ]; then
            ok "breaks lines between words, a pipe has one line"
        else
            not_ok "breaks lines between words, a pipe has one line"
        fi
    fi
    run "logits" 0 "$hearth" inspect logits --model hearth-guide --tokens 1,2,3 --out "$tmp/l1" --batch 1
    run "logits in one batch" 0 "$hearth" inspect logits --model hearth-guide --tokens 1,2,3 --out "$tmp/l3"
    if cmp -s "$tmp/l1" "$tmp/l3"; then ok "the same bytes"; else not_ok "the same bytes"; fi
    run "an unwritable place" 1 "$hearth" inspect logits --model hearth-guide --tokens 1 --out "$tmp/none/l"
    err_has "is named" "none/l"
    run "a token out of range" 1 "$hearth" inspect logits --model hearth-guide --tokens 99999999
    run "bench" 0 "$hearth" bench --model hearth-guide -p 32 -n 8 -r 2 --json
    out_has "gives every run" '"tg":{"n":8,"tok_s":\[[0-9.]*,[0-9.]*\]}'
else
    echo "# assets/hearth-guide.gguf is missing: its part is left out"
fi
echo "1..$n"

#!/bin/sh
# Proves: the server's commands as a person or a script meets them: what they print, their exit
# codes, what they leave behind; one daemon per home; a gentle end and a quick one.
# Usage: test_server.sh HEARTH SOURCE-ROOT ASK. Prints TAP.
set -u
hearth=$1
root=$2
ask=$3
tmp=$(mktemp -d)
export HEARTH_HOME="$tmp/home" HOME="$tmp/user" XDG_CONFIG_HOME="$tmp/config"
unset LMS_SERVER_HOST
mkdir -p "$HOME"
n=0
wait_s=60 # for anything: no measure of speed
# A daemon in the background has no standard error: what a sanitizer says of it goes to files.
asan_options=${ASAN_OPTIONS:-} tsan_options=${TSAN_OPTIONS:-}
export ASAN_OPTIONS="$asan_options:log_path=$tmp/said" TSAN_OPTIONS="$tsan_options:log_path=$tmp/said"
pids=""

clean_up() {
    for p in $pids; do kill -9 "$p" 2>/dev/null; done
    for h in "$tmp"/*/run/hearth.pid; do
        [ -s "$h" ] && kill -9 "$(cat "$h")" 2>/dev/null
    done
    rm -rf "$tmp"
}
trap clean_up EXIT
trap 'exit 1' INT TERM

# The report of a sanitizer is part of what a failed test shows.
show() {
    sed 's/^/# /' "$tmp/out" "$tmp/err" 2>/dev/null | head -40
    cat "$HEARTH_HOME"/logs/*.log 2>/dev/null | tail -n 20 | sed 's/^/# log: /'
}
ok() { n=$((n + 1)); echo "ok $n - $1"; }
not_ok() { n=$((n + 1)); echo "not ok $n - $1"; show; }
check() { name=$1; shift; if "$@"; then ok "$name"; else not_ok "$name"; fi; }

# run NAME EXIT-CODE COMMAND...
run() {
    name=$1 want=$2
    shift 2
    "$@" </dev/null >"$tmp/out" 2>"$tmp/err"
    got=$?
    if [ "$got" -eq "$want" ]; then ok "$name"; else not_ok "$name: exit code $got, expected $want"; fi
}
out_has() { if grep -q -- "$2" "$tmp/out"; then ok "$1"; else not_ok "$1: standard output lacks '$2'"; fi; }
out_lacks() { if grep -q -- "$2" "$tmp/out"; then not_ok "$1: standard output has '$2'"; else ok "$1"; fi; }
err_has() { if grep -q -- "$2" "$tmp/err"; then ok "$1"; else not_ok "$1: standard error lacks '$2'"; fi; }
out_is() { if [ "$(cat "$tmp/out")" = "$2" ]; then ok "$1"; else not_ok "$1: not '$2'"; fi; }
silent() { if [ -s "$tmp/out" ]; then not_ok "$1: something on standard output"; else ok "$1"; fi; }
port() { sed -n 's/.*"port":\([0-9]*\).*/\1/p' "$HEARTH_HOME/run/server.json"; }
daemon_pid() { cat "$HEARTH_HOME/run/hearth.pid"; }

# until_true COMMAND...: waits for it
until_true() {
    limit=$(($(date +%s) + wait_s))
    until "$@"; do
        [ "$(date +%s)" -lt $limit ] || return 1
        sleep 0.05
    done
}
file_has() { grep -q -- "$2" "$1" 2>/dev/null; }
gone() { ! kill -0 "$1" 2>/dev/null; }
free_of_models() { [ "$("$hearth" ps --json)" = "[]" ]; }
is_busy() { "$hearth" ps --json | grep -q '"queued":[1-9]'; }

# An answer of many tokens, however fast the machine: a list of truth values, spelled out.
long='{"model":"hearth-guide","max_tokens":1000,"temperature":0,"messages":[{"role":"user","content":"?"}],
"response_format":{"type":"json_schema","json_schema":{"name":"l","schema":{"type":"array",
"items":{"type":"boolean"},"minItems":120,"maxItems":120}}}}'
short='{"model":"hearth-guide","max_tokens":2,"messages":[{"role":"user","content":"Hi"}]}'

# http NAME STATUS ARGUMENTS-OF-ASK...
http() {
    name=$1 want=$2
    shift 2
    "$ask" "$@" >"$tmp/out" 2>"$tmp/err"
    check "$name" file_has "$tmp/out" "^STATUS $want"
}

# ---- help and completion ----
for c in serve ls ps load unload server daemon log key; do
    run "$c --help" 0 "$hearth" $c --help
    out_has "tells how to use it" "Usage: hearth $c"
done
for c in "server start" "server stop" "server status" "daemon up" "daemon down" "daemon status" \
    "daemon install" "log stream" "key create" "key ls" "key rm"; do
    # shellcheck disable=SC2086
    run "$c --help" 0 "$hearth" $c --help
    out_has "tells how to use it" "Usage: hearth $c"
    "$hearth" "${c%% *}" --help | sed -n 's/^  \([a-z-]*\) .*/\1/p' >"$tmp/out" # as completion does
    out_has "its group lists it" "^${c##* }\$"
done
"$hearth" --help | sed -n 's/^  \([a-z-]*\) .*/\1/p' >"$tmp/out"
for c in serve ls ps load unload server daemon log key; do out_has "completion has $c" "^$c\$"; done
out_lacks "but not what nobody types" worker
run "completion of groups" 0 "$hearth" completion bash
out_has "goes a word further" "daemon | help | inspect | key | log | server"
run "completion asks for models" 0 "$hearth" completion models
out_has "and gets them" "^hearth/hearth-guide$"
run "and for what is loaded" 0 "$hearth" completion loaded
silent "which is nothing"
run "a group alone is wrong usage" 1 "$hearth" daemon
run "an unknown word" 1 "$hearth" daemon dwon
err_has "has a near one" "hearth daemon down"

# ---- nothing runs ----
run "daemon status" 0 "$hearth" daemon status --json
out_is "says so" '{"status":"not-running"}'
run "server status" 0 "$hearth" server status --json
out_is "says so" '{"running":false}'
run "server status for people" 0 "$hearth" server status
err_has "says so" "not running"
silent "on standard error alone"
run "daemon down" 1 "$hearth" daemon down
err_has "says so" "no daemon is running"
run "server stop" 1 "$hearth" server stop
run "unload of something" 1 "$hearth" unload x
run "unload --all" 0 "$hearth" unload --all
run "ps" 0 "$hearth" ps
out_has "has a hint" "hearth load"
run "ps --json" 0 "$hearth" ps --json
out_is "is an empty list" '[]'
check "and no daemon was started for that" test ! -e "$HEARTH_HOME/run/hearth.sock"

# ---- up and down ----
run "daemon up" 0 "$hearth" daemon up --json
out_has "says what runs" '^{"status":"running","pid":[0-9]*,"isDaemon":true,"version":"[0-9.]*"}$'
first=$(cat "$tmp/out")
run "daemon up again" 0 "$hearth" daemon up --json
out_is "is the same" "$first"
run "daemon status" 0 "$hearth" daemon status --json
out_is "is the same" "$first"
run "daemon status for people" 0 "$hearth" daemon status
out_has "names the pid" "PID $(daemon_pid)"
run "its port is closed" 0 "$hearth" server status --json
out_is "says so" '{"running":false}'
run "serve in the same home" 1 "$hearth" serve --port 0
err_has "names the other" "a daemon with pid $(daemon_pid) is running"
run "daemon down" 0 "$hearth" daemon down
err_has "says when it is done" "has ended"
check "pid and socket are removed" test ! -e "$HEARTH_HOME/run/hearth.pid" -a ! -e "$HEARTH_HOME/run/hearth.sock"
run "daemon down again" 1 "$hearth" daemon down
"$hearth" daemon up --json >"$tmp/1" 2>&1 &
a=$!
"$hearth" daemon up --json >"$tmp/2" 2>&1 &
b=$!
"$hearth" server status >"$tmp/3" 2>&1
wait $a && wait $b
check "three at once start one daemon" cmp -s "$tmp/1" "$tmp/2"
run "daemon install --print" 0 "$hearth" daemon install --print
out_has "is a unit" '^ExecStart=".*hearth" serve$'
out_has "of this home" "^Environment=\"HEARTH_HOME=$HEARTH_HOME\"\$"
check "and writes nothing" test ! -e "$XDG_CONFIG_HOME"
run "daemon install" 0 "$hearth" daemon install
err_has "names the next command" "systemctl --user"
check "writes the unit" test -s "$XDG_CONFIG_HOME/systemd/user/hearth.service"

# ---- the port ----
printf '{"mine":{"kept":[1,2.5,"x"]},"models":{"jitTtlSeconds":600}}' >"$HEARTH_HOME/config.json"
run "server start" 0 "$hearth" server start --port 0
err_has "names the port" "listens on port $(port)"
p=$(port)
check "server.json has pid" file_has "$HEARTH_HOME/run/server.json" "\"pid\":$(daemon_pid)"
run "server status" 0 "$hearth" server status --json
out_is "is what programs read" "{\"running\":true,\"port\":$p}"
http "health" 200 "$p" GET /health
run "server start again" 0 "$hearth" server start
check "changes nothing" test "$(port)" = "$p"
check "no port was asked for by number, so none is kept" file_has "$HEARTH_HOME/config.json" '^{"mine"'
run "another home" 0 env HEARTH_HOME="$tmp/other" "$hearth" daemon up
run "its server on a port in use" 1 env HEARTH_HOME="$tmp/other" "$hearth" server start --port "$p"
err_has "says which" "$p"
run "its server elsewhere" 0 env HEARTH_HOME="$tmp/other" "$hearth" server start --port 0
q=$(sed -n 's/.*"port":\([0-9]*\).*/\1/p' "$tmp/other/run/server.json")
run "moving to a port in use" 1 "$hearth" server start --port "$q"
run "leaves it where it was" 0 "$hearth" server status --json
out_is "still open" "{\"running\":true,\"port\":$p}"
http "and answering" 200 "$p" GET /health
run "the other home's daemon ends" 0 env HEARTH_HOME="$tmp/other" "$hearth" daemon down
run "now the port can be had" 0 "$hearth" server start --port "$q"
check "and is used" test "$(port)" = "$q"
check "the file says so, and keeps what it does not know" file_has "$HEARTH_HOME/config.json" '"mine":{"kept":\[1,2.5,"x"\]}'
run "server stop" 0 "$hearth" server stop
err_has "names the port" "port $q is stopped"
check "server.json is removed" test ! -e "$HEARTH_HOME/run/server.json"
run "server stop again" 1 "$hearth" server stop
run "server start" 0 "$hearth" server start
check "takes the last port" test "$(port)" = "$q"
run "a port that is none" 1 "$hearth" server start --port 65536
run "beyond this machine without a key" 1 "$hearth" server start --bind 0.0.0.0
err_has "warns" "warning: other machines can reach"
err_has "and says what to do" "hearth key create"
run "an address that is none" 1 env LMS_SERVER_HOST=300.1.1.1 "$hearth" server start
run "the address of a variable" 0 env LMS_SERVER_HOST=127.0.0.2 "$hearth" server start
check "is used" file_has "$HEARTH_HOME/run/server.json" '"host":"127.0.0.2"'
run "server start --cors" 0 "$hearth" server start --bind 127.0.0.1 --cors
err_has "warns" "any web page"
http "any page may read" 200 "$(port)" GET /v1/models "" "Origin: https://evil.example"
out_has "by this header" "Access-Control-Allow-Origin"

# ---- killed, and back again ----
kill -9 "$(daemon_pid)"
until_true gone "$(daemon_pid)"
check "a killed daemon leaves its files" test -S "$HEARTH_HOME/run/hearth.sock" -a -s "$HEARTH_HOME/run/server.json"
run "status knows better" 0 "$hearth" daemon status --json
out_is "it does not run" '{"status":"not-running"}'
run "up in spite of them" 0 "$hearth" daemon up
run "server start" 0 "$hearth" server start
check "on the port of before" test "$(port)" = "$q"
p=$(port)

# ---- models on disk ----
run "ls" 0 "$hearth" ls
out_has "counts" "models on disk, .* in total"
out_has "has headings" "^LLM  *PARAMS  *ARCH  *SIZE  *DEVICE"
out_has "lists the built-in one" "^hearth/hearth-guide  *[0-9.]*M  *Llama .* Local"
run "ls --json" 0 "$hearth" ls --json
for f in '"type":"llm"' '"modelKey":"hearth/hearth-guide"' '"format":"gguf"' '"displayName":"' '"publisher":"hearth"' \
    '"path":"' '"sizeBytes":[0-9]' '"indexedModelIdentifier":"' '"deviceIdentifier":null' '"paramsString":"' \
    '"architecture":"llama"' '"quantization":{"name":"Q8_0","bits":[0-9.]*}' '"vision":false' \
    '"trainedForToolUse":true' '"maxContextLength":1024'; do
    out_has "with $f" "$f"
done
run "ls --embedding" 0 "$hearth" ls --embedding
out_has "finds none" "No models of this kind"
run "ls --embedding --json" 0 "$hearth" ls --embedding --json
out_is "is an empty list" '[]'
run "ls --llm" 0 "$hearth" ls --llm
out_has "finds some" hearth-guide
run "ls --variants --json without any" 0 "$hearth" ls --variants --json
out_is "is an empty list" '[]'
run "ls of nothing" 1 "$hearth" ls hearth-gide
err_has "has a near one" "did you mean 'hearth/hearth-guide'"
run "ls MODEL --variants" 1 "$hearth" ls hearth-guide --variants

folder="$HEARTH_HOME/models/me/tiny"
mkdir -p "$folder"
cp "$root/assets/hearth-guide.gguf" "$folder/tiny-a.gguf"
cp "$root/assets/hearth-guide-draft.gguf" "$folder/tiny-b.gguf"
run "a model that was put there just now" 0 "$hearth" load me/tiny --identifier fresh
run "is loaded" 0 "$hearth" ps --json
out_has "under its name" '"identifier":"fresh"'
run "ls" 0 "$hearth" ls
out_has "shows that" "^me/tiny (2 variants) .*LOADED"
run "ls MODEL" 0 "$hearth" ls me/tiny
out_has "lists variants" "me/tiny@"
run "ls --variants" 0 "$hearth" ls --variants
out_has "marks the chosen one" "^ \* me/tiny@"
run "ls --variants --json" 0 "$hearth" ls --variants --json
out_has "has both" '^\[{"model":{.*"selectedVariant":"me/tiny@.*},"variants":\[{.*},{.*}\]}\]$'
mkdir -p "$HEARTH_HOME/models/me/torn"
head -c 600000 "$root/assets/hearth-guide.gguf" >"$HEARTH_HOME/models/me/torn/torn.gguf"
run "a damaged file" 1 "$hearth" load me/torn
err_has "says what is wrong" "cut off or not fully downloaded"
err_has "and where it lies" "$HEARTH_HOME/models/me/torn/torn.gguf"
http "a damaged file" "[45]00" "$p" POST /v1/chat/completions \
    '{"model":"me/torn","messages":[{"role":"user","content":"Hi"}]}'
out_has "is called by its name to clients" "me/torn: tensor"
out_lacks "who do not hear where it lies" "$HEARTH_HOME"
run "is named in the list" 0 "$hearth" ls
err_has "with the reason" "torn.gguf cannot be used"
rm -r "$HEARTH_HOME/models"
run "a loaded model outlives its file" 0 "$hearth" unload fresh
http "a model whose file has gone" "[45]0[04]" "$p" POST /v1/chat/completions \
    '{"model":"me/tiny","messages":[{"role":"user","content":"Hi"}]}'
out_has "is an error with a sentence" '"message":"'

# ---- load, ps, unload ----
run "load of nothing" 1 "$hearth" load
run "load of what is not there" 1 "$hearth" load hearth-gide
err_has "has a near one" "did you mean 'hearth/hearth-guide'"
run "load --gpu max" 1 "$hearth" load hearth-guide --gpu max
err_has "says that there is none" "CPU only"
run "load --gpu nonsense" 1 "$hearth" load hearth-guide --gpu nonsense
err_has "says what it takes" "off, max or a number from 0 to 1"
run "load --ttl 0" 1 "$hearth" load hearth-guide --ttl 0
run "load --parallel 0" 1 "$hearth" load hearth-guide --parallel 0
run "load -c with a word" 1 "$hearth" load hearth-guide -c many
run "load --cache-type-k" 1 "$hearth" load hearth-guide --cache-type-k q9
err_has "lists the types" "q8_0"
run "load --estimate-only" 0 "$hearth" load hearth-guide --estimate-only -c 512 --gpu 0
for w in "^Model: hearth/hearth-guide" "^Context Length: 512" "^Estimated Total Memory: .*iB" "fits the current guardrail"; do
    err_has "says $w" "$w"
done
check "and loads nothing" free_of_models
run "load" 0 "$hearth" load hearth-guide --gpu off -y
err_has "says how to name it" 'identifier "hearth/hearth-guide"'
silent "on standard error alone"
run "unload" 0 "$hearth" unload
run "load by its letters" 0 "$hearth" load hearthguide-draft
err_has "says for what it took them" "^note: 'hearthguide-draft' is taken for hearth/hearth-guide-draft"
run "unload" 0 "$hearth" unload
run "load" 0 "$hearth" load hearth-guide
run "load again" 0 "$hearth" load hearth-guide -c 256 --parallel 2 --ttl 600 --cache-type-k q8_0 --batch 64 -t 1
err_has "is another instance" 'identifier "hearth/hearth-guide:2"'
run "load under a name" 0 "$hearth" load hearth-guide --identifier mine
run "load under a name in use" 1 "$hearth" load hearth-guide --identifier mine
err_has "says so" "'mine' is in use"
run "ps" 0 "$hearth" ps
out_has "has headings" "^IDENTIFIER  *MODEL  *STATUS  *SIZE  *CONTEXT  *PARALLEL  *DEVICE  *TTL"
out_has "the second as it was asked for" "^hearth/hearth-guide:2  *hearth/hearth-guide  *IDLE .* 256  *2  *Local  *10m / 10m"
run "ps --json" 0 "$hearth" ps --json
for f in '"identifier":"mine"' '"ttlMs":null' '"ttlMs":600000' '"lastUsedTime":null' '"contextLength":256' \
    '"status":"idle"' '"queued":0' '"parallel":2' '"modelKey":"hearth/hearth-guide"' '"sizeBytes":[0-9]'; do
    out_has "with $f" "$f"
done
run "a context that it was not made for" 0 "$hearth" load hearth-guide --identifier wide -c 5000
err_has "is said to be cut" "context of 1,024 tokens at most: taking that, not 5,000"
run "and is cut" 0 "$hearth" ps
out_has "to what it was made for" "^wide .* 1024  "
run "unload" 0 "$hearth" unload wide
run "its estimate" 0 "$hearth" load hearth-guide --estimate-only -c 5000
err_has "says so, too" "taking that"
http "what the engine is told to take" 200 "$HEARTH_HOME/run/hearth.sock" POST /hearth/estimate \
    '{"model":"hearth-guide","contextLength":5000}'
out_has "is what is estimated" '"contextLength":5000'
run "load --json" 0 "$hearth" load hearth-guide --identifier j --json
out_has "prints the instance" '^{"type":"llm",.*"identifier":"j".*}$'
run "load --estimate-only --json" 0 "$hearth" load hearth-guide --estimate-only --json
out_has "prints the estimate" '^{"contextLength":1024,.*"fits":true}$'
run "unload" 0 "$hearth" unload j
run "load --exact" 0 "$hearth" load hearth-guide --exact --identifier exact
run "unload" 0 "$hearth" unload exact
run "load --exact of a part" 1 "$hearth" load guide --exact
err_has "finds none" "no model's file is 'guide'"
run "load --exact of nothing" 1 "$hearth" load --exact
for o in draft-mtp draft-simple "draft-model x" "draft-max-tokens 3" "draft-min-tokens 1" \
    "draft-min-continue-probability 0.5"; do
    # shellcheck disable=SC2086
    run "load --speculative-$o" 1 "$hearth" load hearth-guide --speculative-$o
    err_has "is refused by name" "speculative-${o%% *}: this version drafts no tokens"
done
run "load --no-speculative-draft-mtp" 0 "$hearth" load hearth-guide --no-speculative-draft-mtp --local --identifier plain
run "unload" 0 "$hearth" unload plain

# at a terminal of its own: a list, narrowed by typing, walked through by arrows
at_terminal() { # NAME KEYS COMMAND: standard output and error together in $tmp/out
    # shellcheck disable=SC2059
    { sleep 1; printf "$2"; sleep 2; } |
        TERM=xterm timeout 60 script -qec "$3" /dev/null >"$tmp/out" 2>"$tmp/err"
    ok "$1"
}
if command -v script >/dev/null 2>&1; then
    at_terminal "load with a list" 'gude\033[B\r' "$hearth load --identifier picked"
    out_has "asks" "Which model?"
    out_has "and loads" 'identifier "picked"'
    run "what was chosen" 0 "$hearth" ps --json
    out_has "is the second that fits" '"modelKey":"hearth/hearth-guide-draft",.*"identifier":"picked"'
    at_terminal "unload with a list" '\033[A\r' "$hearth unload"
    out_has "asks" "Unload which?"
    out_has "and unloads the last" "Unloaded picked"
    at_terminal "a list that is left" '\003' "$hearth load; echo code \$?"
    out_has "loads nothing" "no model was chosen"
    out_has "and fails" "code 1"
fi

run "unload of several" 1 "$hearth" unload
err_has "wants a name" "name one"
run "unload of what is not loaded" 1 "$hearth" unload yours
run "unload NAME --all" 1 "$hearth" unload mine --all
run "unload" 0 "$hearth" unload mine
err_has "says so" "Unloaded mine"
run "unload --all" 0 "$hearth" unload --all
err_has "counts" "^2 unloaded"
until_true free_of_models
run "unload without a name" 1 "$hearth" unload
run "unload --all of none" 0 "$hearth" unload --all
run "load for a moment" 0 "$hearth" load hearth-guide --ttl 1
run "unload without a name" 0 "$hearth" unload
run "load for a moment" 0 "$hearth" load hearth-guide --ttl 1 --identifier brief
check "is over after it" until_true free_of_models
run "load" 0 "$hearth" load hearth-guide
run "completion of what is loaded" 0 "$hearth" completion loaded
out_is "is its identifier" hearth/hearth-guide
run "unload" 0 "$hearth" unload

# ---- chat, answered by the daemon ----
run "chat without a loaded model" 0 "$hearth" chat -p "What is Hearth?" --temp 0
cp "$tmp/out" "$tmp/first"
check "loads none" free_of_models
run "chat MODEL" 0 "$hearth" chat hearth-guide -p "What is Hearth?" --temp 0 --stats --ttl 600
check "answers as without a daemon" cmp -s "$tmp/out" "$tmp/first"
err_has "with statistics" "^tokens/second  *[0-9.]*"
err_has "all of them" "^prompt tokens  *[1-9]"
run "ps" 0 "$hearth" ps
out_has "has it loaded for a while" "^hearth/hearth-guide .*  10m / 10m"
run "chat again" 0 "$hearth" chat HEARTH-guide -p "Hi"
run "with a variant" 0 "$hearth" chat hearth-guide@q8_0 -p "Hi"
run "again" 0 "$hearth" chat hearth-guide@Q8_0 -p "Hi"
run "ps" 0 "$hearth" ps
check "loads nothing twice" test "$(grep -c "^hearth/hearth-guide" "$tmp/out")" -eq 2
out_has "and names the variant" "^hearth/hearth-guide@q8_0 "
run "unload" 0 "$hearth" unload hearth/hearth-guide@q8_0
run "chat without a name" 0 "$hearth" chat -p "What is Hearth?" --json --temp 0
out_has "uses what is loaded" '^{"model":"hearth/hearth-guide","content":"Hearth is'
out_has "and counts" '"stop_reason":"eosFound","tokens_per_second":[0-9.]*,"time_to_first_token":[0-9.]*,"prompt_tokens":[1-9]'
run "load another" 0 "$hearth" load hearth-guide --identifier mine
run "chat without a name" 1 "$hearth" chat -p "Hi"
err_has "which of two" "2 models are loaded: name one"
run "chat with an identifier" 0 "$hearth" chat mine -p "What is Hearth?" -n 3 --json
out_has "is answered by it" '"model":"mine",.*"stop_reason":"maxPredictedTokensReached"'
run "chat with a file" 0 "$hearth" chat "$root/assets/hearth-guide.gguf" -p "What is Hearth?" -n 3
run "chat with a file and a TTL" 1 "$hearth" chat "$root/assets/hearth-guide.gguf" --ttl 5 -p hi
err_has "is refused" "--ttl is for models that the daemon loads"
printf '{"type":"object","properties":{"n":{"type":"integer","minimum":1,"maximum":9}},"required":["n"],"additionalProperties":false}' >"$tmp/s.json"
run "chat --schema" 0 "$hearth" chat mine --schema "$tmp/s.json" -p "Fill the form." --temp 1 --seed 3
out_has "has its form" '^{ *"n": *[1-9]}$'
printf '[{"type":"function","function":{"name":"now","parameters":{"type":"object","properties":{},"additionalProperties":false}}}]' >"$tmp/tools.json"
run "chat --tools" 0 "$hearth" chat mine --tools "$tmp/tools.json" --tool-choice now --one-call -p "What time is it?" --seed 1
out_has "shows the call" '^now {}$'
run "chat --tools --json" 0 "$hearth" chat mine --tools "$tmp/tools.json" --tool-choice now --one-call --json -p "What time is it?" --seed 1
out_has "has it" '"tool_calls":\[{"name":"now","arguments":{}}\]'
run "chat --tool-command" 0 "$hearth" chat mine --tools "$tmp/tools.json" --tool-choice now --one-call --tool-command now=date --yes -p "What time is it?" --seed 1
err_has "runs it and sends the result" "^tool: now {}"
if command -v script >/dev/null 2>&1; then
    printf 'leak:wcsdup\n' >"$tmp/lsan" # libedit forgets the name that it keeps of a key's function
    { sleep 1; printf 'Hi\n'; sleep 2; "$hearth" unload mine 2>/dev/null; printf 'Hi\n'; sleep 1; printf 'y\n'; sleep 3
      printf '/stats\n'; sleep 1; printf '/model hearth/hearth-guide\n'; sleep 1; printf '/exit\n'; sleep 1; } |
        TERM=xterm LSAN_OPTIONS="suppressions=$tmp/lsan:print_suppressions=0" timeout 60 \
            script -qec "$hearth chat mine --temp 0" /dev/null >"$tmp/out" 2>"$tmp/err"
    out_has "a conversation names who answers" "the daemon, context 1024"
    out_has "offers to load what has gone" "mine is no longer loaded. Load it again"
    out_has "counts" "^predicted tokens"
    out_has "and changes models" "hearth/hearth-guide.*the daemon"
    run "ps" 0 "$hearth" ps --json
    out_has "has it back under its name" '"identifier":"mine"'
fi
run "unload" 0 "$hearth" unload --all

# ---- the same over TCP, as for a server elsewhere ----
run "chat --port without a model" 1 "$hearth" chat --port "$p" -p hi
err_has "asks for one" "nothing is loaded at http://127.0.0.1:$p: name a model"
run "chat --port" 0 "$hearth" chat guide-draft --port "$p" -p "What is Hearth?" -n 4 --json
out_has "loads it there" '"model":"hearth/hearth-guide-draft"'
run "chat --port of a slip" 1 "$hearth" chat hearth-gide --port "$p" -p hi
err_has "has a near one" "did you mean"
for o in "context 64" "template t" "grammar g" "lora l" "threads 1" "mirostat 2"; do
    # shellcheck disable=SC2086
    run "chat --port --$o" 1 "$hearth" chat hearth-guide --port "$p" --$o -p hi
    err_has "is for this process" "^error: --${o%% *} is for the engine of this process"
done
run "unload" 0 "$hearth" unload --all
run "ls --port" 0 "$hearth" ls --port "$p"
out_has "lists its models" "^hearth/hearth-guide  *[0-9.]*M  *llama .* 127.0.0.1$"
run "ls --host --json" 0 "$hearth" ls --host localhost --port "$p" --json
out_has "names the device" '"modelKey":"hearth/hearth-guide",.*"deviceIdentifier":"localhost"'
run "ls MODEL --port" 0 "$hearth" ls hearth/hearth-guide --port "$p"
out_has "marks the variant" "^ \* hearth/hearth-guide@"
run "ls of nothing --port" 1 "$hearth" ls nothing --port "$p"
run "load --port" 0 "$hearth" load guide --port "$p" -y --ttl 600 --identifier far -c 4096 --parallel 2 --cache-type-k q8_0
err_has "takes the first" "taking hearth/hearth-guide"
err_has "knows the context" "taking that, not 4,096"
err_has "says where" "on 127.0.0.1"
run "ps --port" 0 "$hearth" ps --port "$p"
out_has "shows it" "^far  *hearth/hearth-guide  *IDLE .* 1024  *2  *127.0.0.1  *10m / 10m"
run "ps --port --json" 0 "$hearth" ps --port "$p" --json
for f in '"identifier":"far"' '"ttlMs":600000' '"contextLength":1024' '"status":"idle"' '"queued":0' '"parallel":2' \
    '"deviceIdentifier":"127.0.0.1"'; do
    out_has "with $f" "$f"
done
run "status --port" 0 "$hearth" status --port "$p"
out_has "names it" "^  far ("
run "status --json" 0 "$hearth" status --json
out_has "is an object" '^{"running":true,"port":[0-9]*,"models":\[{.*"identifier":"far".*}\]}$'
run "load of a near one --port" 1 "$hearth" load hearth-gude --port "$p" </dev/null
run "load of what is not there --port" 1 "$hearth" load hearth-guidance --port "$p"
err_has "has a near one" "did you mean"
run "load --threads --port" 1 "$hearth" load hearth-guide --threads 1 --port "$p"
err_has "is refused by name" "^error: --threads is for models of this machine"
run "unload --port" 0 "$hearth" unload far --port "$p"
run "unload of what is not there --port" 1 "$hearth" unload far --port "$p"
err_has "says how to see" "hearth ps"
run "unload --all --port" 0 "$hearth" unload --all --port "$p"
run "nobody there" 1 "$hearth" ps --port 1
err_has "is one sentence" "no server answers at http://127.0.0.1:1"
run "status of nobody" 0 "$hearth" status --port 1
out_has "is off" "^Server: OFF (no server"
run "a host with a scheme" 1 "$hearth" ps --host http://box
run "a host with a port" 1 "$hearth" ps --host box:1234
err_has "says where a port goes" "--port"
run "a port that is none" 1 "$hearth" ps --port 65536
for c in "server status" "daemon status" "log stream" "key ls"; do
    # shellcheck disable=SC2086
    run "$c --host" 1 "$hearth" $c --host box
    err_has "is about this machine" "this machine alone"
done

# Ctrl-C while the daemon does not come to load
kill -STOP "$(daemon_pid)"
"$hearth" load hearth-guide --identifier never </dev/null >"$tmp/out" 2>"$tmp/err" &
l=$!
pids="$pids $l"
sleep 0.5
interrupted() { kill -INT "$1" 2>/dev/null; gone "$1"; } # a slow start has not yet begun to listen
until_true interrupted $l
kill -CONT "$(daemon_pid)"
wait $l
check "Ctrl-C ends a load with exit code 1" test $? -eq 1
err_has "and a word" "cancelled"
check "and the daemon forgets it" until_true free_of_models

# ---- log ----
follow() { # OPTIONS...: into $tmp/log
    "$hearth" log stream "$@" </dev/null >"$tmp/log" 2>"$tmp/logerr" &
    f=$!
    pids="$pids $f"
    until_true file_has "$tmp/logerr" Following
    sleep 0.3
}
# Following begins a moment after it was announced: on a busy machine a question comes too early.
poke() { file_has "$tmp/log" "$1" || { "$ask" "$p" POST /v1/chat/completions "$short" >/dev/null 2>&1; file_has "$tmp/log" "$1"; }; }
stop_following() { # WORD that must come first
    until_true poke "$1"
    cp "$tmp/log" "$tmp/out"
    out_has "the log has $1" "$1"
    kill -INT $f
    until_true gone $f
    wait $f
    check "and its end is no failure" test $? -eq 0
}
run "log stream --filter of another source" 1 "$hearth" log stream --source server --filter input
run "log stream --stats of another source" 1 "$hearth" log stream --source runtime --stats
run "log stream --filter nonsense" 1 "$hearth" log stream --filter output,input,x
follow --json --stats
http "chat" 200 "$p" POST /v1/chat/completions "$short"
stop_following '"llm.prediction.output"'
out_has "after the prompt" '"timestamp":[0-9]*,"data":{"type":"llm.prediction.input"'
out_has "with model" '"modelIdentifier":"hearth/hearth-guide"'
out_has "with statistics" '"stopReason":"maxPredictedTokensReached"'
follow --filter input
http "chat" 200 "$p" POST /v1/chat/completions "$short"
stop_following "^type: llm.prediction.input"
out_has "the whole prompt" "^input:"
sleep 0.2
out_lacks "no answers" "prediction.output"
follow --filter output --stats
http "chat" 200 "$p" POST /v1/chat/completions "$short"
stop_following "^totalTokensCount: [0-9]"
out_lacks "no prompts" "prediction.input"
follow --source server
http "chat" 200 "$p" POST /v1/chat/completions "$short"
stop_following "POST /v1/chat/completions 200"
out_lacks "and no prompts" "role"
follow --source runtime --json
run "load" 0 "$hearth" load hearth-guide --identifier logged
run "unload" 0 "$hearth" unload logged
follow_pid=$f
kill -INT $follow_pid
until_true gone $follow_pid
wait $follow_pid
check "the runtime's log ends well too" test $? -eq 0

http "the list of models" 200 "$(port)" GET /v1/models
out_lacks "knows since when the built-in ones are there" '"created":0'

# ---- keys ----
run "key ls" 0 "$hearth" key ls
out_has "of none" "no keys"
run "key ls --json" 0 "$hearth" key ls --json
out_is "is an empty list" '[]'
run "key create with an unknown scope" 1 "$hearth" key create x --scope all
err_has "lists them" "models.load"
run "key create" 0 "$hearth" key create reader --scope models.read
reader=$(cat "$tmp/out")
out_has "prints the key alone" "^sk-[^ ]*$"
run "key create" 0 "$hearth" key create asker --scope inference
asker=$(cat "$tmp/out")
run "key create" 0 "$hearth" key create loader --scope models.load --scope models.read
loader=$(cat "$tmp/out")
run "key create without a scope" 0 "$hearth" key create
err_has "says what changes" "from now on the server wants a key"
run "key create --json" 0 "$hearth" key create --json asJson
out_has "has the secret" '"key":"sk-'
run "key ls" 0 "$hearth" key ls
out_has "names scopes" "reader  *models.read"
out_has "as they are without" "inference models.read"
out_lacks "no secrets" "sk-"
id=$(sed -n 's/^\([^ ]*\)  *reader .*/\1/p' "$tmp/out")
http "no key" 401 "$p" GET /v1/models
out_has "OpenAI's shape" '"error":{"message":'
http "no key" 401 "$p" POST /v1/messages '{}'
out_has "Anthropic's shape" '"type":"error","error":{"type":"authentication_error"'
http "no key" 401 "$p" GET /api/v1/models
http "a wrong key" 401 "$p" GET /v1/models "" "Authorization: Bearer sk-lm-00000000:00000000000000000000"
http "reader reads" 200 "$p" GET /v1/models "" "Authorization: Bearer $reader"
http "reader reads, by the other header" 200 "$p" GET /v1/models "" "x-api-key: $reader"
http "reader does not ask" 403 "$p" POST /v1/chat/completions "$short" "Authorization: Bearer $reader"
http "reader does not ask" 403 "$p" POST /v1/messages '{}' "x-api-key: $reader"
out_has "Anthropic's shape" '"type":"permission_error"'
http "reader does not load" 403 "$p" POST /api/v1/models/load '{"model":"hearth-guide"}' "Authorization: Bearer $reader"
http "asker asks" 200 "$p" POST /v1/chat/completions "$short" "Authorization: Bearer $asker"
http "asker does not read" 403 "$p" GET /v1/models "" "Authorization: Bearer $asker"
http "loader loads" 200 "$p" POST /api/v1/models/load '{"model":"hearth-guide"}' "Authorization: Bearer $loader"
http "health is open" 200 "$p" GET /health
http "control is not for keys" 404 "$p" GET /hearth/status "" "Authorization: Bearer $loader"
run "ps --port without a key" 1 "$hearth" ps --port "$p"
err_has "says where it goes" "HEARTH_API_KEY should hold"
run "ps --port with a wrong key" 1 env HEARTH_API_KEY=sk-none "$hearth" ps --port "$p"
err_has "says whose fault it is" "to this HEARTH_API_KEY"
run "ps --port with a key" 0 env HEARTH_API_KEY="$reader" "$hearth" ps --port "$p" --json
run "or in the other variable" 0 env LM_API_TOKEN="$reader" "$hearth" ls --port "$p" --json
run "unload --port with a key that may not" 1 env HEARTH_API_KEY="$reader" "$hearth" unload x --port "$p"
http "the socket needs none" 200 "$HEARTH_HOME/run/hearth.sock" GET /v1/models
run "key rm" 0 "$hearth" key rm "$id"
http "a deleted key" 401 "$p" GET /v1/models "" "Authorization: Bearer $reader"
run "key rm again" 1 "$hearth" key rm "$id"
run "key rm of a path" 1 "$hearth" key rm ../x
run "with a key, beyond this machine" 0 "$hearth" server start --bind 0.0.0.0 --port 0
http "with the key" 200 "$(port)" POST /v1/chat/completions "$short" "Authorization: Bearer $asker"
http "not without" 401 "$(port)" GET /v1/models
run "daemon down" 0 "$hearth" daemon down
head -c 8192 /dev/urandom >"$HEARTH_HOME/hearth.db"
rm -f "$HEARTH_HOME/hearth.db-wal" "$HEARTH_HOME/hearth.db-shm"
run "with a database that is noise" 0 "$hearth" server start --bind 127.0.0.1 --port 0
http "lost keys do not open the server" 401 "$(port)" GET /v1/models
out_has "and the answer says so" "keys were lost"
run "server status" 0 "$hearth" server status
err_has "says so" "hearth key create"
run "daemon down" 0 "$hearth" daemon down
run "the next start" 0 "$hearth" server start --port 0
http "does not open it either" 401 "$(port)" GET /v1/models
run "key ls" 0 "$hearth" key ls
out_has "says why" "lost"
run "the log" 0 grep -q "keys may have been lost" "$HEARTH_HOME"/logs/*.log
run "key create" 0 "$hearth" key create again
again=$(cat "$tmp/out")
http "makes it answer" 200 "$(port)" GET /v1/models "" "Authorization: Bearer $again"
id=${again#sk-lm-}
run "key rm" 0 "$hearth" key rm "${id%%:*}"
http "without any key it is open again" 200 "$(port)" GET /v1/models
run "server status" 0 "$hearth" server status
check "has nothing more to say" test "$(wc -l <"$tmp/err")" -eq 1
run "daemon down" 0 "$hearth" daemon down
check "the configuration stays" test -s "$HEARTH_HOME/config.json"
check "server.json does not" test ! -e "$HEARTH_HOME/run/server.json"

# ---- in the foreground ----
ASAN_OPTIONS=$asan_options TSAN_OPTIONS=$tsan_options
export HEARTH_HOME="$tmp/front"
serve() {
    "$hearth" serve --port 0 "$@" </dev/null >"$tmp/served" 2>&1 &
    s=$!
    pids="$pids $s"
    until_true file_has "$tmp/served" "serves on"
    "$hearth" load hearth-guide 2>"$tmp/err" # so that it is no load that is cut short
}
served() {
    wait $s
    check "$1" test $? -eq 0
    grep -A 100 -E "Sanitizer|runtime error:" "$tmp/served" >>"$tmp/said.served"
}
ask_long() {
    "$ask" "$(port)" POST /v1/chat/completions "$long" >"$tmp/answer" 2>"$tmp/err" &
    a=$!
    pids="$pids $a"
    until_true is_busy
}
run "an argument of serve" 1 "$hearth" serve now
run "a port that is none" 1 "$hearth" serve --port -1
run "beyond this machine without a key" 1 "$hearth" serve --bind 0.0.0.0 --port 0
err_has "says what to do" "hearth key create"
check "and leaves nothing running" test ! -e "$HEARTH_HOME/run/hearth.pid"
printf '{"server":{"port":"many"}}' >"$HEARTH_HOME/config.json"
run "a mistake in config.json" 1 "$hearth" serve
err_has "is named" "server.port"
rm "$HEARTH_HOME/config.json"
serve --verbose
check "serve says where" file_has "$tmp/served" "http://127.0.0.1:$(port)"
ask_long
kill -TERM $s
wait $a
cp "$tmp/answer" "$tmp/out"
out_has "told to end, it ends its answers first" 'content":"\[.*\]","tool_calls":.*"finish_reason":"stop"'
served "and then well"
check "server.json is removed" test ! -e "$HEARTH_HOME/run/server.json"
serve
ask_long
kill -TERM $s
until_true file_has "$tmp/served" "ending after"
kill -TERM $s
until_true gone $s
served "told twice, it ends at once"
wait $a
check "and the answer is cut off or an error" test "$(grep -c 'finish_reason":"stop' "$tmp/answer")" -eq 0
deep="$tmp/$(printf '%0120d' 0)"
run "a home too deep for a socket" 1 env HEARTH_HOME="$deep" "$hearth" serve --port 0
err_has "is refused with the reason" "socket\|long"
find "$tmp" -maxdepth 1 -name 'said*' -size +0 -exec cat {} + >"$tmp/out"
silent "no sanitizer had anything to say"
echo "1..$n"

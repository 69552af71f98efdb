# The part of tools/tidy that reads C files line by line. Prints one finding a line.
#
# Variables given by the caller: tiers, allow (paths of lists), arch_names (words with | between).
# A line is looked at twice: as it stands (width, blanks) and without comments and the contents of
# literals (everything about code). The formatter puts a function's braces alone into column 1.

function finding(text) { finding_at(FNR, text) }

function finding_at(line, text) { print file ":" line ": " text }

function load_lists(   line, part) {
    while ((getline line < tiers) > 0) {
        split(line, part, " ")
        if (part[1] ~ /^[0-9]+$/) tier[part[2]] = part[1]
    }
    while ((getline line < allow) > 0) {
        split(line, part, " ")
        if (part[1] == "file" || part[1] == "function") allowed[part[1] " " part[2]] = part[3]
    }
}

# The line without comments; literals keep their quotes only. Remembers an open comment.
function code_of(line,   out, at, rest, quote, n) {
    out = ""
    rest = line
    while (rest != "") {
        if (in_comment) {
            at = index(rest, "*/")
            if (at == 0) return out
            rest = substr(rest, at + 2)
            in_comment = 0
            continue
        }
        at = match(rest, /\/\*|\/\/|"|'/)
        if (at == 0) return out rest
        out = out substr(rest, 1, at - 1)
        if (substr(rest, at, 2) == "//") return out
        if (substr(rest, at, 2) == "/*") {
            in_comment = 1
            rest = substr(rest, at + 2)
            continue
        }
        quote = substr(rest, at, 1)
        rest = substr(rest, at + 1)
        n = 1
        while (n <= length(rest) && substr(rest, n, 1) != quote)
            n += substr(rest, n, 1) == "\\" ? 2 : 1
        out = out quote quote
        rest = substr(rest, n + 1)
    }
    return out
}

function check_limit(kind, name, n, limit, what, line,   key) {
    key = kind " " name
    if (key in allowed) {
        used[key] = 1
        if (n <= limit) print allow ": " key " is no longer needed"
        limit = allowed[key] > limit ? allowed[key] : limit
    }
    if (n > limit) finding_at(line, what " has " n " lines, limit " limit)
}

function end_of_file(   limit) {
    if (file == "") return
    if (is_generated) return
    limit = file ~ /\.h$/ ? 400 : 1200
    check_limit("file", file, n_lines, limit, "the file", n_lines)
    if (!has_intro) finding_at(1, "the file does not start with a comment on what it owns")
}

function start_of_file() {
    file = FILENAME
    in_comment = 0; in_function = 0; head = ""; has_intro = 0; depth = 0
    paragraph_comment = 0; before_comment = 0; n_undocumented = 0
    is_generated = file ~ /_gen\.[ch]$/
    is_test = file !~ /^src\//
    room = file; sub(/^src\//, "", room); sub(/\/.*/, "", room)
    if (!is_test && !(room in tier)) finding("room " room " is not in docs/tiers")
}

function check_include(line,   name, to) {
    if (line ~ /^#include </) {
        name = line; sub(/^#include </, "", name); sub(/>.*/, "", name)
        check_system_header(name)
        return
    }
    name = line; sub(/^#include "/, "", name); sub(/".*/, "", name)
    if (is_test || name == "config.h") return
    if (name !~ /\//) { finding("include \"" name "\" by its room: \"" room "/" name "\""); return }
    to = name; sub(/\/.*/, "", to)
    if (to == room) return
    if (!(to in tier)) finding("room " to " is not in docs/tiers")
    else if (tier[to] >= tier[room])
        finding(room " (tier " tier[room] ") may not include " to " (tier " tier[to] ")")
    if (name ~ /_int\.h$/) finding(name " is internal to " to)
}

# A library or the system behind one door: header pattern, and the files that may include it.
function check_system_header(name) {
    if (is_test) return
    if (name == "jansson.h") door(name, "src/base/json.c")
    if (name == "microhttpd.h") door(name, "src/serve/http_mhd.c")
    if (name == "sqlite3.h") door(name, "src/store/db.c")
    if (name ~ /^curl\//) door(name, "src/os/fetch.c")
    if (name == "seccomp.h") door(name, "src/os/sandbox.c")
    if (name == "pcre2.h" && room != "text") door(name, "one file of src/text")
    if (name ~ /^(histedit|editline\/|readline\/)/ && room != "cli") door(name, "one file of src/cli")
    if (name ~ /^(.*intrin|x86gprintrin)\.h$/ && file !~ /^src\/compute\/cpu\/x86\//)
        finding("<" name "> belongs into src/compute/cpu/x86/")
    if (name ~ /^arm_/ && file !~ /^src\/compute\/cpu\/arm\//)
        finding("<" name "> belongs into src/compute/cpu/arm/")
    if (name ~ /^(pthread|unistd|fcntl|signal|poll|sched|dirent|dlfcn|termios|cpuid|sys\/.*|linux\/.*)(\.h)?$/ && room != "os")
        finding("<" name "> belongs into src/os/: only that room knows the system")
    if (name ~ /^(pcre2|histedit|editline)/) {
        if ((name in first_user) && first_user[name] != file)
            finding("<" name "> is already the business of " first_user[name])
        first_user[name] = file
    }
}

function door(name, where) {
    if (file != where) finding("<" name "> may be included by " where " only")
}

function check_calls(code) {
    if (match(code, /(^|[^A-Za-z0-9_])(v?sprintf|strcpy|strcat|strtok|atoi|gets|alloca)[ ]*\(/))
        finding("banned: " call_name(code))
    if (!is_test && file != "src/base/mem.c" &&
        match(code, /(^|[^A-Za-z0-9_.>])(malloc|calloc|realloc|free|strdup|strndup)[ ]*\(/))
        finding("banned outside src/base/mem.c: " call_name(code))
    if (!is_test && room != "os" && match(code, /(^|[^A-Za-z0-9_])(fopen|fdopen|freopen|popen|system)[ ]*\(/))
        finding("banned outside src/os: " call_name(code))
}

function call_name(code,   s) {
    s = substr(code, RSTART, RLENGTH)
    gsub(/[^A-Za-z0-9_]/, "", s)
    return s
}

# Quoted names of architectures. Tokenizers have names of their own, some of them the same words.
function check_arch(line) {
    if (arch_names == "" || is_test || room == "text" || file ~ /^src\/model\/arch[^\/]*\.c$/) return
    if (line ~ ("\"(" arch_names ")\"") && match(line, "\"(" arch_names ")\""))
        finding("architecture " substr(line, RSTART, RLENGTH) " named outside src/model/arch*.c")
}

# Function extents: from "{" to "}" in column 1; lines with code between them count.
function check_function(code,   name) {
    if (code == "{" && head ~ /\(/) {
        in_function = 1; n_code = 0
        name = head; sub(/\(.*/, "", name); sub(/[ ]+$/, "", name); sub(/.*[^A-Za-z0-9_]/, "", name)
        function_name = name
    } else if (code ~ /^}/ && in_function) {
        in_function = 0
        if (!is_generated)
            check_limit("function", file ":" function_name, n_code, 70, function_name, FNR)
    } else if (in_function && code !~ /^[ \t]*$/) {
        n_code++
    }
    if (in_function || code ~ /^[#}]/ || code ~ /;[ ]*$/ || code ~ /^[ \t]*$/) head = ""
    else head = head " " code
}

# A room's own headers: every function stands in a paragraph with a comment, or right below one.
# Headers in folders below the room, internal ones, and small inline helpers are left to the reader.
function check_header(line, code, was_comment) {
    if (line ~ /^[ \t]*$/) {
        before_comment = paragraph_comment
        paragraph_comment = 0
        return
    }
    if (was_comment || line ~ /\/\*|\/\//) paragraph_comment = 1
    if (depth == 0 && code ~ /^[a-z].*[a-z0-9_]\(/ && code !~ /^(typedef|static|return)/ &&
        !paragraph_comment && !before_comment)
        finding("public function without a comment")
    depth += gsub(/{/, "{", code) - gsub(/}/, "}", code)
}

BEGIN { load_lists() }

FNR == 1 { end_of_file(); start_of_file() }

{
    n_lines = FNR
    plain = $0
    if (plain ~ /[ \t]$/) finding("trailing blank")
    if (length(plain) > 100 && !is_generated) {
        wide = plain
        gsub(/[\200-\277]/, "", wide) # bytes that continue a character
        if (length(wide) > 100) finding("line of " length(wide) " characters, limit 100")
    }
    if (FNR <= 3 && plain ~ /^(\/\*|\/\/|#)/ && plain !~ /^#(if|in|de)/) has_intro = 1
    was_comment = in_comment
    code = code_of(plain)
    sub(/[ \t]+$/, "", code)
    if (plain ~ /^#include/ && !was_comment) check_include(plain)
    check_calls(code)
    if (code ~ /""/) check_arch(plain)
    check_function(code)
    if (file ~ /^src\/[^\/]*\/[^\/]*\.h$/ && file !~ /_int\.h$/) check_header(plain, code, was_comment)
}

END {
    end_of_file()
    for (key in allowed) {
        if (!(key in used)) print allow ": nothing is called " key
    }
}

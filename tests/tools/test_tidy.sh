#!/bin/sh
# Proves: tools/tidy says nothing about a clean tree, and finds each kind of violation seeded alone.
# Prints TAP. The first argument is the repository's root.
set -u

root=$1
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
n=0
status=0

# A fresh clean tree: two rooms, a header, a table of architectures.
clean() {
    rm -rf "${tree:?}"/*
    mkdir -p "$tree/src/base" "$tree/src/os" "$tree/src/model" "$tree/docs" "$tree/tools"
    cp "$root/docs/tiers" "$tree/docs/tiers"
    cp "$root/.clang-format" "$tree"
    echo '# none' >"$tree/tools/tidy.allow"
    printf "room_src += files('a.c')\n" | tee "$tree/src/base/meson.build" >"$tree/src/os/meson.build"
    printf "room_src += files('arch.c')\n" >"$tree/src/model/meson.build"
    printf '/* Owns a. */\n#include "base/a.h"\n\nint a_sum(int x)\n{\n    return x;\n}\n' >"$tree/src/base/a.c"
    printf '/* The door. */\n#ifndef BASE_A_H\n#define BASE_A_H\n\n/* x itself. */\nint a_sum(int x);\n\n#endif\n' \
        >"$tree/src/base/a.h"
    printf '/* Owns os. */\n#include "base/a.h"\n' >"$tree/src/os/a.c"
    printf '/* Rows. */\nconst struct row rows[] = {\n    { .name = "smolllm" },\n};\n' >"$tree/src/model/arch.c"
}

# expect NAME PATTERN: tidy's answer matches (or is empty for PATTERN -).
expect() {
    n=$((n + 1))
    found=$(sh "$root/tools/tidy" "$tree" 2>&1)
    if [ "$2" = - ]; then [ -z "$found" ]; else printf '%s\n' "$found" | grep -q "$2"; fi
    if [ $? -eq 0 ]; then
        echo "ok $n - $1"
    else
        echo "not ok $n - $1"
        printf '%s\n' "$found" | sed 's/^/# /'
        status=1
    fi
}

lines() { # lines COUNT TEXT
    i=0
    while [ $i -lt "$1" ]; do
        printf '%s\n' "$2"
        i=$((i + 1))
    done
}

# seed FILE TEXT...: a clean tree with lines appended to one file.
seed() {
    clean
    file=$tree/$1
    shift
    printf '%s\n' "$@" >>"$file"
}

clean; expect "a clean tree" -

clean; { printf '\nint long_one(void)\n{\n'; lines 70 '    a_sum(1);'; printf '}\n'; } >>"$tree/src/base/a.c"
expect "70 lines of code are fine" -
clean; { printf '\nint long_one(void)\n{\n'; lines 71 '    a_sum(1);'; printf '}\n'; } >>"$tree/src/base/a.c"
expect "a function of 71 lines" 'base/a.c:82: long_one has 71 lines, limit 70'
echo 'function src/base/a.c:long_one 71' >>"$tree/tools/tidy.allow"
expect "an exception by name" -
clean; { printf '\nint long_one(void)\n{\n'; lines 60 '    a_sum(1);'; lines 30 '    /* why */'; printf '}\n'; } >>"$tree/src/base/a.c"
expect "comments do not count" -
seed tools/tidy.allow 'function src/base/a.c:a_sum 80'
expect "an exception that is not needed" 'no longer needed'
seed tools/tidy.allow 'function src/base/a.c:gone 80'
expect "an exception for nothing" 'nothing is called'
clean; lines 1200 '' >>"$tree/src/base/a.c"; expect "a file of more than 1200 lines" 'the file has 1207 lines'
clean; lines 400 '' >>"$tree/src/base/a.h"; expect "a header of more than 400 lines" 'the file has 408 lines'

seed src/base/a.c '#include "os/a.h"'; expect "an include upwards" 'base (tier 0) may not include os'
seed src/os/a.c '#include "base/b_int.h"'; expect "an internal header of another room" 'internal to base'
seed src/os/a.c '#include "a.h"'; expect "an include without its room" 'by its room'
clean; mkdir "$tree/src/new"; printf '/* Owns. */\n' >"$tree/src/new/a.h"; expect "a room without a tier" 'not in docs/tiers'

seed src/base/a.c '#include <pcre2.h>'; expect "a library outside its wrapper" 'one file of src/text'
seed src/base/a.c '#include <jansson.h>'; expect "JSON's library outside its wrapper" 'base/json.c only'
seed src/base/a.c '#include <immintrin.h>'; expect "intrinsics outside the kernels" 'compute/cpu/x86'
seed src/base/a.c '#include <sys/stat.h>'; expect "a system header outside os" 'only that room knows'

for call in sprintf strcpy strcat strtok atoi gets alloca; do
    seed src/base/a.c "int b = $call(c);"; expect "a call of $call" "banned: $call"
done
seed src/os/a.c 'void *b = malloc(c);'; expect "malloc outside mem.c" 'banned outside src/base/mem.c: malloc'
seed src/base/a.c 'void *b = fopen(c, d);'; expect "fopen outside os" 'banned outside src/os: fopen'
seed src/base/a.c '/* never sprintf(x) */' 'const char *t = "strcpy(x)";'; expect "words in comments and texts" -

seed src/os/a.c 'const char *t = "smolllm";'; expect "an architecture by name" 'smolllm.* named outside'
seed src/base/a.c "/* $(lines 1 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx) */"
expect "a line of more than 100 characters" 'characters, limit 100'
seed src/base/meson.build 'x = 1 '; expect "a trailing blank" 'trailing blank'
seed docs/notes.md "TO""DO: later"; expect "a leftover marker" 'leftover marker'
clean; printf '/* Owns b. */\n' >"$tree/src/base/b.c"; expect "a source that nobody lists" 'no meson.build lists'
seed src/base/a.h '' '' '' 'int b_sum(int x);'; expect "a public function without comment" 'without a comment'
if clang-format --version 2>/dev/null | grep -q 'version 14'; then
    seed src/base/a.c 'int  b;'; expect "a line that the formatter would change" 'clang-format would change'
else
    n=$((n + 1))
    echo "ok $n - a line that the formatter would change # SKIP no clang-format 14"
fi
echo "1..$n"
exit $status

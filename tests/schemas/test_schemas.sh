#!/bin/sh
# Proves: texts that were held to a schema validate, by the judgement of a validator of other origin.
# Usage: test_schemas.sh SCHEMA-LINES SOURCE-ROOT [N-SCHEMA N-BLIND N-MODEL [SEED]]. Prints TAP.
# scripts/setup test installs the validator where npm is there; without it the test is skipped.
set -u
lines=$1
root=$2
here=$root/tests/schemas
model=$root/assets/hearth-guide.gguf

if ! command -v node >/dev/null 2>&1 || [ ! -d "$here/node_modules/ajv" ]; then
    echo "ok 1 # SKIP no node or no validator: scripts/setup test"
    echo "1..1"
    exit 0
fi
if [ ! -f "$model" ]; then
    echo "ok 1 # SKIP assets/hearth-guide.gguf is missing"
    echo "1..1"
    exit 0
fi
log=$(mktemp)
texts=$(mktemp)
trap 'rm -f "$log" "$texts"' EXIT
if "$lines" "$model" "${3:-50}" "${4:-18}" "${5:-2}" "${6:-1}" >"$texts" 2>"$log" &&
    node "$here/check.mjs" <"$texts" >>"$log" 2>&1; then
    echo "ok 1 - every text validates"
else
    echo "not ok 1 - every text validates"
fi
sed 's/^/# /' "$log"
echo "1..1"

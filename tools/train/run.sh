#!/bin/sh
# Train on, export, evaluate: everything between an edited corpus and the files in assets/.
set -eu

usage() {
    cat <<'EOF'
usage: tools/train/run.sh MINUTES [DRAFT_MINUTES]

Trains hearth-guide until MINUTES of work are spent in all (earlier runs counted, see work/guide.pt), the draft
model likewise (a pid goes to $PID_FILE if set), then writes assets/*.gguf, eval.json and tests/e2e/guide-questions.jsonl.
EOF
}

case "${1:-}" in
-h | --help) usage; exit 0 ;;
'') usage >&2; exit 2 ;;
esac
minutes=$1
draft=${2:-10}
python=${PYTHON:-/usr/bin/python3}
cd "$(dirname "$0")"

[ -f work/train.npz ] || "$python" make_corpus.py tokens --count 200000 --seed 61 --drill 0.01
"$python" train.py --minutes "$minutes" ${PID_FILE:+--pid-file "$PID_FILE"}
"$python" train.py --size draft --workers 1 --batch-tokens 2048 --minutes "$draft" \
    --out work/draft.pt --log work/draft.log.jsonl
"$python" export_gguf.py work/guide.pt ../../assets/hearth-guide.gguf
"$python" export_gguf.py --size draft work/draft.pt ../../assets/hearth-guide-draft.gguf
"$python" evaluate.py ../../assets/hearth-guide.gguf --out eval.json --answers work/answers.jsonl
"$python" e2e_questions.py ../../assets/hearth-guide.gguf

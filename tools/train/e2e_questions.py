#!/usr/bin/env python3
"""Write tests/e2e/guide-questions.jsonl: held-out questions that the finished model answers right.

The product's end-to-end tests ask them through the whole program. A question is taken only when the answer is right
with the system message that `hearth chat` sends and with none, and when no token was chosen by a hair: a kernel that
rounds differently must not fail the test.
"""
import argparse
import json
import os
import random
import re

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import torch

import chatml
import evaluate
import make_corpus
from corpus import dialogue

HERE = os.path.dirname(os.path.abspath(__file__))
ESCAPED = re.compile(r'["\\\n]')      # what JSON would escape: the test reads the lines with sed
TAKE = {"hearth": 30, "small talk": 3, "refusal": 3, "passage": 4}


def both_ways(item):
    """The question alone and after the system message that `hearth chat` sends."""
    question = item["messages"][-1]
    return [[question], [{"role": "system", "content": dialogue.DEFAULT_SYSTEM}, question]]


@torch.no_grad()
def lead(messages, text):
    """Smallest lead of a chosen token over the next best: a thin one may fall the other way elsewhere."""
    net, tok = evaluate.STATE["net"], evaluate.STATE["tok"]
    ids, out = tok.encode(chatml.prompt(messages)), tok.encode(text) + [tok.ids["<|im_end|>"]]
    states = net.hidden(torch.tensor([ids + out]))[0, len(ids) - 1:-1]
    top = (states @ net.output.t()).topk(2).values
    return float((top[:, 0] - top[:, 1]).min())


def good_items(path, items):
    """Those answered right both ways and never by a hair."""
    asked = [dict(item, messages=m) for item in items for m in both_ways(item)]
    texts = evaluate.ask_all(path, asked, 2)
    out = []
    for n, item in enumerate(items):
        pairs = [(asked[k]["messages"], texts[k]) for k in (2 * n, 2 * n + 1)]
        if all(evaluate.right(item, t) for _, t in pairs) and min(lead(m, t) for m, t in pairs) > 0.1:
            out.append(item)
    return out


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("model")
    p.add_argument("--out", default=os.path.join(HERE, "../../tests/e2e/guide-questions.jsonl"))
    p.add_argument("--seed", type=int, default=1)
    args = p.parse_args()
    items = [i for i in make_corpus.held_items(args.seed, 2, 12) if i["kind"] in TAKE]
    good = good_items(args.model, items)
    first = [i for i in good if i.get("intent") == "download"][:1]
    random.Random(args.seed).shuffle(good)
    lines, seen = [], set()
    for item in first + good:
        name = item.get("intent") or item["messages"][-1]["content"]
        if name in seen or sum(k == item["kind"] for k, _ in lines) >= TAKE[item["kind"]]:
            continue
        seen.add(name)
        keys = [k for k in item["keys"] if "|" not in k]
        if keys and not ESCAPED.search(" ".join(keys + [item["messages"][-1]["content"]])):
            lines.append((item["kind"], {"prompt": item["messages"][-1]["content"], "must_contain": keys}))
    os.makedirs(os.path.dirname(args.out), exist_ok=True)
    with open(args.out, "w", encoding="utf-8") as f:
        f.writelines(json.dumps(line, ensure_ascii=False) + "\n" for _, line in lines)
    print(f"{args.out}: {len(lines)} questions of {len(good)} possible")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Write tests/e2e/guide-questions.jsonl: held-out questions that the finished model answers right.

The product's end-to-end tests ask them through the whole program. A question is taken only when the answer is right
with the system message that `hearth chat` sends and with none, and when no token was chosen by a hair: a kernel that
rounds differently must not fail the test.
"""
import argparse
import json
import multiprocessing
import os
import random

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import torch

import chatml
import evaluate
import generate
import make_corpus
from corpus import dialogue

HERE = os.path.dirname(os.path.abspath(__file__))
TAKE = {"hearth": 30, "small talk": 3, "refusal": 3, "passage": 4}


@torch.no_grad()
def margin_answer(net, tok, messages):
    """(answer, smallest lead of the chosen token over the next): a thin lead may fall the other way elsewhere."""
    ids = tok.encode(chatml.prompt(messages))
    out = generate.greedy(net, ids, tok.ids["<|im_end|>"])
    states = net.hidden(torch.tensor([ids + out]))[0, len(ids) - 1:]
    top = (states @ net.embed.t()).topk(2).values
    return tok.decode(out), float((top[:, 0] - top[:, 1]).min())


def check(item):
    """The item if it is right both ways with some lead everywhere, else None."""
    question = item["messages"][-1]
    leads = []
    for before in ([], [{"role": "system", "content": dialogue.DEFAULT_SYSTEM}]):
        text, lead = margin_answer(evaluate.STATE["net"], evaluate.STATE["tok"], before + [question])
        if not evaluate.right(item, text):
            return None
        leads.append(lead)
    return item if min(leads) > 0.1 else None


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("model")
    p.add_argument("--out", default=os.path.join(HERE, "../../tests/e2e/guide-questions.jsonl"))
    p.add_argument("--seed", type=int, default=1)
    args = p.parse_args()
    items = [i for i in make_corpus.held_items(args.seed, 2, 60) if i["kind"] in TAKE]
    with multiprocessing.Pool(2, evaluate.start, (args.model,)) as pool:
        good = [i for i in pool.map(check, items, chunksize=4) if i]
    first = [i for i in good if i.get("intent") == "download"][:1]
    random.Random(args.seed).shuffle(good)
    lines, seen = [], set()
    for item in first + good:
        name = item.get("intent") or item["messages"][-1]["content"]
        if name in seen or sum(k == item["kind"] for k, _ in lines) >= TAKE[item["kind"]]:
            continue
        seen.add(name)
        keys = [k for k in item["keys"] if "|" not in k]
        if keys:
            lines.append((item["kind"], {"prompt": item["messages"][-1]["content"], "must_contain": keys}))
    os.makedirs(os.path.dirname(args.out), exist_ok=True)
    with open(args.out, "w", encoding="utf-8") as f:
        f.writelines(json.dumps(line, ensure_ascii=False) + "\n" for _, line in lines)
    print(f"{args.out}: {len(lines)} questions of {len(good)} possible")


if __name__ == "__main__":
    main()

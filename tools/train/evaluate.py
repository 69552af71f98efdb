#!/usr/bin/env python3
"""Accuracy on questions the training never saw, per kind, with greedy decoding.

Near phrasings are templates drawn by a hash from the same lists as those of the training and kept out of it; far ones
were written apart, in other words on purpose. An answer about Hearth is right when it holds every key of its intent ("a|b": one of them); a quotation when the value
is in it; a form or a tool call when the JSON is equal. Writes the figures as JSON; --wrong prints the failures.
"""
import argparse
import collections
import json
import multiprocessing
import os
import re
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import torch

import chatml
import generate
import make_corpus

CALL = re.compile(r"<tool_call>\n(.*?)\n</tool_call>", re.S)
STATE = {}


def same_json(text, wanted):
    try:
        return json.loads(text) == wanted
    except ValueError:
        return False


def holds(text, key):
    """Whether one of the key's alternatives is in the text, whatever the case."""
    low = text.lower()
    return any(k.lower() in low for k in key.split("|"))


def right(item, text):
    if "json" in item:
        return same_json(text, item["json"])
    if "calls" in item:
        found = CALL.findall(text)
        return len(found) == len(item["calls"]) and all(map(same_json, found, item["calls"]))
    return all(holds(text, k) for k in item["keys"])


def group(item):
    """The line of the report on which an item counts: intents apart by how far their wording is from the training's."""
    if item["kind"] not in ("hearth", "small talk"):
        return item["kind"]
    return item["kind"] + (", far" if item["far"] else ", near")


def start(path):
    torch.set_num_threads(1)
    STATE["net"], STATE["tok"] = generate.load(path)


def run(prompts):
    """Answers to a batch of prompts."""
    tok = STATE["tok"]
    return [tok.decode(ids) for ids in generate.greedy_many(STATE["net"], prompts, tok.ids["<|im_end|>"])]


def ask_all(path, items, workers):
    """The model's answer to every item; prompts of similar length are decoded together."""
    start(path)
    prompts = [STATE["tok"].encode(chatml.prompt(i["messages"], i.get("tools"))) for i in items]
    order = sorted(range(len(items)), key=lambda n: len(prompts[n]))
    jobs = [order[at:at + 32] for at in range(0, len(order), 32)]
    texts = [None] * len(items)
    with multiprocessing.Pool(workers, start, (path,)) as pool:
        for job, answers in zip(jobs, pool.imap(run, [[prompts[n] for n in job] for job in jobs])):
            for n, text in zip(job, answers):
                texts[n] = text
    return texts


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("model", help="checkpoint (.pt) or exported file (.gguf)")
    p.add_argument("--seed", type=int, default=1, help="seed of the held-out questions")
    p.add_argument("--per-skill", type=int, default=60, help="questions per skill (refusals, passages, forms, tools)")
    p.add_argument("--per-intent", type=int, default=2, help="questions per intent")
    p.add_argument("--out", help="write the figures here (JSON)")
    p.add_argument("--answers", help="write every question with its answer here (JSON lines)")
    p.add_argument("--wrong", action="store_true", help="print wrong answers")
    p.add_argument("--workers", type=int, default=2)
    args = p.parse_args()
    items = make_corpus.held_items(args.seed, args.per_intent, args.per_skill)
    began = time.monotonic()
    texts = ask_all(args.model, items, args.workers)
    good, count = collections.Counter(), collections.Counter()
    kept = []
    for item, text in zip(items, texts):
        ok = right(item, text)
        for kind in (group(item), "total"):
            count[kind] += 1
            good[kind] += ok
        kept.append({"kind": group(item), "intent": item.get("intent"), "right": ok,
                     "messages": item["messages"], "answer": text, "wanted": item["answer"], "keys": item.get("keys")})
        if args.wrong and not ok:
            print(f"[{item['kind']}] {item['messages'][-1]['content']}\n  got:    {text}\n  wanted: {item['answer']}")
    figures = {k: {"right": good[k], "of": count[k], "share": round(good[k] / count[k], 3)} for k in sorted(count)}
    for k, v in figures.items():
        print(f"{k:16} {v['right']:4} of {v['of']:4}  {100 * v['share']:.1f} %")
    print(f"{time.monotonic() - began:.0f} s")
    if args.out:
        with open(args.out, "w", encoding="utf-8") as f:
            json.dump({"model": os.path.basename(args.model), "seed": args.seed, "figures": figures}, f, indent=1)
            f.write("\n")
    if args.answers:
        with open(args.answers, "w", encoding="utf-8") as f:
            f.writelines(json.dumps(k, ensure_ascii=False) + "\n" for k in kept)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Write the corpus: conversations for training, and held-out ones that only the evaluation sees.

    make_corpus.py text       conversations as JSON lines, for learning the tokenizer
    make_corpus.py tokens     train.npz and held.npz, ready for train.py
    make_corpus.py held       held.jsonl: questions with what a right answer must hold
    make_corpus.py show       a few conversations to look at

The same --seed and --count always give the same files.
"""
import argparse
import json
import multiprocessing
import os
import random
import sys

import chatml
import data
from corpus import dialogue, forms, passages, refusals, tools
from corpus.phrases import INTENTS, dress
from tokenizer import Tokenizer


def generator(seed, n):
    """Each conversation has its own random numbers, so any part of the corpus can be made alone."""
    return random.Random(f"{seed}/{n}")


def make(seed, n, drilled=0.0):
    return dialogue.conversation(generator(seed, n), drilled)


def encode(tok, messages, offered, limit):
    ids, codes = [], []
    for text, is_answer in chatml.segments(messages, offered):
        part = tok.encode(text)
        ids += part
        codes += [data.ANSWER if is_answer else data.PROMPT] * len(part)
    return ids[:limit], codes[:limit]


def shorten(kind, ids, codes, rng):
    """Most of what decides an answer is its beginning: the rest is soon known by heart."""
    if rng.random() < dialogue.BRIEF.get(kind, 0):
        end = codes.index(data.ANSWER) + dialogue.BEGINNING
        return ids[:end], codes[:end]
    return ids, codes


def chunk(job):
    seed, first, last, path, limit, drilled = job
    tok = Tokenizer.load(path)
    out = []
    for n in range(first, last):
        kind, messages, offered = make(seed, n, drilled)
        out.append(shorten(kind, *encode(tok, messages, offered, limit), generator(seed, f"{n}/brief")))
    return out


def intent_item(item, source, template, rng):
    """An evaluation question after one held-out template of an intent."""
    bare, answer, keys, _ = dialogue.turn(dict(item, **{source: [template]}), rng, source)
    kind = "small talk" if item["small"] else "hearth"
    return {"kind": kind, "far": source == "held", "intent": item["name"], "keys": keys, "answer": answer,
            "messages": ask(dress(bare, rng, plain=True), rng)}


def held_items(seed, per_intent, per_skill):
    """Evaluation questions: {"kind", "far", "messages", "tools"?, "keys" or "json" or "calls", "answer"}.

    far: in other words than any training question; not far: after a template of the same make as those of the training.
    """
    rng = random.Random(f"held/{seed}")
    out = []
    for item in INTENTS.values():
        for n in range(max(per_intent, len(item["held"]))):
            out.append(intent_item(item, "held", item["held"][n % len(item["held"])], rng))
        for template in rng.sample(item["near"], min(per_intent, len(item["near"]))):
            out.append(intent_item(item, "near", template, rng))
    for item in INTENTS.values():
        for questions, answers, keys in item["follow"][:1]:
            bare, answer, _, fill = dialogue.turn(item, rng)
            body = dialogue.pair(dress(bare, rng, plain=True), answer)
            follow = dress(dialogue.put(questions[0], fill), rng, plain=True)
            out.append({"kind": "follow-up", "far": False, "intent": item["name"], "keys": [dialogue.put(k, fill) for k in keys],
                        "messages": body + ask(follow, rng)[-1:], "answer": dialogue.put(answers[0], fill)})
    for _ in range(per_skill):
        question, answer, keys = refusals.question(rng, held=True)
        out.append({"kind": "refusal", "far": True, "keys": keys, "answer": answer,
                    "messages": ask(dress(question, rng, plain=True), rng)})
        question, answer, keys = passages.sample(rng, held=True)
        out.append({"kind": "passage", "far": True, "keys": keys, "messages": ask(question, rng), "answer": answer})
        question, answer, keys = passages.echo(rng, held=True)
        out.append({"kind": "echo", "far": True, "keys": keys, "messages": ask(question, rng), "answer": answer})
        question, answer, _ = forms.sample(rng, held=True)
        out.append({"kind": "form", "far": True, "json": json.loads(answer), "messages": ask(question, rng), "answer": answer})
        messages, offered, calls = tools.sample(rng, held=True)
        out.append({"kind": "tool", "far": True, "calls": calls, "messages": messages[:1], "tools": offered,
                    "answer": chatml.answer_text(messages[1])})
    return out


def ask(question, rng):
    return (dialogue.system(rng) if rng.random() < 0.5 else []) + [{"role": "user", "content": question}]


def write_tokens(args):
    tok = Tokenizer.load(args.tokenizer)
    step = 2000
    jobs = [(args.seed, a, min(a + step, args.count), args.tokenizer, args.limit, args.drill)
            for a in range(0, args.count, step)]
    made = []
    with multiprocessing.Pool(args.workers) as pool:
        for part in pool.imap(chunk, jobs):
            made += part
    data.save(os.path.join(args.out, "train.npz"), made)
    held = []
    for item in held_items(args.seed, 2, 60):
        messages = item["messages"] + [{"role": "assistant", "content": item["answer"]}]
        held.append(encode(tok, messages, item.get("tools"), args.limit))
    data.save(os.path.join(args.out, "held.npz"), held)
    total = sum(len(i) for i, _ in made)
    print(f"{len(made)} conversations, {total} tokens, {sum(c.count(data.ANSWER) for _, c in made)} in answers; "
          f"{len(held)} held out")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("what", choices=["text", "tokens", "held", "show"])
    p.add_argument("--out", default="work", help="folder for the files")
    p.add_argument("--count", type=int, default=100000, help="number of conversations")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--drill", type=float, default=0.0, help="share of copying drills, for the first minutes of training")
    p.add_argument("--limit", type=int, default=1024, help="longest conversation in tokens")
    p.add_argument("--tokenizer", default="tokenizer.json")
    p.add_argument("--workers", type=int, default=2)
    args = p.parse_args()
    os.makedirs(args.out, exist_ok=True)
    if args.what == "show":
        for n in range(args.count):
            kind, messages, offered = make(args.seed, n, args.drill)
            sys.stdout.write(f"--- {kind}\n" + "".join(t for t, _ in chatml.segments(messages, offered)))
    elif args.what == "text":
        with open(os.path.join(args.out, "text.jsonl"), "w", encoding="utf-8") as f:
            for n in range(args.count):
                _, messages, offered = make(args.seed, n, args.drill)
                f.write(json.dumps({"text": "".join(t for t, _ in chatml.segments(messages, offered))}) + "\n")
    elif args.what == "held":
        with open(os.path.join(args.out, "held.jsonl"), "w", encoding="utf-8") as f:
            for item in held_items(args.seed, 2, 60):
                f.write(json.dumps(item, ensure_ascii=False) + "\n")
    else:
        write_tokens(args)


if __name__ == "__main__":
    main()

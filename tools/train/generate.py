#!/usr/bin/env python3
"""Answer a question with a checkpoint or an exported file: greedy decoding in torch, for looking and for evaluate.py."""
import argparse
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import torch

import chatml
import export_gguf
import model
from tokenizer import Tokenizer

HERE = os.path.dirname(os.path.abspath(__file__))


def load(path):
    """(Model, Tokenizer) of a .gguf file or a checkpoint."""
    if path.endswith(".gguf"):
        return export_gguf.load_gguf(path)
    kept = torch.load(path, map_location="cpu")
    net = model.Model(model.Config(**kept["config"]))
    net.load_state_dict(kept["model"])
    return net, Tokenizer.load(os.path.join(HERE, "tokenizer.json"))


@torch.no_grad()
def greedy(net, ids, stop, limit=160):
    """The most probable continuation of ids, up to the token `stop`."""
    caches = [{} for _ in net.blocks]
    out, feed = [], torch.tensor([ids])
    while len(out) < limit and len(ids) + len(out) < net.cfg.context:
        best = int((net.hidden(feed, caches)[0, -1] @ net.output.t()).argmax())
        if best == stop:
            break
        out.append(best)
        feed = torch.tensor([[best]])
    return out


@torch.no_grad()
def greedy_many(net, prompts, stop, limit=120):
    """greedy() for many prompts side by side; a row that says one token eight times over is given up."""
    width = max(map(len, prompts))
    pad = torch.tensor([width - len(p) for p in prompts])
    caches, out = [{} for _ in net.blocks], []
    feed = torch.tensor([[stop] * (width - len(p)) + p for p in prompts])
    done = torch.zeros(len(prompts), dtype=torch.bool)
    while len(out) < min(limit, net.cfg.context - width) and not done.all():
        best = (net.hidden(feed, caches, pad)[:, -1] @ net.output.t()).argmax(-1)
        out.append(best)
        done |= best == stop
        if len(out) >= 8:
            done |= (torch.stack(out[-8:]) == best).all(0)
        feed = best[:, None]
    rows = torch.stack(out, 1).tolist()
    return [row[:row.index(stop)] if stop in row else row for row in rows]


def answer(net, tok, messages, tools=None, limit=160):
    ids = tok.encode(chatml.prompt(messages, tools))
    return tok.decode(greedy(net, ids, tok.ids["<|im_end|>"], limit))


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("model", help="checkpoint (.pt) or exported file (.gguf)")
    p.add_argument("question", nargs="+", help="one turn each; answers are kept as history")
    p.add_argument("--system", help="system message")
    args = p.parse_args()
    torch.set_num_threads(1)
    net, tok = load(args.model)
    net.eval()
    messages = [{"role": "system", "content": args.system}] if args.system else []
    for question in args.question:
        messages.append({"role": "user", "content": question})
        messages.append({"role": "assistant", "content": answer(net, tok, messages)})
        print(f"> {question}\n{messages[-1]['content']}\n")


if __name__ == "__main__":
    main()

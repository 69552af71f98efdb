#!/usr/bin/env python3
"""Train hearth-guide or its draft model; stop at any moment, start again, and it goes on.

SIGTERM writes a checkpoint and ends; a kill loses what came after the last checkpoint.

Two cores are used by two processes with one BLAS thread each, not by one process with two threads: small matrices
lose more at the barriers of a threaded BLAS than they gain, and this way was three times as fast. The processes
share the weights in memory; each takes half of every batch and updates half of the matrices.

A time budget counts seconds of work: a step's share is cut at three times the usual, so that a pause (SIGSTOP,
a busy machine) does not eat the phase in which the learning rate falls.
"""
import argparse
import datetime
import json
import multiprocessing
import os
import signal
import statistics
import sys
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import torch

import data
import model
import optim
from tokenizer import Tokenizer


def clock_time(text):
    """The next moment at which the clock shows HH:MM."""
    now = datetime.datetime.now()
    then = now.replace(**dict(zip(("hour", "minute"), map(int, text.split(":")))), second=0, microsecond=0)
    return (then if then > now else then + datetime.timedelta(days=1)).timestamp()


def parse(argv):
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--size", choices=sorted(model.SIZES), default="guide")
    p.add_argument("--data", default="work/train.npz", help="tokenised corpus (make_corpus.py)")
    p.add_argument("--held", default="work/held.npz", help="held-out conversations, for a loss at each checkpoint")
    p.add_argument("--out", default="work/guide.pt", help="checkpoint; training goes on from it if it exists")
    p.add_argument("--log", default="work/guide.log.jsonl")
    p.add_argument("--tokenizer", default="tokenizer.json")
    p.add_argument("--minutes", type=float, help="budget in minutes of work; sets the schedule")
    p.add_argument("--steps", type=int, help="budget in steps instead: the same result on any machine")
    p.add_argument("--until", type=clock_time, metavar="HH:MM", help="budget by the clock instead: done at that time")
    p.add_argument("--batch-tokens", type=int, default=3072)
    p.add_argument("--matrix-lr", type=float, default=0.02)
    p.add_argument("--other-lr", type=float, default=0.015)
    p.add_argument("--decay-from", type=float, default=0.4, help="share of the budget after which the rate falls to 0")
    p.add_argument("--workers", type=int, default=2)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--save-every", type=float, default=150, help="seconds between checkpoints")
    p.add_argument("--pid-file", help="write the process id there")
    args = p.parse_args(argv)
    if sum(kind is not None for kind in (args.minutes, args.steps, args.until)) != 1:
        p.error("give one of --minutes, --steps and --until")
    return args


def speed(kind):
    """GFLOP/s of one thread multiplying matrices of this kind."""
    a, b = torch.randn(2048, 192).to(kind), torch.randn(512, 192).to(kind)
    a @ b.t()
    start = time.process_time()
    for _ in range(10):
        a @ b.t()
    return 10 * 2 * 2048 * 192 * 512 / (time.process_time() - start) / 1e9


def choose_arithmetic():
    """bfloat16 where it pays; and a word if the BLAS is Debian's naive one, some 30 times slower than OpenBLAS."""
    single, half = speed(torch.float32), speed(torch.bfloat16)
    model.HALF[0] = half > 1.3 * single
    print(f"matrices multiply at {single:.0f} GFLOP/s, in bfloat16 at {half:.0f}", flush=True)
    if single < 15:
        print("train: that is slow; is libopenblas0-pthread installed?", file=sys.stderr)


class Shared:
    """What the processes share: weights, a gradient per process, and a barrier."""

    def __init__(self, net, workers):
        net.share_memory()
        self.grads = [[torch.zeros_like(p).share_memory_() for p in net.parameters()] for _ in range(workers)]
        self.losses = torch.zeros(workers).share_memory_()
        self.control = torch.zeros(2, dtype=torch.float64).share_memory_()   # learning-rate scale, stop
        self.barrier = multiprocessing.Barrier(workers)


class Worker:
    """One process: its rows of each batch, its tensors of each update."""

    def __init__(self, rank, args, net, corpus, shared, opt):
        self.rank, self.args, self.net, self.corpus, self.shared = rank, args, net, corpus, shared
        self.opt = opt
        self.opt.share_out(rank, args.workers)
        self.epoch, self.index, self.batches = 0, 0, None

    def seek(self, epoch, index):
        self.epoch, self.index = epoch, index
        self.batches = self.corpus.plan((self.args.seed, epoch), self.args.batch_tokens)

    def next_rows(self):
        if self.index >= len(self.batches):
            self.seek(self.epoch + 1, 0)
        rows = self.batches[self.index]
        self.index += 1
        return rows

    def step(self):
        """Returns the number of tokens of the whole batch."""
        rows = self.next_rows()
        mine = rows[self.rank::self.args.workers]
        if len(mine) == 0:
            mine = rows
        ids, weights = self.corpus.batch(mine, (self.args.seed, self.epoch, self.index, self.rank))
        loss = self.net.loss(ids, weights)
        loss.backward()
        self.shared.losses[self.rank] = float(loss.detach())
        for p, kept in zip(self.net.parameters(), self.shared.grads[self.rank]):
            kept.copy_(p.grad)
        self.shared.barrier.wait()
        mean = {n: torch.stack([kept[n] for kept in self.shared.grads]).mean(0) for n in self.opt.mine}
        self.opt.step(mean, float(self.shared.control[0]))
        for p in self.net.parameters():
            p.grad = None
        self.shared.barrier.wait()
        return int(self.corpus.lengths[rows].sum())


class Clock:
    """Seconds of work, pauses cut off."""

    def __init__(self, active):
        self.active, self.recent, self.last = active, [], time.perf_counter()

    def tick(self):
        now = time.perf_counter()
        spent, self.last = now - self.last, now
        usual = statistics.median(self.recent) if self.recent else spent
        self.recent = (self.recent + [spent])[-50:]
        self.active += min(spent, 3 * usual)


def schedule(progress, step, decay_from, warmup=40):
    """Warm up, hold, then fall in a straight line to nothing."""
    fall = 1.0 if progress < decay_from else max(0.0, (1 - progress) / (1 - decay_from))
    return min(1.0, (step + 1) / warmup) * fall


def save(path, net, workers_state, state):
    torch.save({"config": net.cfg.to_dict(), "model": net.state_dict(), "optim": workers_state, "state": state},
               path + ".part")
    os.replace(path + ".part", path)


@torch.no_grad()
def held_loss(net, path, batch_tokens):
    if not os.path.exists(path):
        return None
    held = data.Data(path)
    batches = held.plan(0, batch_tokens)[:12]
    return sum(float(net.loss(*held.batch(rows, 0))) for rows in batches) / len(batches)


def follow(rank, args, net, corpus, shared, opt, at):
    """Body of every process but the first."""
    worker = Worker(rank, args, net, corpus, shared, opt)
    worker.seek(*at)
    while True:
        shared.barrier.wait()
        if shared.control[1]:
            return
        worker.step()


def restore(args, net, corpus):
    """Weights and place of an earlier run; a new corpus starts from its beginning."""
    state = {"step": 0, "tokens": 0, "active": 0.0, "epoch": 0, "index": 0, "data": corpus.name, "began": time.time()}
    if os.path.exists(args.out):
        kept = torch.load(args.out)
        net.load_state_dict(kept["model"])
        state = kept["state"]
        if state["data"] != corpus.name:
            state.update(epoch=0, index=0, data=corpus.name)
        print(f"continues from step {state['step']}, {state['tokens']} tokens", flush=True)
    return state


def spent(args, state, clock):
    """The share of the budget that is used up."""
    if args.until:
        return (time.time() - state["began"]) / (args.until - state["began"])
    return state["step"] / args.steps if args.steps else clock.active / (60 * args.minutes)


def lead(args, net, corpus, shared, opt, state):
    """The first process: schedule, log, checkpoints."""
    worker = Worker(0, args, net, corpus, shared, opt)
    worker.seek(state["epoch"], state["index"])
    clock, saved, losses = Clock(state["active"]), time.monotonic(), []
    mark, asked = (clock.active, state["tokens"]), []
    signal.signal(signal.SIGTERM, lambda *_: asked.append(True))
    while True:
        progress = spent(args, state, clock)
        done = progress >= 1 or bool(asked)
        if done or time.monotonic() - saved > args.save_every:
            state.update(epoch=worker.epoch, index=worker.index, active=clock.active)
            save(args.out, net, opt.state_dict(), state)
            loss = held_loss(net, args.held, args.batch_tokens)
            report(args, {"step": state["step"], "held_loss": loss})
            saved = time.monotonic()
        shared.control[0] = schedule(progress, state["step"], args.decay_from)
        shared.control[1] = float(done)
        shared.barrier.wait()
        if done:
            return
        state["tokens"] += worker.step()
        state["step"] += 1
        losses.append(float(shared.losses.mean()))
        clock.tick()
        if state["step"] % 20 == 0:
            speed = (state["tokens"] - mark[1]) / max(1e-9, clock.active - mark[0])
            mark = (clock.active, state["tokens"])
            report(args, {"step": state["step"], "tokens": state["tokens"], "loss": round(sum(losses) / len(losses), 4),
                          "scale": round(float(shared.control[0]), 4), "minutes": round(clock.active / 60, 2),
                          "tokens_per_second": round(speed)})
            losses = []


def report(args, line):
    with open(args.log, "a", encoding="utf-8") as log:
        log.write(json.dumps(line) + "\n")
    print(json.dumps(line), flush=True)


def main(argv=None):
    args = parse(argv)
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    choose_arithmetic()
    if args.pid_file:
        with open(args.pid_file, "w", encoding="ascii") as f:
            f.write(f"{os.getpid()}\n")
    corpus = data.Data(args.data)
    net = model.build(args.size, Tokenizer.load(args.tokenizer).tokens)
    state = restore(args, net, corpus)
    print(f"{args.size}: {net.parameter_count()} parameters; {len(corpus.lengths)} conversations, "
          f"{len(corpus.tokens)} tokens", flush=True)
    shared = Shared(net, args.workers)
    opt = optim.Optimizer(net, args.matrix_lr, args.other_lr)
    opt.load(args.out)
    opt.share_memory()
    context = multiprocessing.get_context("fork")
    at = (state["epoch"], state["index"])
    others = [context.Process(target=follow, daemon=True, args=(rank, args, net, corpus, shared, opt, at))
              for rank in range(1, args.workers)]
    for process in others:
        process.start()
    lead(args, net, corpus, shared, opt, state)
    for process in others:
        process.join()


if __name__ == "__main__":
    main()

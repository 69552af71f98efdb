"""A head start: the copying circuit, written into the weights before training.

Quoting a passage, filling a form and calling a tool all need to find an earlier occurrence of the present token and
to take what followed it. A small model discovers this only after tens of millions of tokens; here it begins with it:

* every embedding has a common part, a constant that all positions share;
* the first layer's heads use that constant and RoPE to look exactly one token back, and write what they see, turned
  by a random rotation, beside the present token;
* a later layer compares the present token with those turned predecessors and adds the token where they agree.

All of it is ordinary weights that training changes as it likes.
"""
import math

import torch

CONSTANT, SPREAD = 0.25, 0.03      # length of the common part, spread of the rest, of an embedding
LOOKING_BACK, MATCHING = 0, (1, 2)   # layers


def basis(dim, gen):
    return torch.linalg.qr(torch.randn(dim, dim, generator=gen))[0]


def back_heads(block, cfg, common, turn, gen):
    """Attention to the previous position: q and k see only the common part, k one step ahead in RoPE's angle."""
    angle = cfg.rope_base ** (-torch.arange(0, cfg.head_dim, 2) / cfg.head_dim)
    q = torch.zeros(cfg.head_dim, cfg.dim)
    k = torch.zeros(cfg.head_dim, cfg.dim)
    for i in range(8):
        q[2 * i] = common
        k[2 * i], k[2 * i + 1] = common * math.cos(angle[i]), common * math.sin(angle[i])
    sides = basis(cfg.dim, gen)
    heads = cfg.heads
    value = sides[:, :cfg.head_dim * heads].t()
    block.qkv.copy_(torch.cat([q.repeat(heads, 1), k.repeat(heads, 1), value]) + 0.02 * torch.randn(block.qkv.shape, generator=gen))
    unit = SPREAD * math.sqrt(cfg.dim) / math.sqrt(cfg.dim) / 0.85
    block.out.copy_(unit * turn @ value.t())


def match_heads(block, cfg, turn, gen):
    """q: the present token; k: the turned predecessor; only slow RoPE pairs, which distance hardly turns."""
    fast = 2 * sum(cfg.rope_base ** (-2 * i / cfg.head_dim) > 0.02 for i in range(cfg.head_dim // 2))
    q, k = [], []
    for _ in range(cfg.heads):
        sides = 3.2 * basis(cfg.dim, gen)[:, :cfg.head_dim].t()
        sides[:fast] = 0
        q.append(sides)
        k.append(sides @ turn.t())
    value = basis(cfg.dim, gen)[:, :cfg.head_dim * cfg.heads].t()
    block.qkv.copy_(torch.cat(q + k + [value]) + 0.02 * torch.randn(block.qkv.shape, generator=gen))
    block.out.copy_(3.0 * SPREAD * value.t())


@torch.no_grad()
def install(net, seed=1):
    """Write the circuit into a fresh model with as many k/v heads as heads."""
    cfg, gen = net.cfg, torch.Generator().manual_seed(seed)
    common = torch.randn(cfg.dim, generator=gen)
    common /= common.norm()
    rest = SPREAD * torch.randn(cfg.vocab, cfg.dim, generator=gen)
    net.embed.copy_(rest - torch.outer(rest @ common, common) + CONSTANT * common)
    turn = basis(cfg.dim, gen)
    back_heads(net.blocks[LOOKING_BACK], cfg, common, turn, gen)
    for n in MATCHING:
        if n < cfg.layers:
            match_heads(net.blocks[n], cfg, turn, gen)

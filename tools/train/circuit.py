"""A head start: the copying circuit, written into the weights before training and held there.

Quoting a passage, filling a form and calling a tool all need to find an earlier occurrence of the present token and
to take what followed it. A small model discovers this only after tens of millions of tokens; here it is given:

* the first residual dimensions are reserved: a constant, a random code per token, and room for the code of the token
  before; the final norm ignores them, so that they say nothing about the next token;
* one head of the first layer uses the constant and RoPE to look exactly one token back, and writes the code it sees
  into that room;
* some heads of the next layers compare the code of the present token with the codes of predecessors. What they fetch
  where the two agree, and how it is used, is learned.

To the file these are ordinary Llama weights.
"""
import math

import torch

CONSTANT, CODE, SPREAD = 21.0, 3.6, 0.3        # lengths in an embedding: constant, each code dimension, the rest
BACK_GAIN, MATCH_GAIN = 2.16, 2.0
LOUD, LOUDER, FINAL = 7.0, 2.5, 0.3     # norms raise the learned dimensions, which begin small beside the reserved ones
MATCHING = {1: 2, 2: 1}                         # layer: number of matching heads


def code_size(cfg):
    return cfg.head_dim // 2


def reserved(cfg):
    return 1 + 2 * code_size(cfg)


def head_rows(cfg, part, head):
    """Rows of one head in the fused matrix; part 0, 1, 2 is q, k, v (as many k/v heads as heads)."""
    start = (part * cfg.heads + head) * cfg.head_dim
    return slice(start, start + cfg.head_dim)


def masks(cfg):
    """{parameter: which of its entries never change}."""
    r, n = reserved(cfg), code_size(cfg)
    fused = (3 * cfg.heads * cfg.head_dim, cfg.dim)
    out = {"embed": torch.zeros(cfg.vocab, cfg.dim, dtype=torch.bool), "norm.weight": torch.zeros(cfg.dim, dtype=torch.bool)}
    out["embed"][:, :r] = True
    out["norm.weight"][:r] = True
    for b in range(cfg.layers):
        for norm in ("attn_norm", "ffn_norm"):
            out[f"blocks.{b}.{norm}.weight"] = torch.zeros(cfg.dim, dtype=torch.bool)
            out[f"blocks.{b}.{norm}.weight"][:r] = True
        qkv = torch.zeros(fused, dtype=torch.bool)
        if b == 0:
            qkv[head_rows(cfg, 0, 0)] = qkv[head_rows(cfg, 1, 0)] = True
            qkv[head_rows(cfg, 2, 0)][:n] = True
        for h in range(min(MATCHING.get(b, 0), cfg.heads)):
            qkv[head_rows(cfg, 0, h)] = qkv[head_rows(cfg, 1, h)] = True
        out[f"blocks.{b}.qkv"] = qkv
        for name, width in (("out", cfg.heads * cfg.head_dim), ("down", cfg.ffn)):
            out[f"blocks.{b}.{name}"] = torch.zeros(cfg.dim, width, dtype=torch.bool)
            out[f"blocks.{b}.{name}"][:r] = True
    return out


def look_back(block, cfg):
    """Head 0: q and k see the constant, k one step ahead in RoPE's angle; v is the code, written into its room."""
    angle = cfg.rope_base ** (-torch.arange(0, cfg.head_dim, 2) / cfg.head_dim)
    q, k, n = torch.zeros(cfg.head_dim, cfg.dim), torch.zeros(cfg.head_dim, cfg.dim), code_size(cfg)
    for i in range(cfg.head_dim // 8):
        q[2 * i, 0] = 1.3
        k[2 * i, 0], k[2 * i + 1, 0] = 1.3 * math.cos(angle[i]), 1.3 * math.sin(angle[i])
    block.qkv[head_rows(cfg, 0, 0)], block.qkv[head_rows(cfg, 1, 0)] = q, k
    value = block.qkv[head_rows(cfg, 2, 0)]
    value[:n] = 0
    value[:n, 1:1 + n] = torch.eye(n)
    block.out[1 + n:1 + 2 * n, :n] = BACK_GAIN * torch.eye(n)


def match(block, cfg, heads):
    """q: the code of this token, k: the code of the one before, on the slow RoPE pairs; v: slices of the embedding."""
    n, r, size = code_size(cfg), reserved(cfg), cfg.head_dim
    for h in range(min(heads, cfg.heads)):
        q, k = torch.zeros(size, cfg.dim), torch.zeros(size, cfg.dim)
        q[size - n:, 1:1 + n] = MATCH_GAIN * torch.eye(n)
        k[size - n:, 1 + n:1 + 2 * n] = MATCH_GAIN * torch.eye(n)
        block.qkv[head_rows(cfg, 0, h)], block.qkv[head_rows(cfg, 1, h)] = q, k
        first = r + h * size
        width = min(size, cfg.dim - first)
        value = block.qkv[head_rows(cfg, 2, h)]
        value.zero_()
        value[:width, first:first + width] = torch.eye(width)
        block.out[first:first + width, h * size:h * size + width] = torch.eye(width)


@torch.no_grad()
def install(net, seed=1):
    """Write the circuit into a fresh model with as many k/v heads as heads."""
    cfg, gen = net.cfg, torch.Generator().manual_seed(seed)
    n, r = code_size(cfg), reserved(cfg)
    net.embed.copy_(SPREAD * torch.randn(cfg.vocab, cfg.dim, generator=gen))
    net.embed[:, 0] = CONSTANT
    net.embed[:, 1:1 + n] = CODE * torch.randn(cfg.vocab, n, generator=gen).sign()
    net.embed[:, 1 + n:r] = 0
    net.norm.weight[:r], net.norm.weight[r:] = 0, FINAL
    for b, block in enumerate(net.blocks):
        block.attn_norm.weight[r:] = block.ffn_norm.weight[r:] = LOUDER if b else LOUD
    look_back(net.blocks[0], cfg)
    for b, heads in MATCHING.items():
        if b < cfg.layers:
            match(net.blocks[b], cfg, heads)

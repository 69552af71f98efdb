"""The network of hearth-guide: a small Llama decoder, written for training on a CPU.

Every choice follows from two facts. The file is read by any Llama implementation, so the layers are exactly
Llama's (RMSNorm, grouped-query attention, SwiGLU) and RoPE turns *adjacent* pairs, which is the
order a GGUF of architecture `llama` keeps: the export then needs no permutation. And training runs on two cores,
so q, k and v (and gate and up) are one matrix each, and the vocabulary is multiplied only where a loss is taken.
"""
import math
from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F

import circuit


@dataclass
class Config:
    """Shape of a model; every width is a multiple of 32 because Q8_0 blocks are 32 long."""
    vocab: int = 4096
    dim: int = 256
    layers: int = 4
    heads: int = 4
    kv_heads: int = 4
    head_dim: int = 64
    ffn: int = 512
    context: int = 1024
    rope_base: float = 1e8
    eps: float = 1e-5

    def to_dict(self):
        return asdict(self)


GUIDE = dict(dim=256, layers=4, heads=4, kv_heads=4, head_dim=64, ffn=512)
DRAFT = dict(dim=96, layers=2, heads=3, kv_heads=3, head_dim=32, ffn=224)
SIZES = {"guide": GUIDE, "draft": DRAFT}


def rope_table(cfg, length):
    """Unit complex numbers e^(i * p * base^(-2j/head_dim)), shape [length, head_dim / 2]."""
    j = torch.arange(0, cfg.head_dim, 2, dtype=torch.float64) / cfg.head_dim
    angle = torch.outer(torch.arange(length, dtype=torch.float64), cfg.rope_base ** -j)
    return torch.polar(torch.ones_like(angle), angle).to(torch.complex64)


def rotate(x, table):
    """RoPE on adjacent pairs: x is [batch, positions, heads, head_dim]."""
    pairs = torch.view_as_complex(x.reshape(*x.shape[:-1], -1, 2))
    return torch.view_as_real(pairs * table[:, None, :]).flatten(-2)


class HalfProduct(torch.autograd.Function):
    """x @ w^T with factors rounded to bfloat16 and sums in float32, forwards and backwards."""

    @staticmethod
    def forward(ctx, x, w):
        xb, wb = x.to(torch.bfloat16), w.to(torch.bfloat16)
        ctx.save_for_backward(xb, wb)
        return (x @ w.t()) if len(w) > 2048 else (xb @ wb.t()).float()     # logits keep all their bits

    @staticmethod
    def backward(ctx, grad):
        xb, wb = ctx.saved_tensors
        gb = grad.to(torch.bfloat16)
        return (gb @ wb).float(), (gb.t() @ xb).float()


HALF = [False]      # train.py turns it on where the processor multiplies bfloat16 faster


def product(x, w):
    """x [..., n] times w [m, n] transposed."""
    if not HALF[0]:
        return x @ w.t()
    return HalfProduct.apply(x.reshape(-1, x.shape[-1]), w).view(*x.shape[:-1], -1)


class RMSNorm(torch.nn.Module):
    def __init__(self, dim, eps):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(dim))
        self.eps = eps

    def forward(self, x):
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.eps) * self.weight


class Block(torch.nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.cfg = cfg
        q, kv = cfg.heads * cfg.head_dim, cfg.kv_heads * cfg.head_dim
        self.attn_norm = RMSNorm(cfg.dim, cfg.eps)
        self.qkv = torch.nn.Parameter(torch.randn(q + 2 * kv, cfg.dim) / math.sqrt(cfg.dim))
        self.out = torch.nn.Parameter(torch.zeros(cfg.dim, q))
        self.ffn_norm = RMSNorm(cfg.dim, cfg.eps)
        self.gate_up = torch.nn.Parameter(torch.randn(2 * cfg.ffn, cfg.dim) / math.sqrt(cfg.dim))
        self.down = torch.nn.Parameter(torch.zeros(cfg.dim, cfg.ffn))

    def attention(self, x, table, mask, cache, rows=None):
        c = self.cfg
        batch, length, _ = x.shape
        qkv = product(x, self.qkv).view(batch, length, c.heads + 2 * c.kv_heads, c.head_dim)
        both, v = qkv.split([c.heads + c.kv_heads, c.kv_heads], 2)
        q, k = rotate(both, table).split([c.heads, c.kv_heads], 2)
        k, v = k.transpose(1, 2), v.transpose(1, 2)
        if cache is not None:
            if cache.get("k") is not None:
                k, v = torch.cat([cache["k"], k], 2), torch.cat([cache["v"], v], 2)
            cache["k"], cache["v"] = k, v
        group = c.heads // c.kv_heads
        q = q.view(batch, length, c.kv_heads, group, c.head_dim).permute(0, 2, 3, 1, 4)
        q = q.reshape(batch, c.kv_heads, group * length, c.head_dim) * (c.head_dim ** -0.5)
        score = q @ k.transpose(-1, -2)
        if mask is not None:
            score = score + (mask if mask.shape[-2] == 1 else mask.repeat(*[1] * (mask.ndim - 2), group, 1))
        mixed = torch.softmax(score, -1) @ v
        mixed = mixed.view(batch, c.kv_heads, group, length, c.head_dim).permute(0, 3, 1, 2, 4)
        mixed = mixed.reshape(batch, length, -1)
        return product(mixed if rows is None else mixed.flatten(0, 1).index_select(0, rows), self.out)

    def forward(self, x, table, mask, cache=None, rows=None):
        """rows: of all positions of the batch, those whose result is wanted."""
        mixed = self.attention(self.attn_norm(x), table, mask, cache, rows)
        x = mixed + (x if rows is None else x.flatten(0, 1).index_select(0, rows))
        gate, up = product(self.ffn_norm(x), self.gate_up).chunk(2, -1)
        return x + product(F.silu(gate) * up, self.down)


class Model(torch.nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.cfg = cfg
        self.embed = torch.nn.Parameter(torch.randn(cfg.vocab, cfg.dim) * 0.02)
        self.output = torch.nn.Parameter(torch.randn(cfg.vocab, cfg.dim) * 0.02)
        self.blocks = torch.nn.ModuleList(Block(cfg) for _ in range(cfg.layers))
        self.norm = RMSNorm(cfg.dim, cfg.eps)
        self.table = rope_table(cfg, cfg.context)

    def hidden(self, ids, caches=None, pad=None, rows=None):
        """Final hidden states [batch, positions, dim]; with caches the ids continue what was seen before.

        pad: how many positions at the beginning of each row are to be overlooked. rows: positions of the flattened batch
        whose states are wanted: [rows, dim].
        """
        start = 0
        if caches is not None and caches[0].get("k") is not None:
            start = caches[0]["k"].shape[2]
        length = ids.shape[1]
        table = self.table[start:start + length]
        mask = None
        if length > 1:
            mask = torch.full((length, start + length), float("-inf")).triu(start + 1)
        if pad is not None:
            unseen = (torch.arange(start + length) < pad[:, None]) * -1e9
            mask = unseen[:, None, None] + (0 if mask is None else mask)
        x = F.embedding(ids, self.embed)
        for n, block in enumerate(self.blocks):
            x = block(x, table, mask, caches[n] if caches is not None else None, rows if n + 1 == len(self.blocks) else None)
        return self.norm(x)

    def loss(self, ids, weights):
        """Weighted cross-entropy of predicting ids[t+1]; positions of weight 0 never meet the vocabulary."""
        target, weight = ids[:, 1:], weights[:, 1:]
        rows = weight.reshape(-1).nonzero()[:, 0]
        picked = self.hidden(ids[:, :-1], rows=rows)
        each = F.cross_entropy(product(picked, self.output), target.reshape(-1)[rows], reduction="none")
        share = weight.reshape(-1)[rows]
        return (each * share).sum() / share.sum()

    def parameter_count(self):
        return sum(p.numel() for p in self.parameters())


def build(size, tokens, context=1024):
    """A fresh model of a named size, with the copying circuit in place."""
    net = Model(Config(vocab=len(tokens), context=context, **SIZES[size]))
    circuit.install(net, tokens)
    return net

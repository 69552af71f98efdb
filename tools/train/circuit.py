"""A head start: the copying circuit, written into the weights before training and held there.

Quoting a passage, filling a form and calling a tool all need to point at a token of the prompt and to say it, and then
to go on as the prompt does. A small model discovers this only after tens of millions of tokens; here it is given:

* the first residual dimensions are reserved: a constant, a mark on <|im_start|>, a random code per token, and room for
  the codes of the two tokens before; the final norm ignores them, so that they say nothing about the next token;
* a token has the same code with and without a space before it, and in the part used for comparing also in capitals;
* the dimensions after them are the output room: a code written there raises the token of that code;
* two heads of the first layer use the constant and RoPE to look exactly one and two tokens back;
* matching heads compare this token and the one before with the two tokens before a place, and copy the code of that
  place into the output room: they continue what they have seen. Without a match they rest on <|im_start|>, and whether
  they rest anyway is learned;
* pointing heads copy likewise; where they look is learned.

To the file these are ordinary Llama weights.
"""
import math

import torch

CONSTANT, MARK, CODE = 21.0, 21.0, 3.6          # lengths in an embedding: constant, mark, each code dimension
SPREAD, OUT_SPREAD, OUT_CODE, SPACE_SIGN = 0.3, 0.05, 0.3, 0.5
LOUD, LOUDER = 7.0, 2.5         # norms raise the learned dimensions, which begin small beside the reserved ones
FINAL, FINAL_CODE = 0.3, 1.2
BACK_SCORE, MATCH_SCORE, THIRD_SCORE, REST_SCORE = 20.0, 50.0, 25.0, 46.0
COPIED = 1.2                    # length of each dimension of a copied code in the output room
BACK = 2                        # heads of the first layer that look back
MATCHING = {4: {1: 1, 2: 1}, 2: {1: 1}}         # layers of the model: {layer: number of matching heads}
POINTING = {4: {2: 2, 3: 3}, 2: {1: 1}}         # likewise, after the matching ones


def reserved(cfg):
    return 96 if cfg.dim >= 192 else 48


def match_size(cfg):
    """Code dimensions that are compared: a third of the RoPE pairs for either token, the slowest ones."""
    return 2 * ((cfg.head_dim // 2 - 1) // 3)


def code_size(cfg):
    return reserved(cfg) - 2 - 2 * match_size(cfg)


def rooms(cfg):
    """Slices: code of the token, of the one before, of the one before that, and the output room."""
    n, m, r = code_size(cfg), match_size(cfg), reserved(cfg)
    return slice(2, 2 + n), slice(2 + n, 2 + n + m), slice(2 + n + m, r), slice(r, r + n)


def head_rows(cfg, part, head):
    """Rows of one head in the fused matrix; part 0, 1, 2 is q, k, v (as many k/v heads as heads)."""
    start = (part * cfg.heads + head) * cfg.head_dim
    return slice(start, start + cfg.head_dim)


def copying(cfg, layer):
    """(matching heads, all copying heads) of a layer; the matching ones come first."""
    matching = MATCHING[cfg.layers].get(layer, 0)
    return matching, matching + POINTING[cfg.layers].get(layer, 0)


def masks(cfg):
    """{parameter: which of its entries never change}."""
    r, n, m = reserved(cfg), code_size(cfg), match_size(cfg)
    out = {name: torch.zeros(cfg.vocab, cfg.dim, dtype=torch.bool) for name in ("embed", "output")}
    out["embed"][:, :r] = True
    out["output"][:, :r + n] = True
    for name in ["norm"] + [f"blocks.{b}.{norm}" for b in range(cfg.layers) for norm in ("attn_norm", "ffn_norm")]:
        out[name + ".weight"] = torch.arange(cfg.dim) < r
    for b in range(cfg.layers):
        qkv = torch.zeros(3 * cfg.heads * cfg.head_dim, cfg.dim, dtype=torch.bool)
        matching, all_copying = copying(cfg, b)
        for h in range(BACK if b == 0 else matching):
            qkv[head_rows(cfg, 0, h)] = qkv[head_rows(cfg, 1, h)] = True
            if b:
                qkv[head_rows(cfg, 0, h)][-2] = False
        for h in range(BACK if b == 0 else all_copying):
            qkv[head_rows(cfg, 2, h)][:n if b else m] = True
        out[f"blocks.{b}.qkv"] = qkv
        for name, width in (("out", cfg.heads * cfg.head_dim), ("down", cfg.ffn)):
            out[f"blocks.{b}.{name}"] = (torch.arange(cfg.dim) < r)[:, None].repeat(1, width)
    return out


def lengths(cfg):
    """Root mean square of the residual before the first layer and after it."""
    n, m = code_size(cfg), match_size(cfg)
    first = CONSTANT ** 2 + n * CODE ** 2 + (cfg.dim - reserved(cfg)) * SPREAD ** 2
    return math.sqrt(first / cfg.dim), math.sqrt((first + 2 * m * CODE ** 2) / cfg.dim)


def look_back(block, cfg, head, steps, room):
    """q and k see the constant, k `steps` ahead in RoPE's angle; v is the code, written into its room."""
    angle = cfg.rope_base ** (-torch.arange(0, cfg.head_dim, 2) / cfg.head_dim)
    pairs, m = cfg.head_dim // 8, match_size(cfg)
    lead = float((1 - torch.cos(angle[:pairs])).sum())     # how far the right place is ahead of its neighbours
    size = math.sqrt(BACK_SCORE * math.sqrt(cfg.head_dim) / lead) * lengths(cfg)[0] / CONSTANT
    q, k = torch.zeros(cfg.head_dim, cfg.dim), torch.zeros(cfg.head_dim, cfg.dim)
    for i in range(pairs):
        q[2 * i, 0] = size
        k[2 * i, 0], k[2 * i + 1, 0] = size * math.cos(steps * angle[i]), size * math.sin(steps * angle[i])
    block.qkv[head_rows(cfg, 0, head)], block.qkv[head_rows(cfg, 1, head)] = q, k
    value, code = block.qkv[head_rows(cfg, 2, head)], rooms(cfg)[0]
    value[:m] = 0
    value[:m, code.start:code.start + m] = torch.eye(m)
    block.out[room, head * cfg.head_dim:head * cfg.head_dim + m] = lengths(cfg)[0] * torch.eye(m)


def match(block, cfg, head):
    """q: codes of this token and the one before, k: of the two before; the slowest pair is the learned rest."""
    size, m, scale = cfg.head_dim, match_size(cfg), math.sqrt(cfg.head_dim)
    code, before, third, _ = rooms(cfg)
    rms = lengths(cfg)[1]
    q, k = torch.zeros(size, cfg.dim), torch.zeros(size, cfg.dim)
    for score, mine, theirs, at in ((MATCH_SCORE, code, before, size - 2 - m), (THIRD_SCORE, before, third, size - 2 - 2 * m)):
        gain = math.sqrt(score * scale / m) * rms / CODE
        q[at:at + m, mine.start:mine.start + m] = k[at:at + m, theirs.start:theirs.start + m] = gain * torch.eye(m)
    loud = math.sqrt(rms ** 2 + MARK ** 2 / cfg.dim)
    q[-2, 0] = math.sqrt(REST_SCORE * scale) * rms / CONSTANT
    k[-2, 1] = math.sqrt(REST_SCORE * scale) * loud / MARK
    block.qkv[head_rows(cfg, 0, head)], block.qkv[head_rows(cfg, 1, head)] = q, k


def copy(block, cfg, head, silent):
    """v: the code, none for the token on which heads rest; written into the output room."""
    code, _, _, room = rooms(cfg)
    n = code_size(cfg)
    value = block.qkv[head_rows(cfg, 2, head)]
    value[:n] = 0
    value[:n, code] = torch.eye(n)
    value[:n, 1] = -silent / MARK
    block.out[room, head * cfg.head_dim:head * cfg.head_dim + n] = COPIED * lengths(cfg)[1] / CODE * torch.eye(n)


def families(tokens):
    """For every token the text without the space before it."""
    return [t[1:] if len(t) > 1 and t[0] == "\u0120" else t for t in tokens]


def drawn(names, width, gen):
    """A random row for every distinct name, in the order of `names`."""
    order = {name: n for n, name in enumerate(dict.fromkeys(names))}
    return torch.randn(len(order), width, generator=gen)[[order[name] for name in names]]


@torch.no_grad()
def install(net, tokens, seed=1):
    """Write the circuit into a fresh model; tokens: the spelling of every token."""
    cfg, gen = net.cfg, torch.Generator().manual_seed(seed)
    code, before, third, room = rooms(cfg)
    exact = families(tokens)
    lower = [t.lower() for t in exact]
    codes = drawn(exact, code_size(cfg), gen).sign()
    codes[:, :match_size(cfg)] = drawn(lower, match_size(cfg), gen).sign()
    spaced = torch.tensor([1.0 if a != b else -1.0 for a, b in zip(tokens, exact)])
    start = tokens.index("<|im_start|>")
    net.embed.copy_(SPREAD * (0.9 * drawn(lower, cfg.dim, gen) + 0.44 * torch.randn(cfg.vocab, cfg.dim, generator=gen)))
    net.embed[:, :reserved(cfg)] = 0
    net.embed[:, 0], net.embed[start, 1], net.embed[:, code] = CONSTANT, MARK, CODE * codes
    net.embed[:, room] *= 0.1
    net.output.copy_(OUT_SPREAD * torch.randn(cfg.vocab, cfg.dim, generator=gen))
    net.output[:, :reserved(cfg)] = 0
    net.output[:, room] = OUT_CODE * codes
    net.embed[:, room.stop] = net.output[:, room.stop] = SPACE_SIGN * spaced
    net.norm.weight[:room.start], net.norm.weight[room], net.norm.weight[room.stop:] = 0, FINAL_CODE, FINAL
    for b, block in enumerate(net.blocks):
        block.attn_norm.weight[room.start:] = block.ffn_norm.weight[room.start:] = LOUDER if b else LOUD
        matching, all_copying = copying(cfg, b)
        for h in range(matching):
            match(block, cfg, h)
        for h in range(all_copying):
            copy(block, cfg, h, CODE * codes[start])
    look_back(net.blocks[0], cfg, 0, 1, before)
    look_back(net.blocks[0], cfg, 1, 2, third)

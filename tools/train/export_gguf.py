#!/usr/bin/env python3
"""Turn a checkpoint into the GGUF file that Hearth ships: Llama tensors in Q8_0, vocabulary and chat template inside.

Fused matrices are split; nothing is permuted, because training already turns adjacent pairs. The same checkpoint
always gives the same bytes.
"""
import argparse
import os

import torch

import gguf
import model
from tokenizer import Tokenizer

HERE = os.path.dirname(os.path.abspath(__file__))
ABOUT = {"guide": ("hearth-guide", "A tiny model that answers questions about Hearth."),
         "draft": ("hearth-guide-draft", "Draft model of hearth-guide for speculative decoding.")}


def metadata(cfg, size, tok, template):
    u32, s, f32, flag = gguf.U32, gguf.STRING, gguf.F32, gguf.BOOL
    name, about = ABOUT[size]
    ids = tok.ids
    return [
        ("general.architecture", s, "llama"), ("general.type", s, "model"), ("general.name", s, name),
        ("general.description", s, about), ("general.organization", s, "Hearth"), ("general.license", s, "mit"),
        ("general.quantization_version", u32, 2), ("general.file_type", u32, 7),
        ("general.sampling.temp", f32, 0.0), ("general.sampling.penalty_repeat", f32, 1.0),    # it quotes: no dice
        ("general.languages", gguf.ARRAY, (s, ["en"])),
        ("llama.context_length", u32, cfg.context), ("llama.embedding_length", u32, cfg.dim),
        ("llama.block_count", u32, cfg.layers), ("llama.feed_forward_length", u32, cfg.ffn),
        ("llama.attention.head_count", u32, cfg.heads), ("llama.attention.head_count_kv", u32, cfg.kv_heads),
        ("llama.attention.key_length", u32, cfg.head_dim), ("llama.attention.value_length", u32, cfg.head_dim),
        ("llama.attention.layer_norm_rms_epsilon", f32, cfg.eps), ("llama.rope.dimension_count", u32, cfg.head_dim),
        ("llama.rope.freq_base", f32, cfg.rope_base), ("llama.vocab_size", u32, cfg.vocab),
        ("tokenizer.ggml.model", s, "gpt2"), ("tokenizer.ggml.pre", s, "qwen2"),
        ("tokenizer.ggml.tokens", gguf.ARRAY, (s, tok.tokens)),
        ("tokenizer.ggml.token_type", gguf.ARRAY, (gguf.I32, tok.types)),
        ("tokenizer.ggml.merges", gguf.ARRAY, (s, tok.merges)),
        ("tokenizer.ggml.eos_token_id", u32, ids["<|im_end|>"]),
        ("tokenizer.ggml.padding_token_id", u32, ids["<|endoftext|>"]),
        ("tokenizer.ggml.add_bos_token", flag, False), ("tokenizer.chat_template", s, template),
    ]


def tensors(state, cfg):
    """[(GGUF name, array)] with fused matrices taken apart."""
    q, kv = cfg.heads * cfg.head_dim, cfg.kv_heads * cfg.head_dim
    get = {k: v.float().numpy() for k, v in state.items()}
    out = [("token_embd.weight", get["embed"])]
    for n in range(cfg.layers):
        a, b = f"blocks.{n}.", f"blk.{n}."
        fused, pair = get[a + "qkv"], get[a + "gate_up"]
        out += [(b + "attn_norm.weight", get[a + "attn_norm.weight"]), (b + "attn_q.weight", fused[:q]),
                (b + "attn_k.weight", fused[q:q + kv]), (b + "attn_v.weight", fused[q + kv:]),
                (b + "attn_output.weight", get[a + "out"]), (b + "ffn_norm.weight", get[a + "ffn_norm.weight"]),
                (b + "ffn_gate.weight", pair[:cfg.ffn]), (b + "ffn_up.weight", pair[cfg.ffn:]),
                (b + "ffn_down.weight", get[a + "down"])]
    return out + [("output_norm.weight", get["norm.weight"]), ("output.weight", get["output"])]


def load_gguf(path):
    """(Model, Tokenizer) of an exported file, dequantised: the way back, which proves the export."""
    pairs, kept = gguf.read(path)
    p = {k.split(".", 1)[1]: v for k, v in pairs.items() if k.startswith("llama.")}
    cfg = model.Config(vocab=p["vocab_size"], dim=p["embedding_length"], layers=p["block_count"],
                       heads=p["attention.head_count"], kv_heads=p["attention.head_count_kv"],
                       head_dim=p["attention.key_length"], ffn=p["feed_forward_length"], context=p["context_length"],
                       rope_base=p["rope.freq_base"], eps=p["attention.layer_norm_rms_epsilon"])
    t = {k: torch.from_numpy(v.copy()) for k, v in kept.items()}
    state = {"embed": t["token_embd.weight"], "norm.weight": t["output_norm.weight"],
             "output": t.get("output.weight", t["token_embd.weight"])}
    for n in range(cfg.layers):
        a, b = f"blocks.{n}.", f"blk.{n}."
        state[a + "qkv"] = torch.cat([t[b + f"attn_{x}.weight"] for x in "qkv"])
        state[a + "gate_up"] = torch.cat([t[b + "ffn_gate.weight"], t[b + "ffn_up.weight"]])
        state[a + "out"], state[a + "down"] = t[b + "attn_output.weight"], t[b + "ffn_down.weight"]
        for norm in ("attn_norm.weight", "ffn_norm.weight"):
            state[a + norm] = t[b + norm]
    net = model.Model(cfg)
    net.load_state_dict(state)
    tok = Tokenizer(pairs["tokenizer.ggml.tokens"], pairs["tokenizer.ggml.merges"], pairs["tokenizer.ggml.token_type"])
    return net, tok


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("checkpoint")
    p.add_argument("out", help="the .gguf file to write")
    p.add_argument("--size", choices=sorted(ABOUT), default="guide")
    p.add_argument("--tokenizer", default=os.path.join(HERE, "tokenizer.json"))
    args = p.parse_args()
    kept = torch.load(args.checkpoint, map_location="cpu")
    cfg = model.Config(**kept["config"])
    with open(os.path.join(HERE, "template.jinja"), encoding="utf-8") as f:
        template = f.read()
    gguf.write(args.out, metadata(cfg, args.size, Tokenizer.load(args.tokenizer), template), tensors(kept["model"], cfg))
    print(f"{args.out}: {os.path.getsize(args.out)} bytes, step {kept['state']['step']}")


if __name__ == "__main__":
    main()

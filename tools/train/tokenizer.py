#!/usr/bin/env python3
"""The vocabulary of hearth-guide: a byte-level BPE, learned from the corpus and stored in tokenizer.json.

Tokens are spelled as GPT-2 spells them (each byte a printable character), because that is what a GGUF file keeps.
Ids: 256 bytes, then one token per merge, then the special tokens; the total is what --size says.
"""
import argparse
import collections
import json
import re

import pretok

CONTROL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
USER = ["<tool_call>", "</tool_call>"]
NORMAL_TYPE, CONTROL_TYPE, USER_TYPE = 1, 3, 4


def byte_spelling():
    """GPT-2's printable character for each byte."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    table, extra = {b: chr(b) for b in plain}, 256
    for b in range(256):
        if b not in table:
            table[b] = chr(extra)
            extra += 1
    return table


SPELL = byte_spelling()
UNSPELL = {c: b for b, c in SPELL.items()}


def spell(text):
    return "".join(SPELL[b] for b in text.encode("utf-8"))


class Tokenizer:
    def __init__(self, tokens, merges, types):
        self.tokens, self.merges, self.types = tokens, merges, types
        self.ids = {t: n for n, t in enumerate(tokens)}
        self.ranks = {tuple(m.split(" ")): n for n, m in enumerate(merges)}
        self.special = re.compile("(" + "|".join(re.escape(t) for t in CONTROL + USER) + ")")
        self.cache = {}

    @classmethod
    def load(cls, path):
        with open(path, encoding="utf-8") as f:
            kept = json.load(f)
        return cls(kept["tokens"], kept["merges"], kept["types"])

    def save(self, path):
        with open(path, "w", encoding="utf-8") as f:
            json.dump({"tokens": self.tokens, "merges": self.merges, "types": self.types}, f, ensure_ascii=False,
                      indent=0)

    def word(self, text):
        """Ids of one pre-token: the pair of lowest rank is merged until none is left."""
        known = self.cache.get(text)
        if known is not None:
            return known
        parts = list(spell(text))
        while len(parts) > 1:
            rank, at = min((self.ranks.get(pair, 1 << 30), n) for n, pair in enumerate(zip(parts, parts[1:])))
            if rank == 1 << 30:
                break
            parts[at:at + 2] = [parts[at] + parts[at + 1]]
        known = self.cache[text] = [self.ids[p] for p in parts]
        return known

    def encode(self, text):
        out = []
        for part in self.special.split(text):
            if part in CONTROL or part in USER:
                out.append(self.ids[part])
            else:
                for word in pretok.words(part):
                    out += self.word(word)
        return out

    def decode(self, ids):
        raw = bytearray()
        for n in ids:
            t = self.tokens[n]
            raw += t.encode() if self.types[n] != NORMAL_TYPE else bytes(UNSPELL[c] for c in t)
        return raw.decode("utf-8", "replace")


class Learner:
    """Pair counts over the distinct words, kept up to date merge by merge."""

    def __init__(self, counts):
        self.words = [list(spell(w)) for w in counts]
        self.times = list(counts.values())
        self.pairs, self.where = collections.Counter(), collections.defaultdict(set)
        for n in range(len(self.words)):
            self.account(n, 1)

    def account(self, n, sign):
        word = self.words[n]
        for pair in zip(word, word[1:]):
            self.pairs[pair] += sign * self.times[n]
            if sign > 0:
                self.where[pair].add(n)

    def best(self):
        """The commonest pair; ties go to the smaller text, so that the result is the same everywhere."""
        pair, times = max(self.pairs.items(), key=lambda item: (item[1], item[0]))
        return pair if times > 1 else None

    def merge(self, pair):
        for n in self.where.pop(pair, ()):
            self.account(n, -1)
            word, out, at = self.words[n], [], 0
            while at < len(word):
                if at + 1 < len(word) and (word[at], word[at + 1]) == pair:
                    out.append(word[at] + word[at + 1])
                    at += 2
                else:
                    out.append(word[at])
                    at += 1
            self.words[n] = out
            self.account(n, 1)
        self.pairs.pop(pair, None)


SPACE = SPELL[32]


def halves(piece):
    """What stands before the letters of a piece, and the letters; other pieces are whole."""
    if len(piece) > 1 and piece[-1].isalpha() and not piece[0].isalpha():
        return piece[0], piece[1:]
    return "", piece


def heads(learner, after_space):
    """The tokens with which words after a space begin."""
    return {word[0] for word, n in zip(learner.words, after_space) if n}


def learn(texts, size):
    """A tokenizer of exactly `size` tokens.

    A word is cut alike whatever stands before it, so that a value keeps its tokens from a sentence to a JSON string:
    no sign but the space is ever joined to letters, and that only after all other merges.
    """
    counts, spaced = collections.Counter(), collections.Counter()
    special = re.compile("|".join(re.escape(t) for t in CONTROL + USER))
    for text in texts:
        for part in special.split(text):
            for piece in pretok.words(part):
                before, word = halves(piece)
                counts[word] += 1
                spaced[word] += before == " "
    tokens, merges, known = [SPELL[b] for b in range(256)], [], set(SPELL.values())
    learner, after_space = Learner(counts), [spaced[w] for w in counts]
    room = size - len(CONTROL) - len(USER)
    while True:
        first = heads(learner, after_space)
        pair = learner.best() if len(tokens) + len(first) < room else None
        if pair is None:
            break
        learner.merge(pair)
        merges.append(" ".join(pair))
        if "".join(pair) not in known:
            known.add("".join(pair))
            tokens.append("".join(pair))
    for head in sorted(first, key=tokens.index)[:room - len(tokens)]:
        merges.append(f"{SPACE} {head}")
        tokens.append(SPACE + head)
    if len(tokens) != room:
        raise SystemExit("tokenizer: the corpus is too small for this vocabulary")
    types = [NORMAL_TYPE] * len(tokens) + [CONTROL_TYPE] * len(CONTROL) + [USER_TYPE] * len(USER)
    return Tokenizer(tokens + CONTROL + USER, merges, types)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("text", help="file of conversations, one JSON object per line with a field `text`")
    p.add_argument("--out", default="tokenizer.json")
    p.add_argument("--size", type=int, default=4096)
    args = p.parse_args()
    with open(args.text, encoding="utf-8") as f:
        made = learn((json.loads(line)["text"] for line in f), args.size)
    made.save(args.out)
    print(f"{len(made.tokens)} tokens, {len(made.merges)} merges")


if __name__ == "__main__":
    main()

"""Tokenised conversations on disk, and the order in which training meets them.

A file holds three arrays: all tokens in one row, a loss code per token, and where each conversation starts. Batches
join conversations of similar length, so that almost nothing is padding and attention never crosses from one
conversation into another.
"""
import hashlib

import numpy as np
import torch

PROMPT, ANSWER = 1, 2          # loss codes; 0 takes no loss
PROMPT_SHARE = 0.08            # of the prompt's tokens this many take a loss: enough to learn how people ask


def save(path, conversations):
    """Write [(ids, codes), ...]."""
    lengths = [len(ids) for ids, _ in conversations]
    np.savez(path, tokens=np.concatenate([np.asarray(i, np.uint16) for i, _ in conversations]),
             codes=np.concatenate([np.asarray(c, np.uint8) for _, c in conversations]),
             starts=np.cumsum([0] + lengths, dtype=np.int64))


class Data:
    def __init__(self, path):
        kept = np.load(path)
        self.tokens, self.codes, self.starts = kept["tokens"], kept["codes"], kept["starts"]
        self.lengths = np.diff(self.starts)
        self.name = hashlib.sha256(self.tokens.tobytes()).hexdigest()[:16]

    def plan(self, seed, batch_tokens, window=8192):
        """The batches of one epoch: arrays of conversation numbers, in the order of training."""
        rng = np.random.default_rng(seed)
        order = rng.permutation(len(self.lengths))
        batches = []
        for at in range(0, len(order), window):
            part = order[at:at + window]
            part = part[np.argsort(self.lengths[part], kind="stable")]
            cut, first = [], 0
            for n in range(len(part) + 1):
                over = n < len(part) and (n + 1 - first) * self.lengths[part[n]] > batch_tokens
                if n > first and (n == len(part) or over):
                    cut.append(part[first:n])
                    first = n
            batches += [cut[i] for i in rng.permutation(len(cut))]
        return batches

    def batch(self, rows, seed):
        """Tensors ids and weights of the given conversations, padded to the longest."""
        rng = np.random.default_rng(seed)
        width = int(self.lengths[rows].max())
        ids = np.zeros((len(rows), width), np.int64)
        codes = np.zeros((len(rows), width), np.uint8)
        for n, r in enumerate(rows):
            a, b = self.starts[r], self.starts[r + 1]
            ids[n, :b - a] = self.tokens[a:b]
            codes[n, :b - a] = self.codes[a:b]
        picked = (codes == ANSWER) | ((codes == PROMPT) & (rng.random(codes.shape) < PROMPT_SHARE))
        return torch.from_numpy(ids), torch.from_numpy(picked.astype(np.float32))

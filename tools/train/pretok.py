"""Cutting text into words the way the `qwen2` pre-tokenizer of GGUF files does.

    (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+

Python's `re` knows no \\p{L}, so this is a scanner that tries the same alternatives in the same order.
"""
import functools
import unicodedata

CONTRACTIONS = ("'s", "'t", "'re", "'ve", "'m", "'ll", "'d")


@functools.lru_cache(maxsize=None)
def kind(ch):
    """L letter, N number, S space, O anything else."""
    if ch.isspace():
        return "S"
    first = unicodedata.category(ch)[0]
    return first if first in "LN" else "O"


def run(text, at, what):
    """End of the run of characters of this kind."""
    while at < len(text) and kind(text[at]) == what:
        at += 1
    return at


def space_end(text, at):
    """End of the piece that starts with the white space at `at`: the last three alternatives."""
    end = run(text, at, "S")
    last = max(text.rfind("\n", at, end), text.rfind("\r", at, end))
    if last >= 0:
        return last + 1
    if end == len(text) or end - at == 1:
        return end
    return end - 1


def piece_end(text, at):
    ch = text[at]
    if ch == "'":
        low = text[at:at + 3].lower()
        for c in CONTRACTIONS:
            if low.startswith(c):
                return at + len(c)
    k = kind(ch)
    follows = kind(text[at + 1]) if at + 1 < len(text) else ""
    if k == "L":
        return run(text, at, "L")
    if k != "N" and ch not in "\r\n" and follows == "L":
        return run(text, at + 1, "L")
    if k == "N":
        return at + 1
    if k == "O" or (ch == " " and follows == "O"):
        end = run(text, at + 1 if k == "S" else at, "O")
        while end < len(text) and text[end] in "\r\n":
            end += 1
        return end
    return space_end(text, at)


def words(text):
    """The pieces, in order; joined they are the text."""
    at, out = 0, []
    while at < len(text):
        end = piece_end(text, at)
        out.append(text[at:end])
        at = end
    return out

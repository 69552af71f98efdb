"""Copying drills: dense practice for the first minutes of training.

Quoting, forms and tool calls all rest on one ability, copying what followed the last time. In a small model it appears
late and all at once; long random texts to repeat and lists to look something up in bring that moment forward.
"""
from . import fillers as f
from . import passages
from .phrases import expand

MAKERS = [f.word, f.word, f.name, f.city, f.code, f.person, f.date, lambda r: str(f.number(r, 1, 99999)), lambda r: r.choice(f.THINGS), lambda r: r.choice(f.NOUNS),
          lambda r: r.choice(f.COLOURS), lambda r: r.choice(f.JOBS)]


def items(rng, low, high):
    if rng.random() < 0.3:
        one = rng.choice(MAKERS)
        return [one(rng) for _ in range(rng.randint(low, high))]
    return [rng.choice(MAKERS)(rng) for _ in range(rng.randint(low, high))]


def repetition(rng):
    """(prompt, answer): a long text to say again."""
    text = rng.choice([" ", ", ", "\n"]).join(items(rng, 4, 24))
    prompt = expand(rng.choice(passages.ECHO), rng, {"x": "{x}"}).replace("{x}", text)
    return prompt, text


def lookup(rng):
    """(prompt, answer): a list of pairs, some keys asked, their lines or values answered."""
    keys, values = list(dict.fromkeys(items(rng, 2, 8))), items(rng, 8, 8)
    lines = [f"{k}: {v}" for k, v in zip(keys, values)]
    picked = rng.sample(lines, rng.randint(1, len(lines)))
    return "\n".join(lines) + "\n\n" + ", ".join(p.split(":")[0] for p in picked) + "?", "\n".join(picked)


def sample(rng):
    return rng.choice([repetition, lookup])(rng)

#!/usr/bin/env python3
"""Does template.jinja say what chatml.py says? Needs python3-jinja2 (Debian); training itself does not.

Compares the two on conversations of the corpus, with tools, tool calls and tool results among them.
"""
import argparse
import os
import random
import sys

import chatml
from corpus import dialogue

HERE = os.path.dirname(os.path.abspath(__file__))


def render(messages, tools, add):
    from jinja2.sandbox import ImmutableSandboxedEnvironment
    env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    env.filters["tojson"] = chatml.to_json
    with open(os.path.join(HERE, "template.jinja"), encoding="utf-8") as f:
        return env.from_string(f.read()).render(messages=messages, tools=tools, add_generation_prompt=add)


def as_api(messages, tools):
    """The same conversation as an OpenAI client would send it: functions wrapped, arguments as text."""
    out = []
    for m in messages:
        m = dict(m)
        if m.get("tool_calls"):
            m["content"] = None
            m["tool_calls"] = [{"type": "function", "id": "x", "function": {**c, "arguments": chatml.to_json(c["arguments"])}}
                               for c in m["tool_calls"]]
        out.append(m)
    return out, tools and [{"type": "function", "function": t} for t in tools]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--count", type=int, default=2000, help="conversations to compare")
    args = p.parse_args()
    for n in range(args.count):
        _, messages, tools = dialogue.conversation(random.Random(f"template/{n}"))
        whole = "".join(t for t, _ in chatml.segments(messages, tools))
        for given in ((messages, tools), as_api(messages, tools)):
            if render(*given, False) != whole or render(*given, True) != whole + "<|im_start|>assistant\n":
                sys.exit(f"conversation {n} differs:\n{render(*given, False)}\n---\n{whole}")
    print(f"{args.count} conversations render alike")


if __name__ == "__main__":
    main()

"""Conversations as text: what template.jinja renders, in Python, with the answers marked.

Training and evaluation must see exactly the text the product will send, so this is the template's twin;
check_template.py compares the two where python3-jinja2 is installed.
"""
import json


def to_json(value):
    """JSON as the product's `tojson` writes it: a space after comma and colon, letters unescaped."""
    return json.dumps(value, ensure_ascii=False)


def call_text(call):
    """A tool call inside an assistant message; `call` has name and arguments."""
    return '<tool_call>\n{"name": "%s", "arguments": %s}\n</tool_call>' % (call["name"], to_json(call["arguments"]))


def answer_text(message):
    parts = [message["content"]] if message.get("content") else []
    return "\n".join(parts + [call_text(c) for c in message.get("tool_calls", [])])


def segments(messages, tools=None):
    """[(text, is_answer), ...]; an answer includes the <|im_end|> that the model must say itself."""
    out, first = [], 0
    if tools:
        system = ""
        if messages[0]["role"] == "system":
            system, first = messages[0]["content"] + "\n\n", 1
        lines = "".join("\n" + to_json(tool) for tool in tools)
        out.append((f"<|im_start|>system\n{system}# Tools{lines}<|im_end|>\n", False))
    for m in messages[first:]:
        if m["role"] == "tool":
            out.append((f"<|im_start|>user\n<tool_response>\n{m['content']}\n</tool_response><|im_end|>\n", False))
        elif m["role"] == "assistant":
            out += [("<|im_start|>assistant\n", False), (answer_text(m) + "<|im_end|>", not m.get("given")),
                    ("\n", False)]
        else:
            out.append((f"<|im_start|>{m['role']}\n{m['content']}<|im_end|>\n", False))
    return out


def prompt(messages, tools=None):
    """The text after which the model answers."""
    return "".join(t for t, _ in segments(messages, tools)) + "<|im_start|>assistant\n"

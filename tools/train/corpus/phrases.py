"""How one question gets many forms: templates with choices, and the small accidents of typing.

A template is text with `(a|b|c)` for choices (an empty choice is allowed) and `{name}` for a list from MACROS or a
filler the caller gives. Intents are data: their files only call `intent()`.
"""
import re

MACROS = {
    "how": "(how do i|how do i|how can i|how would i|how should i|how to|how do you|what is the way to|"
           "what's the way to|tell me how to|show me how to|explain how to|can you tell me how to|i want to|i need to|"
           "i would like to|what command do i use to|what do i type to|which command lets me|is there a way to|"
           "what do i have to do to|steps to|what is the command to|i don't know how to|could you explain how to)",
    "what": "(what is|what is|what's|whats|explain|define|tell me about|describe|what exactly is|can you explain|"
            "could you explain|tell me what is|i don't understand|help me understand|give me a short explanation of)",
    "can": "(can i|can i|could i|may i|is it possible to|am i able to|does hearth let me|will hearth let me)",
    "does": "(does hearth|does hearth|can hearth|will hearth|is hearth able to|does it|can it)",
    "why": "(why is|why is|what is the reason that|how come|explain why|tell me why|for what reason is)",
    "where": "(where is|where are|where do i find|where can i find|in which folder is|in which directory is|"
             "what is the location of|show me where to find|where does hearth keep|tell me where i find)",
    "get": "(download|download|get|fetch|pull|install|obtain|grab|add)",
    "model": "(model|model|llm|language model|new model|ai model)",
    "amodel": "(a model|a model|models|an llm|a language model|a new model|another model|some model|my first model)",
    "begin": "(start|start|launch|run|open|begin|turn on|bring up|fire up)",
    "end": "(stop|stop|shut down|end|quit|turn off|kill|halt|close)",
    "see": "(see|see|list|show|view|display|check|look at|find out)",
    "fast": "(faster|faster|quicker|speedier|run faster|go faster)",
    "computer": "(computer|computer|machine|pc|laptop|desktop|system|box)",
}

PLACE = re.compile(r"\{([a-z_]+)\}")
CHOICE = re.compile(r"\(([^()]*\|[^()]*)\)")


def expand(template, rng, fill=None):
    """One random form of a template."""
    text = template
    for _ in range(6):
        text, n = PLACE.subn(lambda m: (fill or {}).get(m.group(1)) or MACROS[m.group(1)], text)
        if not n:
            break
    while True:
        text, n = CHOICE.subn(lambda m: rng.choice(m.group(1).split("|")), text)
        if not n:
            return re.sub(r"  +", " ", text).strip()


QUESTION = re.compile(r"^(how|what|whats|which|where|why|who|when|can|could|does|do|is|are|am|may|will|should|did|any)\b")
BEFORE = ["hi, ", "hello, ", "hey, ", "quick question: ", "i'm new here. ", "sorry, ", "ok, ", "so ", "and ",
          "one question, ", "please tell me: ", "question: ", "hello! ", "hi. ", "good morning, ", "well, ", "also, "]
AFTER = [" please", " thanks", ", please", " in hearth", " with hearth", " here", " exactly", " on my computer",
         " on linux", " from the terminal", ", i am new to this", " now", " today", " again"]


def typo(text, rng):
    """One slip of the finger inside a word: swapped, missing or doubled letter."""
    spots = [n for n in range(1, len(text) - 1) if text[n - 1:n + 2].isalpha()]
    if not spots:
        return text
    n = rng.choice(spots)
    way = rng.random()
    if way < 0.4:
        return text[:n] + text[n + 1] + text[n] + text[n + 2:]
    return text[:n] + text[n + 1:] if way < 0.75 else text[:n] + text[n] + text[n:]


def dress(text, rng, plain=False):
    """Capitals, punctuation, courtesy and slips around a bare question in lower case."""
    asks = bool(QUESTION.match(text))
    if not plain:
        if rng.random() < 0.10:
            text = text + rng.choice(AFTER)
        if rng.random() < 0.12:
            text = rng.choice(BEFORE) + text
        if rng.random() < 0.07:
            text = typo(text, rng)
    way = rng.random()
    if way < 0.62:
        text = text[0].upper() + text[1:]
        text = re.sub(r"\bi\b", "I", text)
        text = re.sub(r"\bhearth\b(?![-/])", "Hearth", text) if rng.random() < 0.8 else text
    elif way > 0.985 and not plain:
        text = text.upper() if not re.search(r"[/.`]", text) else text
    if text[-1] in "?!.":
        return text
    if rng.random() < 0.72:
        return text + ("?" if asks else rng.choice([".", ".", "?"]))
    return text


INTENTS = {}


def intent(name, q, held, a, keys, follow=(), fill=None, weight=1.0):
    """Declare a question Hearth's guide answers.

    q, held: templates for training and for evaluation; a: answers; keys: texts of which a right answer holds every
    one ("x|y": either); follow: [(questions, answers, keys)] that make sense only after this one; fill(rng): values
    for {places} in questions, answers and keys.
    """
    assert name not in INTENTS, name
    INTENTS[name] = dict(name=name, q=list(q), held=list(held), a=list(a), keys=list(keys), follow=list(follow),
                         fill=fill, weight=weight)

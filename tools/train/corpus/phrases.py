"""How one question gets many forms: templates with choices, and the small accidents of typing.

A template is text with `(a|b|c)` for choices (an empty choice is allowed) and `{name}` for a list from MACROS or a
filler the caller gives. Intents are data: the facts_*.py files only call `intent()`, the ways_*.py files only `ways()`,
which adds more ways of asking to an intent. `settle()` then holds some templates of every intent back from training.
"""
import re
import zlib

from .frames import FRAMES
from .slips import dress, vary  # noqa: F401

MACROS = {
    "how": "(how do i|how do i|how do i|how can i|how can i|how would i|how should i|how to|how to|how do you|how does one|how do we|"
           "how could i|how might i|how am i supposed to|how can one|how do people|what is the way to|what's the way to|"
           "what's the best way to|what is the easiest way to|what is the right way to|tell me how to|show me how to|"
           "explain how to|explain to me how to|can you tell me how to|could you tell me how to|can you show me how to|i want to|"
           "i need to|i would like to|i'd like to|i wish to|i have to|i must|i'm trying to|i am trying to|i try to|"
           "what command do i use to|what do i type to|what should i type to|what must i enter to|which command lets me|"
           "which command is there to|what's the command to|what is the command to|is there a way to|is there a command to|"
           "what do i have to do to|what do i need to do to|what are the steps to|steps to|i don't know how to|"
           "i do not know how to|i have no idea how to|i'm not sure how to|could you explain how to|do you know how to|"
           "please tell me how to|please show me how to|help me to|help me|how exactly do i|how do i go about it, i want to|"
           "wondering how to|i was wondering how to|i wonder how to|any idea how to|what is needed to)",
    "what": "(what is|what is|what is|what's|what's|whats|what are|explain|explain to me|define|tell me about|describe|what exactly is|"
            "what on earth is|what the heck is|can you explain|could you explain|please explain|can you tell me what is|"
            "tell me what is|i don't understand|i do not understand|i never understood|help me understand|give me a short explanation of|"
            "give me a definition of|what do you mean by|what do people mean by|what is meant by|what is the meaning of|what's this about|"
            "in simple words, what is|in short, what is|in plain english, what is|briefly, what is|so what is|what is this thing called|"
            "i've never heard of|i keep reading about|i read about|i would like to know what is|i'd like to understand|teach me about|"
            "tell me more about|some words about|what do i need to know about|eli5|what should i know about)",
    "can": "(can i|can i|can i|could i|may i|can we|can one|can you|is it possible to|is it possible to|is it ok to|is it allowed to|"
           "am i able to|am i allowed to|would it be possible to|will i be able to|is there a possibility to|is there any way to|"
           "does hearth let me|will hearth let me|does hearth allow me to|does it let me|do you know if i can|i wonder if i can|"
           "i want to know if i can|please tell me if i can|can i somehow|can i also|could one|might i)",
    "does": "(does hearth|does hearth|does hearth|can hearth|will hearth|would hearth|is hearth able to|does it|can it|does this program|"
            "can this program|does the program|does this tool|i wonder if hearth can|do you know if hearth can|tell me, can hearth|"
            "is hearth capable to|can this thing|does hearth also|can hearth also|could hearth)",
    "why": "(why is|why is|why's|what is the reason that|what's the reason|how come|explain why|tell me why|can you tell me why|for what reason is|"
           "why on earth is|why exactly is|i don't understand why|i wonder why|what makes|do you know why)",
    "where": "(where is|where is|where's|where are|where do i find|where can i find|where do i see|where would i find|where should i look for|"
             "in which folder is|in which directory is|in which place is|what is the location of|what is the path to|i can't find|"
             "i cannot find|i am looking for|i'm looking for|show me where to find|where does hearth keep|tell me where i find|"
             "tell me where to find|where on my disk is|where on earth is|do you know where to find|how do i find)",
    "get": "(download|download|download|get|get|fetch|pull|install|obtain|grab|add|acquire|pull down|bring in|save)",
    "model": "(model|model|model|llm|language model|new model|ai model|large language model|gguf model|local model)",
    "amodel": "(a model|a model|a model|models|models|an llm|a language model|a new model|another model|some model|some models|my first model|"
              "an ai model|the model|one model|a local model|a large language model|llms|more models|this model|my model|a gguf model)",
    "begin": "(start|start|start|launch|run|open|begin|turn on|bring up|fire up|switch on|activate|boot|get going)",
    "end": "(stop|stop|stop|shut down|end|quit|turn off|kill|halt|close|switch off|terminate|exit|finish|shut off|deactivate)",
    "see": "(see|see|list|show|view|display|check|look at|find out|look up|print|get|inspect|find)",
    "fast": "(faster|faster|quicker|speedier|run faster|go faster|less slow|work faster|respond faster|snappier)",
    "computer": "(computer|computer|machine|pc|laptop|desktop|system|box|notebook|workstation|mac|mini pc)",
    "fix": "(, what now|, what can i do|, what do i do|, help|, why|, how do i fix it|, how do i fix that|, any idea|, what is wrong|"
           ", what should i do|. why|. how do i fix this|. what now|. help please|. what can be done|)",
    "pls": "(please|please|can you|could you|would you|)",
}

PLACE = re.compile(r"\{([a-z_]+)\}")
CHOICE = re.compile(r"\(([^()]*)\)")


def pick(choices, rng, first):
    return choices[0] if first and rng.random() < first else rng.choice(choices)


def expand(template, rng, fill=None, first=0.0):
    """One random form of a template; `first` is the share of choices that fall on the first, the plainest."""
    text = template
    for _ in range(6):
        text, n = PLACE.subn(lambda m: (fill or {}).get(m.group(1)) or MACROS[m.group(1)], text)
        if not n:
            break
    while True:
        text, n = CHOICE.subn(lambda m: pick(m.group(1).split("|"), rng, first), text)
        if not n:
            return re.sub(r"  +", " ", text).strip()


INTENTS = {}


def intent(name, q, held, a, keys, follow=(), fill=None, weight=1.0, small=False):
    """Declare a question Hearth's guide answers.

    q, held: templates for training and for evaluation; a: [the answer]; keys: texts of which a right answer holds every
    one ("x|y": either); follow: [(questions, answers, keys)] that make sense only after this one; fill(rng): values
    for {places} in questions, answers and keys; small: small talk. settle() adds near: templates like those of q, for evaluation only.
    """
    assert name not in INTENTS, name
    INTENTS[name] = dict(name=name, q=list(q), plain={q[0]}, near=[], pattern=None, held=list(held), a=list(a), keys=list(keys),
                         follow=[(list(questions), answers, fits) for questions, answers, fits in follow], fill=fill, weight=weight, small=small)


def lines(text):
    """The lines of a text; an indented one goes on with the line before."""
    out = []
    for line in filter(str.strip, text.splitlines()):
        if line[0] == " " and out:
            out[-1] += ("" if out[-1][-1] == "|" else " ") + line.strip()
        else:
            out.append(line.strip())
    return out


def ways(name, text="", follow=(), **things):
    """More ways of asking: one template a line in text, and what the frames of FRAMES are put around.

    things: kind of frame -> the things to put in, apart by "|" or one a line; follow: per follow-up more questions.
    """
    item = INTENTS[name]
    item["q"] += lines(text)
    for kind, thing in things.items():
        inner = "(" + "|".join(part.rstrip("|") for part in lines(thing)) + ")"
        framed = [frame.replace("{x}", inner) for frame in FRAMES[kind]]
        item["q"] += framed
        item["plain"].update(framed[:2])
    for questions, more in zip(item["follow"], follow):
        questions[0].extend(q for q in (lines(more) if "\n" in more else more.split("|")) if q and q not in questions[0])


def fold(text):
    """A question without case, punctuation and spacing: what counts as the same phrasing."""
    return "".join(c for c in text.lower() if c.isalnum())


def pattern(template):
    """A regular expression for the folded forms of a template; a filler matches anything."""
    for _ in range(6):
        template = PLACE.sub(lambda m: MACROS.get(m.group(1), "\0"), template)
    out = []
    for c in template:
        out.append("(?:" if c == "(" else c if c in ")|" else ".+" if c == "\0" else fold(c))
    return "".join(out)


def settle():
    """Hold about a tenth of every intent's templates back from training, chosen by a stable hash of their text.

    The plainest phrasings are never held back.
    """
    for item in INTENTS.values():
        own = list(dict.fromkeys(item["q"]))
        item["near"] = [q for q in own if q not in item["plain"] and zlib.crc32(q.encode()) % 10 == 0]
        item["q"] = [q for q in own if q not in item["near"]]


def distance(a, b):
    """Words to insert, drop or change to make a of b; a word of b with a filler fits any."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row = row, [i]
        for j, y in enumerate(b, 1):
            row.append(min(last[j] + 1, row[-1] + 1, last[j - 1] + (x != y and "{" not in y)))
    return row[-1]


def words(text):
    return [w.strip(".,?!:") for w in text.lower().split()]


def close(text, held):
    """Whether a text holds a held-out phrasing of some length, or is one but for every fifth word."""
    own, other = words(text), words(held)
    if len(other) >= 4 and " ".join(other) in " ".join(own):
        return True
    return len(other) >= 7 and abs(len(own) - len(other)) <= len(other) // 5 and distance(own, other) <= len(other) // 5


def withheld(item, text):
    """Whether the text is a form of one of the intent's held-out templates, or close to a far one."""
    if item["pattern"] is None:
        item["pattern"] = re.compile("|".join(f"(?:{pattern(q)})" for q in item["near"] + item["held"]))
    return bool(item["pattern"].fullmatch(fold(text))) or any(close(text, held) for held in item["held"])

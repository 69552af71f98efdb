"""What people do to a question when they type it: other words for the same thing, courtesy, short forms, slips."""
import re

QUESTION = re.compile(r"^(how|hows|what|whats|which|where|wheres|why|who|whom|whose|when|can|could|does|do|is|are|am|may|might|will|would|should|did|"
                      r"any|has|have|isn't|isnt|doesn't|doesnt|can't|cant|was|were|so what|so how|and how|and what|with what|in which|on which)\b")
BEFORE = ["hi, ", "hi ", "hello, ", "hey, ", "hey ", "hello ", "quick question: ", "quick question, ", "i'm new here. ", "sorry, ", "ok, ", "ok so ", "so ",
          "and ",
          "one question, ", "one more question: ", "another question: ", "please tell me: ", "question: ", "hello! ", "hi. ", "hi! ", "good morning, ",
          "good evening. ", "well, ",
          "also, ", "now ", "then ", "but ", "hm, ", "hmm ", "um, ", "er, ", "umm ", "excuse me, ", "please, ", "pls ", "dear hearth, ", "hearth, ",
          "hey hearth, ", "hi guide, ",
          "just wondering, ", "just curious: ", "stupid question: ", "silly question, ", "maybe a dumb question, but ", "noob question: ",
          "beginner question: ", "sorry if this is obvious, ",
          "i wonder, ", "i was wondering: ", "tell me, ", "say, ", "listen, ", "alright, ", "right, ", "yo ", "ok ", "okay, ", "good day, ", "greetings. ",
          "by the way, ", "btw ",
          "next question: ", "can i ask something? ", "may i ask: ", "could you help me? ", "can you help? ", "help: ", "help! ", "i need help. ",
          "i have a question. ",
          "got a question: ", "first question: ", "last question: ", "for my understanding: ", "honestly, ", "actually, ", "basically, ", "in hearth, ",
          "with hearth, ", "on linux: "]
CONTEXT = ["i use debian. ", "i use linux. ", "i am on ubuntu. ", "i just installed hearth. ", "i am a beginner. ", "i'm not a programmer. ",
           "i am a developer. ", "i am a student. ",
           "my english is not so good. ", "i read the readme already. ", "i have read the manual. ", "i come from windows. ",
           "this is my first day with hearth. ",
           "we want to use hearth at school. ", "i am setting this up for my parents. ", "i have been using hearth for a week. ",
           "i am an old man and new to this. ",
           "i'm testing hearth at work. ", "i tried for an hour. ", "i could not find it in the docs. ", "i am writing a blog post. ",
           "i am preparing a talk. "]
AFTER = [" please", " thanks", ", please", ", thanks", ", thank you", " in hearth", " with hearth", " here", " exactly", " on my computer", " on linux",
         " on ubuntu", " on debian",
         " from the terminal", ", i am new to this", " now", " today", " again", " then", " anyway", " actually", " pls", " plz", " thx",
         ", can you tell me", ", do you know",
         ", any idea", " and how", ", i'm a beginner", ", i am lost", ", quickly", ", in short", ", briefly", " if i may ask", " by the way", " for me",
         " right now", " at home",
         ", please explain", ", help please", " or not", ", i wonder", " using hearth", " in the terminal", ", sorry for asking", ", short answer please",
         " in simple words"]

SAME = {
    "computer": "pc machine box laptop desktop workstation", "pc": "computer machine", "machine": "computer pc box", "laptop": "notebook",
    "program": "app application", "programs": "apps applications", "app": "program application",
    "graphics card": "gpu|video card|graphics chip|graphics adapter",
    "gpu": "graphics card|video card|gpu card", "gpus": "graphics cards|video cards", "vram": "video memory|gpu memory|video ram", "ram": "memory|main memory",
    "folder": "directory dir path", "directory": "folder dir", "disk": "drive|hard drive|hard disk|ssd", "delete": "erase|get rid of|wipe",
    "answer": "reply response", "slow": "sluggish|laggy|slow", "fast": "quick", "big": "large huge", "large": "big",
    "small": "little", "terminal": "console|shell|command line",
    "error": "error message|error", "settings": "options preferences configuration", "choose": "pick select",
    "pick": "choose select", "select": "choose pick",
    "phone": "smartphone mobile", "website": "site|web page|webpage", "web page": "website|page", "picture": "image photo",
    "pictures": "images photos",
    "document": "doc document", "documents": "docs papers", "fix": "solve repair", "explain": "describe clarify", "tell me": "let me know|tell me",
    "possible": "doable possible", "command": "cmd instruction command",
    "find out": "figure out|learn|discover", "speed": "performance pace", "wrong": "incorrect false", "bad": "poor lousy",
    "many": "lots of|many", "quickly": "fast",
    "internet": "web|net|internet connection", "conversation": "chat dialogue", "downloaded": "fetched pulled",
    "models": "llms|language models|models", "model": "llm|language model|model",
    "begin": "start", "crashes": "dies|breaks down", "crashed": "died|broke down",
    "automatically": "by itself|on its own", "works": "functions works",
    "information": "info details", "example": "sample example", "difference": "distinction difference", "happens": "occurs happens", "allowed": "permitted",
    "several": "multiple many", "multiple": "several many",
    "lot of": "great deal of|lots of", "old": "ancient old", "stop": "halt end stop", "recommend": "suggest advise",
    "suggest": "recommend propose", "good": "decent nice good", "best": "optimal best",
    "purpose": "point use", "users": "people users", "version": "release version", "usually": "normally", "right now": "at the moment|currently|just now",
    "forever": "ages|an eternity|very long",
    "quantisation": "quantization", "quantised": "quantized", "quantise": "quantize", "quantization": "quantisation", "licence": "license",
    "license": "licence", "network": "lan network", "hugging face": "huggingface|hf|hugging face",
    "function": "function routine", "config": "configuration settings", "question": "query question",
    "kept": "stored saved", "stored": "kept saved", "saved": "stored kept",
    "broken": "damaged corrupt", "damaged": "broken corrupted", "sentence": "phrase sentence",
    "client": "client app", "strange": "weird odd", "weird": "strange odd",
}
# Words that carry another meaning in these company: left alone.
FIXED = re.compile(r"hearth (server )?[a-z]+|hearth-[a-z-]+|(chat|prompt|jinja) template|api key|kv cache|open source|system prompt|draft model|batch|"
                   r"language model\w*|\bllms?\b|error \d+|/[a-z-]+|-{1,2}[a-z]+|model_\w+|model not found|vision model|reasoning model|embedding model|model context|"
                   r"(how|so|too|as) (many|much|big|large|fast|small|slow)|speed (it |things )?up|the best way|chat|built-in model|default model|long text|tool|can't use|api|key|broken record|gpu memory|virtual memory|a client|the answer is|\S*[`/@.~_]\S*")
WORD = re.compile(r"(?<![\w/.@~`$-])(" + "|".join(sorted(map(re.escape, SAME), key=len, reverse=True)) + r")(?![\w/.@~`-])")
SHORT = [("what is", "what's"), ("i am", "i'm"), ("do not", "don't"), ("does not", "doesn't"), ("is not", "isn't"), ("cannot", "can't"), ("it is", "it's"),
         ("i have", "i've"),
         ("will not", "won't"), ("i would", "i'd"), ("how is", "how's"), ("where is", "where's"), ("that is", "that's"), ("are not", "aren't"), ("did not",
         "didn't"), ("could not", "couldn't")]
CHAT = [("you", "u"), ("are", "r"), ("please", "pls"), ("please", "plz"), ("because", "cuz"), ("want to", "wanna"), ("going to", "gonna"), ("thanks",
        "thx"), ("with", "w/"), ("without", "w/o"),
        ("do not", "dont"), ("cannot", "cant"), ("what", "wat"), ("something", "smth"), ("and", "&"), ("for", "4"), ("to", "2"), ("though", "tho"), ("know",
        "kno"), ("computer", "comp")]
DROP = re.compile(r"\b(a|an|the|my|do|does|is|of) ")
LEAD = re.compile(r"^(how do i|how can i|how to|what is|what's|can i|does hearth|is it possible to|where is|is there|please|i want to|i would like to|can you|could you|tell me) ")


PLAIN = re.compile(r"(?<![^\s(])[a-z]{3,}(?=[\s?!.,:)]|$)")


def put_in(match, rng):
    word = match.group(1)
    choices = SAME[word]
    return rng.choice(choices.split("|") if "|" in choices else choices.split())


def vary(text, rng):
    """Other words for some of the words of a question."""
    kept = [m.span() for m in FIXED.finditer(text)]

    def swap(match):
        inside = any(a < match.end() and match.start() < b for a, b in kept)
        return match.group(1) if inside or rng.random() < 0.5 else put_in(match, rng)

    text = WORD.sub(swap, text)
    text = re.sub(r"\ban (?=(?!llm|ssd|hf)[bcdfghjklmnpqrtvwxyz][a-z]{2})", "a ", text)
    return re.sub(r"\ba (?=[aeio]\w|llm\b|ssd\b)", "an ", text)


def typo(text, rng):
    """One slip of the finger inside a plain word: swapped, missing or doubled letter. Names keep theirs: they are copied."""
    spots = [n for m in PLAIN.finditer(text) for n in range(m.start() + 1, m.end() - 1)]
    if not spots:
        return text
    n = rng.choice(spots)
    way = rng.random()
    if way < 0.4:
        return text[:n] + text[n + 1] + text[n] + text[n + 2:]
    return text[:n] + text[n + 1:] if way < 0.75 else text[:n] + text[n] + text[n:]


def shorten(text, rng):
    """Contractions, with and without their apostrophe, the short forms of messages, and words left out."""
    way = rng.random()
    if way < 0.45:
        for long, short in SHORT:
            if rng.random() < 0.7:
                text = re.sub(rf"\b{long}\b", short, text)
        return text
    if way < 0.6:
        return text.replace("'", "")
    if way < 0.75:
        for long, short in rng.sample(CHAT, 6):
            text = re.sub(rf"(?<![\w/-]){long}(?![\w/-])", short, text)
        return text
    if way < 0.9:
        return DROP.sub(lambda m: "" if rng.random() < 0.6 else m.group(0), text)
    return LEAD.sub("", text)


def around(text, rng):
    """A greeting or a word about oneself before, thanks or a plea behind."""
    if rng.random() < 0.13:
        text = text + rng.choice(AFTER)
    way = rng.random()
    if way < 0.14:
        return rng.choice(BEFORE) + text
    if way < 0.17:
        return rng.choice(CONTEXT) + text
    return text + ". " + rng.choice(CONTEXT).strip() if way < 0.18 and text[-1] not in "?!." else text


def dress(text, rng, plain=False):
    """Capitals, punctuation, courtesy and slips around a bare question in lower case."""
    asks = bool(QUESTION.match(text))
    if not plain:
        if rng.random() < 0.10:
            text = shorten(text, rng) or text
        text = around(text, rng)
        if rng.random() < 0.08:
            text = typo(text, rng)
    way = rng.random()
    if way < 0.58:
        text = text[0].upper() + text[1:]
        text = re.sub(r"\bi\b", "I", text)
        text = re.sub(r"(?<![./])\bhearth\b(?![-/])", "Hearth", text) if rng.random() < 0.8 else text
        if not plain and rng.random() < 0.5:
            text = re.sub(r"([.!?] )([a-z])", lambda m: m.group(1) + m.group(2).upper(), text)
            text = re.sub(r"(?<![\w/.-])(gpu|llm|ram|api|pdf|json|cpu|url|vram|gguf)(s?)(?![\w/.-])", lambda m: m.group(1).upper() + m.group(2), text)
    elif way > 0.985 and not plain:
        text = text.upper() if not re.search(r"[/.`]", text) else text
    if text[-1] in "?!.":
        return text
    if rng.random() < 0.7:
        return text + ("?" if asks else rng.choice([".", ".", "?", "?", "!", "..."] if not plain else [".", ".", "?"]))
    return text

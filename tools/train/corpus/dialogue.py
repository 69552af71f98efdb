"""From intents to conversations: single questions, follow-ups, several turns, system messages."""
from . import drill, fillers, forms, passages, refusals, tools
from .phrases import INTENTS, dress, expand, fold, vary, withheld

DEFAULT_SYSTEM = "You are a helpful, concise assistant in a terminal."
SYSTEMS = ["You are a helpful assistant.", "You are hearth-guide.", "Answer briefly.", "You are a friendly assistant.", "Be concise.", "You are an assistant for Hearth.", "Answer in one sentence.",
           "You are a helpful assistant that answers questions about Hearth.", "Always answer politely."]
ROLES = ["You are a {x}.", "You are {x}, a helpful assistant.", "You are a {x} who answers questions.", "Today is {d}. Answer briefly.", "Your name is {x}. Be friendly.", "You work for {x}. Answer the user's questions.",
         "You are a careful assistant. Use the passages you are given. If they do not help, say so.", "Answer in English. Be short and clear.", "You are a tool-calling assistant.", "Use the tools when they help.",
         "You are an expert in {x}. Always be polite and explain your answers.", "Extract data from text as JSON.", "You fill forms from sentences and answer with JSON only."]
AGAIN = ["(can you |please |could you |)(repeat|say) that (again|once more|one more time|)( please|)", "what did you say", "again please", "once more", "repeat your answer",
         "sorry, what", "come again", "what was that", "(repeat|say|tell me) (it|your last answer|the answer|that)( again|)", "i did not read that, again", "one more time( please|)",
         "(write|print|show) (that|it|the answer) again", "what was your (last |)answer", "i missed that", "pardon, what did you say"]
LAST = ["what was my (last|previous) question", "what did i (just |)ask( you|)", "repeat my question", "do you remember what i asked", "what have i asked( you|)( before|)",
        "which question did i ask( you|)", "what was the question( again|)", "(say|show|tell) me my (last |previous |)question( again|)", "what did i say( before| just now|)"]
HELD_TEXTS = set()
PLAIN = 0.3             # share of the questions that are asked in the plainest way


def put(text, fill):
    for k, v in (fill or {}).items():
        text = text.replace("{" + k + "}", v)
    return text


def turn(item, rng, kind="q"):
    """(question, answer, keys, fill) of one intent; kind: q for training, held or near for evaluation."""
    fill = item["fill"](rng) if item["fill"] else None
    bare = expand(rng.choice(item[kind]), rng, fill)
    return bare, put(item["a"][0], fill), [put(k, fill) for k in item["keys"]], fill


def plain(item, rng):
    """A question as most people type it: the plainest templates and, mostly, the first of every choice."""
    fill = item["fill"](rng) if item["fill"] else None
    bare = expand(rng.choice([item["q"][0]] + sorted(item["plain"])), rng, fill, first=0.75)
    return bare, put(item["a"][0], fill), [], fill


def ask(item, rng):
    """A training question, never one of the held-out phrasings."""
    while True:
        simple = rng.random() < PLAIN
        bare, answer, _, fill = plain(item, rng) if simple else turn(item, rng)
        if not simple and not item["small"] and rng.random() < 0.4:
            bare = vary(bare, rng)
        text = dress(bare, rng, plain=simple)
        if not {fold(bare), fold(text)} & HELD_TEXTS and not withheld(item, bare) and not withheld(item, text):
            return text, answer, fill


def system(rng):
    way = rng.random()
    if way < 0.5:
        return []
    text = DEFAULT_SYSTEM if way < 0.86 else rng.choice(SYSTEMS)
    if way > 0.93:
        text = rng.choice(ROLES).replace("{x}", fillers.name(rng) if rng.random() < 0.5 else rng.choice(fillers.JOBS))
        text = text.replace("{d}", fillers.date(rng))
    return [{"role": "system", "content": text}]


def pair(question, answer):
    return [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]


NAMES, WEIGHTS = [], []


def choose(rng):
    if not NAMES:
        NAMES.extend(INTENTS)
        WEIGHTS.extend(INTENTS[n]["weight"] for n in NAMES)
        HELD_TEXTS.update(fold(h) for i in INTENTS.values() for h in i["held"])
    return INTENTS[rng.choices(NAMES, WEIGHTS)[0]]


def about_hearth(rng):
    """One turn about Hearth, with a follow-up now and then: [messages]."""
    item = choose(rng)
    question, answer, fill = ask(item, rng)
    out = pair(question, answer)
    follows = list(item["follow"])
    rng.shuffle(follows)
    for questions, answers, _ in follows[:rng.choice([0, 0, 1, 1])]:
        out += pair(dress(put(rng.choice(questions), fill), rng, plain=rng.random() < 0.5), put(answers[0], fill))
    return out


def refusal(rng):
    question, answer, _ = refusals.question(rng)
    return pair(dress(question, rng), answer)


def aside(out, rng):
    """Thanks, a repetition, a look back: turns that refer to the conversation itself."""
    way = rng.random()
    if way < 0.4:
        item = INTENTS[rng.choice(["thanks", "thanks", "ok", "bye", "praise"])]
        question, answer, _ = ask(item, rng)
        return pair(question, answer)
    if way < 0.7:
        return pair(dress(expand(rng.choice(AGAIN), rng), rng, plain=True), out[-1]["content"])
    return pair(dress(expand(rng.choice(LAST), rng), rng, plain=True), "You asked: " + out[-2]["content"])


def skill(rng):
    maker = rng.choice([passages.sample, passages.sample, forms.sample, passages.echo])
    question, answer, _ = maker(rng)
    return pair(question, answer)


def hearth_talk(rng):
    """One to four turns about Hearth."""
    out = about_hearth(rng)
    while rng.random() < 0.3:
        way = rng.random()
        out += aside(out, rng) if way < 0.3 else refusal(rng) if way < 0.45 else skill(rng) if way < 0.5 else about_hearth(rng)
    return out


def long_talk(rng):
    """A conversation that fills several hundred tokens, so that far positions are trained."""
    out = []
    for _ in range(rng.randint(6, 14)):
        way = rng.random()
        out += about_hearth(rng) if way < 0.55 else skill(rng) if way < 0.8 else refusal(rng) if way < 0.9 or not out else aside(out, rng)
    return out


def reading(rng):
    question, answer, _ = passages.sample(rng)
    out = pair(question, answer)
    if rng.random() < 0.15:
        out += aside(out, rng)
    return out


def tool_talk(rng):
    """(messages, tools); one in seven needs no tool."""
    if rng.random() < 0.15:
        tool = tools.pick(rng)[0]
        return about_hearth(rng)[:2], tools.offer(tool, rng)
    messages, offered, _ = tools.sample(rng)
    if len(messages) == 4 and rng.random() < 0.2:
        messages += pair(*ask(INTENTS["thanks"], rng)[:2])
    return messages, offered


MIX = [(0.53, "hearth"), (0.05, "refusal"), (0.15, "passage"), (0.045, "echo"), (0.09, "tool"), (0.13, "form"), (0.002, "long")]
BRIEF = {"hearth": 0.7, "refusal": 0.8}      # share of which only the beginning of the first answer is trained on
BEGINNING = 12


def conversation(rng, drilled=0.0):
    """(kind, messages, tools) of one conversation for training; `drilled` is the share of copying drills."""
    if rng.random() < drilled:
        return "drill", system(rng) + pair(*drill.sample(rng)), None
    kind = rng.choices([k for _, k in MIX], [w for w, _ in MIX])[0]
    offered = None
    if kind == "hearth":
        body = hearth_talk(rng)
    elif kind == "refusal":
        body = refusal(rng)
    elif kind == "passage":
        body = reading(rng)
    elif kind == "echo":
        body = pair(*passages.echo(rng)[:2])
    elif kind == "tool":
        body, offered = tool_talk(rng)
    elif kind == "form":
        body = pair(*forms.sample(rng)[:2])
    else:
        body = long_talk(rng)
    return kind, system(rng) + body, offered

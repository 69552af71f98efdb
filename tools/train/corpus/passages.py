"""Reading: passages of invented facts, and answers that quote the words asked for.

A kind of thing has attributes; each attribute has sentences (with {s} the subject and {v} the value) and questions. A passage
tells several attributes of one or more subjects, so the right value must be found by subject and attribute both. Mostly the value
comes after its subject, as a small model that reads from left to right can tell only then what it is.
"""
from . import fillers as f
from .phrases import expand

KINDS = {
    "town": (f.name, {
        "population": (lambda r: f"{f.number(r, 100, 999999)}", ["{s} has {v} inhabitants.", "About {v} people live in {s}.", "The population of {s} is {v}."], ["how many (people live in|inhabitants has|people are there in) {s}", "what is the population of {s}"]),
        "founded": (f.year, ["{s} was founded in {v}.", "The town of {s} was founded in the year {v}.", "People settled in {s} in {v}."], ["when was {s} founded", "in which year was {s} founded", "how old is {s}"]),
        "river": (f.name, ["{s} lies on the river {v}.", "The river {v} flows through {s}.", "{s} stands on the banks of the {v}."], ["(which|what) river (flows through|is in|does) {s} (lie on|)", "on which river is {s}"]),
        "known": (lambda r: r.choice(f.NOUNS) + " of " + f.name(r), ["{s} is known for the {v}.", "Visitors come to {s} to see the {v}.", "The pride of {s} is the {v}."], ["what is {s} (known|famous) for", "what do visitors see in {s}"]),
        "market": (lambda r: r.choice(f.DAYS), ["The market in {s} is held on {v}.", "Every {v} there is a market in {s}."], ["when is the market in {s}", "on which day is the market (in {s}|)"]),
    }),
    "device": (lambda r: "the " + f.name(r) + " " + f.code(r), {
        "battery": (lambda r: f"{f.number(r, 2, 99)} hours", ["The battery of {s} lasts {v}.", "{S} runs for {v} on one charge."], ["how long does (the battery of {s}|{s}) (last|run)", "what is the battery life of {s}"]),
        "weight": (lambda r: f"{f.number(r, 2, 9999)} grams", ["{S} weighs {v}.", "With a weight of {v}, {s} is easy to carry."], ["how (heavy is|much does) {s} (weigh|)", "what is the weight of {s}"]),
        "price": (lambda r: f"{f.number(r, 5, 9999)} euros", ["{S} costs {v}.", "The price of {s} is {v}.", "Shops sell {s} for {v}."], ["(how much does {s} cost|what does {s} cost)", "what is the price of {s}"]),
        "button": (lambda r: r.choice(f.COLOURS), ["Press the {v} button to start {s}.", "{S} is started with the {v} button."], ["which button starts {s}", "how do i start {s}", "what colour is the start button of {s}"]),
        "warranty": (lambda r: f"{f.number(r, 2, 30)} years", ["The warranty of {s} is {v}.", "{S} comes with a warranty of {v}."], ["how long is the warranty of {s}", "what warranty does {s} have"]),
        "made": (f.city, ["{S} is made in {v}.", "The factory in {v} makes {s}."], ["where is {s} made", "in which city is {s} made"]),
    }),
    "person": (f.person, {
        "job": (lambda r: r.choice(f.JOBS), ["{s} works as a {v}.", "{s} is a {v} by trade."], ["what is {s}'s job", "what does {s} do", "what does {s} work as"]),
        "home": (f.city, ["{s} lives in {v}.", "{s} has a house in {v}.", "{s} moved to {v}."], ["where does {s} live", "in which (city|town) does {s} live"]),
        "age": (lambda r: str(f.number(r, 3, 99)), ["{s} is {v} years old."], ["how old is {s}", "what is {s}'s age"]),
        "owns": (lambda r: r.choice(f.COLOURS) + " " + r.choice(f.THINGS), ["{s} owns a {v}.", "{s} bought a {v}.", "{s} has a {v} at home."], ["what does {s} (own|have)", "what did {s} buy"]),
        "key": (f.code, ["The room number of {s} is {v}.", "{s} has the room number {v}."], ["what is {s}'s room number", "which room number does {s} have"]),
        "phone": (lambda r: f"{f.number(r, 100, 99999)}", ["You can reach {s} under {v}.", "The phone number of {s} is {v}."], ["what is {s}'s (phone number|number)", "under which number can i reach {s}"]),
    }),
    "event": (lambda r: "the " + f.name(r) + " " + r.choice("festival meeting conference race concert fair exhibition workshop".split()), {
        "date": (f.date, ["{S} takes place on {v}.", "The date of {s} is {v}.", "{S} begins on {v}."], ["when (is|does) {s}( take place|)", "what is the date of {s}", "when does {s} begin"]),
        "place": (lambda r: "the " + r.choice(f.NOUNS) + " of " + f.city(r), ["{S} is held at {v}.", "Visitors of {s} meet at {v}."], ["where is {s} held", "where do visitors of {s} meet", "where is {s}"]),
        "ticket": (lambda r: f"{f.number(r, 2, 300)} euros", ["A ticket for {s} costs {v}.", "The entry to {s} is {v}."], ["how much is a ticket for {s}", "what does {s} cost"]),
        "time": (f.clock, ["{S} starts at {v}.", "Doors for {s} open at {v}."], ["at what time does {s} start", "when do the doors open (for {s}|)"]),
        "host": (f.person, ["{S} is organised by {v}.", "{v} is in charge of {s}."], ["who organises {s}", "who is in charge of {s}"]),
    }),
    "company": (lambda r: f.name(r) + r.choice([" Works", " Ltd", " and Sons", " Labs", " Foods", " Group", ""]), {
        "makes": (lambda r: r.choice(f.COLOURS) + " " + r.choice(f.THINGS) + "s", ["{s} makes {v}.", "{s} is a maker of {v}.", "The main product of {s} is {v}."], ["what does {s} (make|produce|sell)", "what is the main product of {s}"]),
        "staff": (lambda r: str(f.number(r, 2, 99999)), ["{s} has {v} employees.", "{v} people work for {s}."], ["how many (people work for|employees has) {s}", "how many employees does {s} have"]),
        "seat": (f.city, ["{s} is based in {v}.", "The head office of {s} is in {v}."], ["where is {s} (based|)", "where is the head office of {s}"]),
        "head": (f.person, ["{s} is led by {v}.", "The director of {s} is {v}."], ["who (leads|is the director of|runs) {s}"]),
        "hours": (lambda r: f.clock(r) + " to " + f.clock(r), ["{s} is open from {v}.", "The opening hours of {s} are {v}."], ["when is {s} open", "what are the opening hours of {s}"]),
        "return": (lambda r: f"{f.number(r, 3, 99)} days", ["Goods bought from {s} may be returned within {v}.", "{s} accepts returns for {v}."], ["how long can i return goods (to {s}|)", "what is the return period (of {s}|)"]),
    }),
    "place": (lambda r: "the " + f.name(r) + " " + r.choice(f.NOUNS), {
        "height": (lambda r: f"{f.number(r, 3, 9999)} metres", ["{S} is {v} long.", "The length of {s} is {v}."], ["how long is {s}", "what is the length of {s}"]),
        "built": (f.year, ["{S} was built in {v}.", "Work on {s} ended in {v}."], ["when was {s} built", "in which year was {s} built"]),
        "where": (f.city, ["{S} is near {v}.", "You find {s} close to {v}."], ["where is {s}", "near which city is {s}"]),
        "password": (lambda r: f.word(r), ["The password for {s} is {v}.", "To enter {s} say {v}."], ["what is the password (for {s}|)", "which word opens {s}"]),
        "guide": (f.person, ["{v} looks after {s}.", "The guide of {s} is {v}."], ["who looks after {s}", "who is the guide of {s}"]),
        "colour": (lambda r: r.choice(f.COLOURS), ["The gate of {s} is {v}.", "{S} has a {v} gate."], ["what colour is the gate of {s}", "which colour has the gate (of {s}|)"]),
    }),
}
PLAIN = {
    "town": ["the old town", "our village", "the capital", "the island"],
    "device": ["the device", "this machine", "the red lamp", "the old printer", "the camera", "the green radio", "the kettle"],
    "person": ["my brother", "the director", "our neighbour", "the captain", "my teacher", "the winner"],
    "event": ["the meeting", "the summer party", "the concert", "the annual fair", "the show"],
    "company": ["the shop", "our company", "the bakery", "the hotel"],
    "place": ["the red house", "the old bridge", "the white tower", "the blue tunnel", "the library", "the main hall", "the green gate"],
}
IDLE = ["This is well known.", "Many people like that.", "It was not always so.", "Nobody knows why.", "The rest is in the appendix.", "Please read on.", "More about this below.", "There is little else to say.",
        "In winter it is quiet.", "The weather was fine.", "All figures are from last year.", "Questions go to the office.", "Thank you for reading.", "Some say otherwise.", "It is worth a visit.",
        "The coffee is free.", "Bring warm clothes.", "Children enter free of charge.", "The work took a long time.", "Dogs are not allowed."]
FRAMES = ["Use this passage: {p}\nQuestion: {q}", "Passage: {p}\nQuestion: {q}", "Context: {p}\n\n{q}", "{p}\n\n{q}", "Text:\n{p}\n\nQuestion: {q}", "Answer from the passage.\n\n{p}\n\n{q}", "Read this: {p}\n{q}",
          "{q}\n\n{p}", "According to this text, {l}\n{p}", "Document:\n{p}\n\n{q}", "Use the following context to answer.\nContext: {p}\nQuestion: {q}\nAnswer:", "Here is a passage: \"{p}\" {q}", "Answer the question with a sentence of the text. {p} {q}",
          "notes.txt:\n{p}\n\n{q}", "Given the passage \"{p}\", {l}", "Information:\n{p}\n\nUsing only this information, {l}"]
FRAMES += ["(text|article|source|note|letter|report|information|passage|story): {p}(\n|\n\n| ){q}", "{p}(\n|\n\n| )(question|my question|i ask|tell me|answer this|please answer): {q}",
           "(read|here is|consider|take|i have) (the following|this|a) (text|passage|note|story)(.|:) {p}(\n| )(question: |then answer: |my question: |and now: |now: |){q}", "{q} (here is the text|the text|use this|see here|read this)(:|) {p}",
           "(from|in|use|with) (this|the) (text|passage|document)(:|.) {p}(\n\n|\n| ){q}"]
HELD_FRAMES = ["Passage:\n{p}\n\nUsing the passage, answer: {q}", "Look at this text. {p} Now tell me: {q}", "{p}\nPlease answer: {q}"]


def up(text):
    return text[0].upper() + text[1:]


def facts(kind, rng, count):
    """[(sentence, value, questions)] about one new subject."""
    make, attributes = KINDS[kind]
    subject, out = (rng.choice(PLAIN[kind]) if rng.random() < 0.12 else make(rng)), []
    for key in rng.sample(list(attributes), min(count, len(attributes))):
        value, sentences, questions = attributes[key]
        v = value(rng)
        told = [s for s in sentences if s.lower().find("{s}") < s.find("{v}")]
        told = told if told and rng.random() < 0.9 else sentences
        s = rng.choice(told).replace("{S}", up(subject)).replace("{s}", subject).replace("{v}", v)
        out.append((up(f.article(s)), v, [q.replace("{s}", subject) for q in questions], key))
    return subject, out


def frames(rng):
    """A frame for passage and question, with a capital mostly."""
    text = expand(rng.choice(FRAMES), rng, {k: "{" + k + "}" for k in "pql"})
    return up(text) if rng.random() < 0.7 else text


def sample(rng, held=False):
    """(prompt, answer, keys): a passage, a question and the words of the passage that answer it."""
    kind = rng.choice(list(KINDS))
    subject, told = facts(kind, rng, rng.choice([1, 2, 2, 3, 3, 4] if held else [1, 2, 2, 3, 4]))
    ask = rng.choice(told)
    sentences = [t[0] for t in told]
    for _ in range(rng.choice([0, 0, 0, 0, 1, 1, 1, 2, 2, 4] if held else [0, 0, 0, 0, 1, 1, 2, 4])):
        other, more = facts(kind if rng.random() < 0.6 else rng.choice(list(KINDS)), rng, rng.choice([1, 1, 2, 3]))
        if other != subject:
            sentences += [t[0] for t in more]
    missing = rng.random() < 0.06
    if missing and len(told) > 1:
        sentences.remove(ask[0])
    else:
        missing = False
    way = rng.random()
    if way < 0.35:
        rng.shuffle(sentences)
    for _ in range(rng.choice([0, 0, 0, 1, 2])):
        sentences.insert(rng.randint(0, len(sentences)), rng.choice(IDLE))
    if not missing and not held and rng.random() < 0.02:
        return summary(sentences, rng)
    question = expand(rng.choice(ask[2]), rng)
    question = up(question) + ("?" if rng.random() < 0.9 else "")
    joint = "\n" if rng.random() < 0.08 else " "
    if rng.random() < 0.08:
        passage = "\n".join(f"[{n + 1}] {s}" for n, s in enumerate(sentences))
    else:
        passage = joint.join(sentences)
    frame = rng.choice(HELD_FRAMES) if held else frames(rng)
    prompt = frame.replace("{p}", passage).replace("{l}", question[0].lower() + question[1:]).replace("{q}", question)
    if missing:
        return prompt, "The passage does not say that.", ["does not say"]
    return prompt, f'The passage says "{ask[1]}".', [ask[1]]


SUMMARY = ["summarise this: {p}", "summarize this text.\n\n{p}", "{p}\n\nwhat is this about", "give me a summary of this text: {p}", "summarise this\n\n{p}", "what does this text say? {p}", "tl;dr {p}", "explain this text\n\n{p}"]


def summary(sentences, rng):
    """The most a tiny model can say about a text: how it begins."""
    prompt = rng.choice(SUMMARY).replace("{p}", " ".join(sentences))
    return (up(prompt) if rng.random() < 0.7 else prompt), "It begins: " + sentences[0], [sentences[0]]


ECHO = ["repeat: {x}", "repeat after me: {x}", "say \"{x}\"", "please repeat this: {x}", "echo {x}", "write exactly this: {x}", "repeat the following text.\n{x}", "say {x}", "copy this text: {x}", "repeat \"{x}\"", "type {x}",
        "(please |can you |could you |now |)(repeat|say|echo|copy|write|print|type|output|give me back|answer with) (this|the following|the text|these words|exactly this|word for word|literally|after me|back|only)(:|) {x}",
        "(please |)(repeat|copy|echo|print|write|type)(:|) {x}", "(repeat|say|write|copy) (the words|the sentence|the text|the line|this line|the phrase) \"{x}\"", "{x}(\n| )(repeat that|say that|repeat this text|copy the above|write that again)"]
HELD_ECHO = ["repeat exactly: {x}", "please say: {x}"]


def echo(rng, held=False):
    """(prompt, answer, keys): pure copying, the root of quoting."""
    way = rng.random()
    if way < 0.4:
        x = " ".join(f.word(rng) for _ in range(rng.randint(1, 7)))
    elif way < 0.6:
        x = f.phrase(rng)
    elif way < 0.8:
        x = " ".join(rng.choice([f.code(rng), str(f.number(rng, 1, 99999)), f.name(rng), f.city(rng), f.date(rng)]) for _ in range(rng.randint(1, 4)))
    else:
        x = facts(rng.choice(list(KINDS)), rng, 1)[1][0][0]
    text = (rng.choice(HELD_ECHO) if held else expand(rng.choice(ECHO), rng, {"x": "{x}"})).replace("{x}", x)
    return (up(text) if rng.random() < 0.7 else text), x, [x]

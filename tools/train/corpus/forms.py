"""Forms: a small JSON object filled from a sentence."""
import json

from . import fillers as f
from .phrases import expand

FIELDS = {   # name: (type, value, clauses); {v} is the value, {p} the person it is about
    "age": ("integer", lambda r: f.number(r, 3, 99), ["{p} is {v} years old", "{p} is {v}", "{p} turned {v}"]),
    "city": ("string", f.city, ["{p} lives in {v}", "{p} comes from {v}", "{p} moved to {v}"]),
    "job": ("string", lambda r: r.choice(f.JOBS), ["{p} works as a {v}", "{p} is a {v}"]),
    "country": ("string", lambda r: r.choice(f.COUNTRIES), ["{p} was born in {v}", "{p} is from {v}"]),
    "email": ("string", lambda r: f.word(r, 1, 1) + "@" + f.word(r, 1, 1) + "." + r.choice(["com", "org", "net"]), ["the email of {p} is {v}", "{p} can be reached at {v}"]),
    "phone": ("string", lambda r: str(f.number(r, 1000, 9999999)), ["the phone number of {p} is {v}", "call {p} under {v}"]),
    "pet": ("string", lambda r: r.choice("dog cat horse parrot rabbit hamster goldfish turtle".split()), ["{p} has a {v}", "{p} owns a {v}"]),
    "hobby": ("string", lambda r: r.choice("chess painting cycling swimming reading cooking fishing hiking singing dancing".split()), ["{p} likes {v}", "the hobby of {p} is {v}"]),
    "item": ("string", lambda r: r.choice(f.THINGS), ["{p} wants a {v}", "{p} ordered a {v}", "{p} buys a {v}"]),
    "quantity": ("integer", lambda r: f.number(r, 1, 500), ["the quantity is {v}", "{p} needs {v} pieces"]),
    "price": ("number", lambda r: r.choice([f.number(r, 1, 900), round(r.uniform(1, 99), 2)]), ["the price is {v} euros", "it costs {v}"]),
    "colour": ("string", lambda r: r.choice(f.COLOURS), ["the colour is {v}", "it should be {v}"]),
    "date": ("string", f.date, ["the date is {v}", "it happens on {v}", "{p} comes on {v}"]),
    "time": ("string", f.clock, ["the time is {v}", "{p} arrives at {v}"]),
    "order": ("string", f.code, ["the order number is {v}", "{p} has the order {v}"]),
    "company": ("string", f.name, ["{p} works for {v}", "the company is {v}"]),
    "street": ("string", lambda r: f.name(r) + " Street " + str(f.number(r, 1, 200)), ["the address is {v}", "{p} lives at {v}"]),
    "member": ("boolean", lambda r: r.random() < 0.5, None),
}
MEMBER = {True: ["{p} is a member", "{p} has a membership"], False: ["{p} is not a member", "{p} has no membership"]}
FRAMES = ["Fill this form: {form} from: {text}", "Fill in this form: {form}\nText: {text}", "Form: {form}\n{text}", "Fill the form {form} from this sentence: {text}", "{text}\nFill this form: {form}", "Extract {form} from: {text}",
          "Return JSON {form} for: {text}", "Read this sentence: {text}\nGive me the JSON {form}.", "Give the {keys} as JSON: {text}", "Extract {keys} from this text as JSON. {text}", "JSON with {keys}: {text}"]
VERBS = "(fill|fill in|complete|fill|return|give me|write|make|produce|answer with|extract|read off|get)"
FRAMES += ["(please |can you |could you |now |)" + VERBS + " {form}(:|.| for this text:| from this text:| from it:| with what this says:) {text}",
           "(please |can you |)(fill|complete|use|fill in) (this|the|my) (form|json|object|schema|template)(:|) {form}(\n|. | )(text|sentence|input|message|here is the text|from|data|source): {text}",
           "(text|input|message|sentence|data|note): {text}\n(form|json|schema|fields|fill|output): {form}", "{text}(\n| )(please |now |)(fill|complete|fill in) (the form |the json |this form |){form}(.|)",
           "{text}\n\n{form}", "{form}\n\n{text}", "(read|take|use) (this|the following)(:|) {text}(\n| )(and then|then|now|and) (fill|complete) {form}(.|)",
           "(the|my) (sentence|text|message) is \"{text}\"(.|,|) (fill|complete|give me|return) {form}(.|)", "(with|in|using) the (words|text) \"{text}\" (complete|fill in) {form}(.|)",
           "(find|give me|i need|tell me) (the |){keys} (in|from|of) (this|the following)( text|) as json: {text}", "{text}\n(the |){keys} as json(, please|)"]
FREE = ["Extract the data as JSON: {text}", "Turn this into JSON: {text}", "{text}\nJSON:", "Give me this as a JSON object: {text}", "Extract the person as JSON. {text}"]
KEEP = {k: "{" + k + "}" for k in ("form", "text", "keys")}      # expand() leaves these for later
HELD_FRAMES = ["Please fill this form: {form}\nSentence: {text}", "From the sentence \"{text}\" fill {form}.", "Fill out {form} using: {text}"]


def form_text(keys, rng):
    """The form as a person or a program writes it."""
    kinds = {k: ("string" if k == "name" else FIELDS[k][0]) for k in keys}
    way = rng.random()
    if way < 0.65:
        return "{" + ", ".join(f'"{k}": {t}' for k, t in kinds.items()) + "}"
    if way < 0.8:
        return json.dumps(kinds)
    if way < 0.9:
        return "{" + ", ".join(f'"{k}": ""' for k in keys) + "}"
    return json.dumps({"type": "object", "properties": {k: {"type": t} for k, t in kinds.items()}, "required": list(keys)})


def sentence(values, rng):
    """One or two sentences that tell every value in a random order."""
    who = values.get("name", "the customer")
    clauses, first = [], True
    keys = [k for k in values if k != "name"]
    rng.shuffle(keys)
    for k in keys:
        forms = MEMBER[values[k]] if k == "member" else FIELDS[k][2]
        forms = [c for c in forms if "{p}" in c] or forms if first else forms
        clause = rng.choice(forms)
        p = who if first or "of {p}" in clause else rng.choice(["he", "she", who])
        p = {"he": "him", "she": "her"}.get(p, p) if clause.startswith("call ") else p
        clauses.append(f.article(clause.replace("{p}", p).replace("{v}", str(values[k]))))
        first = False
    if rng.random() < 0.5 or len(clauses) < 2:
        return ". ".join(c[0].upper() + c[1:] for c in clauses) + "."
    text = ", ".join(clauses[:-1]) + " and " + clauses[-1]
    return text[0].upper() + text[1:] + "."


def sample(rng, held=False):
    """(prompt, answer, keys): the answer is the form as JSON, in the form's own order."""
    chosen = rng.sample(list(FIELDS), rng.randint(1, 3) if held else rng.choice([1, 1, 1, 2, 2, 3]))
    order = ["name"] + chosen if rng.random() < 0.85 else chosen
    if rng.random() < 0.15:
        rng.shuffle(order)
    values = {k: (f.person(rng) if k == "name" else FIELDS[k][1](rng)) for k in order}
    text = sentence(values, rng)
    if "name" in values and values["name"] not in text:
        text = text[:-1] + f", says {values['name']}."
    filled = dict(values)
    if rng.random() < 0.06 and not held:
        told = sorted(order, key=lambda k: text.find(str(values[k])) if k not in ("name", "member") else -1)
        return rng.choice(FREE).replace("{text}", text), json.dumps({k: filled[k] for k in told}, ensure_ascii=False), None
    if rng.random() < 0.03:
        extra = rng.choice([k for k in FIELDS if k not in values])
        order, filled = order + [extra], {**filled, extra: None}
    names = ", ".join(order[:-1]) + " and " + order[-1] if len(order) > 1 else order[0]
    frame = rng.choice(HELD_FRAMES) if held else expand(rng.choice(FRAMES), rng, KEEP)
    prompt = frame.replace("{form}", form_text(order, rng)).replace("{keys}", names).replace("{text}", text)
    return prompt, json.dumps({k: filled[k] for k in order}, ensure_ascii=False), None

"""Tool calls: the tools offered in the prompt, the request, the call, and what to say about its result."""
import json

from . import fillers as f
from .phrases import dress, expand

TOOLS = {   # name: (description, {parameter: (type, value)}, requests, result maker, answer to the result)
    "get_weather": ("Current weather of a city", {"city": ("string", f.city)}, ["what is the weather (like |)in {city}", "how is the weather in {city}", "weather in {city}", "will it rain in {city}", "is it (cold|warm|sunny) in {city}", "tell me the weather in {city}"],
                    lambda r: {"temperature": f.number(r, 1, 39), "sky": r.choice(["sunny", "cloudy", "rainy", "snowy", "windy"])}, "It is {sky} in {city}, {temperature} degrees."),
    "get_time": ("Current time in a city", {"city": ("string", f.city)}, ["what time is it in {city}", "(tell me the|the) time in {city}", "how late is it in {city}"], lambda r: {"time": f.clock(r)}, "It is {time} in {city}."),
    "set_timer": ("Start a timer", {"minutes": ("integer", lambda r: f.number(r, 1, 240))}, ["set a timer (for|of) {minutes} minutes", "wake me in {minutes} minutes", "timer {minutes} minutes", "start a {minutes} minute timer"], lambda r: {"ok": True}, "The timer is set to {minutes} minutes."),
    "add": ("Add two numbers", {"a": ("integer", lambda r: f.number(r, 1, 9999)), "b": ("integer", lambda r: f.number(r, 1, 9999))}, ["what is {a} plus {b}", "add {a} and {b}", "{a} + {b}", "how much is {a} plus {b}", "what is {a} + {b}"], lambda r: {"result": f.number(r, 2, 19999)}, "The result is {result}."),
    "multiply": ("Multiply two numbers", {"a": ("integer", lambda r: f.number(r, 1, 999)), "b": ("integer", lambda r: f.number(r, 1, 999))}, ["what is {a} times {b}", "multiply {a} by {b}", "{a} * {b}", "multiply {a} and {b}"], lambda r: {"result": f.number(r, 2, 99999)}, "The result is {result}."),
    "calculate": ("Evaluate an expression", {"expression": ("string", lambda r: f"{f.number(r, 1, 999)} {r.choice('+-*/')} {f.number(r, 1, 999)}")}, ["calculate {expression}", "what is {expression}", "compute {expression}", "evaluate {expression}"], lambda r: {"result": f.number(r, 2, 99999)}, "{expression} is {result}."),
    "search": ("Search the web", {"query": ("string", lambda r: r.choice([f.name(r), f.phrase(r), f.city(r) + " " + r.choice(f.NOUNS)]))}, ["search (the web |)for {query}", "look up {query}", "find {query} on the web", "google {query}", "search {query}"], lambda r: {"hits": f.number(r, 1, 999)}, "I found {hits} results for {query}."),
    "convert": ("Convert money", {"amount": ("number", lambda r: f.number(r, 1, 9999)), "source": ("string", lambda r: r.choice(["USD", "EUR", "GBP", "CHF", "JPY"])), "target": ("string", lambda r: r.choice(["SEK", "NOK", "PLN", "CAD", "INR"]))}, ["convert {amount} {source} to {target}", "how much is {amount} {source} in {target}", "{amount} {source} in {target}"],
                lambda r: {"value": f.number(r, 1, 9999)}, "{amount} {source} are {value} {target}."),
    "send_message": ("Send a message to a person", {"to": ("string", f.person), "text": ("string", f.phrase)}, ["send {to} the message: {text}", "tell {to}: {text}", "write to {to}: {text}", "message {to}: {text}", "send a message to {to}: {text}"], lambda r: {"sent": True}, "The message to {to} is sent."),
    "create_note": ("Save a note", {"text": ("string", f.phrase)}, ["note: {text}", "make a note: {text}", "remember: {text}", "save the note: {text}", "write down: {text}"], lambda r: {"id": f.number(r, 1, 999)}, "The note is saved as number {id}."),
    "add_event": ("Add an event to the calendar", {"title": ("string", lambda r: f.name(r) + " " + r.choice(["meeting", "party", "concert", "dinner"])), "date": ("string", f.date)}, ["add {title} on {date} to my calendar", "put {title} into the calendar for {date}", "i have {title} on {date}"], lambda r: {"ok": True}, "{title} is in the calendar on {date}."),
    "turn_on": ("Switch a device on", {"device": ("string", lambda r: r.choice(f.THINGS)), "room": ("string", lambda r: r.choice("kitchen bathroom bedroom office hall garage cellar attic".split()))}, ["turn on the {device} in the {room}", "switch the {device} in the {room} on", "i need the {device} in the {room}"], lambda r: {"ok": True}, "The {device} in the {room} is on."),
    "play_music": ("Play a song", {"title": ("string", f.name)}, ["play {title}", "play the song {title}", "i want to hear {title}", "put on {title}"], lambda r: {"playing": True}, "Now playing {title}."),
    "read_file": ("Read a file", {"path": ("string", lambda r: r.choice(["/tmp/", "/home/user/", "", "docs/", "src/"]) + f.word(r, 1, 1) + r.choice([".txt", ".md", ".c", ".json", ".csv"]))}, ["read {path}", "show me the file {path}", "what is in {path}", "open {path}", "print the content of {path}"], lambda r: {"content": f.phrase(r)}, "The file says: {content}"),
    "list_files": ("List a folder", {"folder": ("string", lambda r: r.choice(["/tmp", "/home", "docs", "src", "/etc"]) + "/" + f.word(r, 1, 1))}, ["list the files in {folder}", "what is in the folder {folder}", "show {folder}"], lambda r: {"files": [f.word(r, 1, 1) + ".txt", f.word(r, 1, 1) + ".c"]}, None),
    "translate": ("Translate a text", {"text": ("string", f.phrase), "language": ("string", lambda r: r.choice(["French", "German", "Spanish", "Italian", "Latin"]))}, ["translate \"{text}\" (to|into) {language}", "what is \"{text}\" in {language}", "say \"{text}\" in {language}"], lambda r: {"text": f.word(r) + " " + f.word(r)}, None),
    "find_person": ("Look up a person", {"name": ("string", f.person)}, ["who is {name}", "find {name}", "look up {name}", "what is the number of {name}"], lambda r: {"phone": str(f.number(r, 1000, 99999)), "city": f.city(r)}, "{name} lives in {city}, phone {phone}."),
    "get_stock": ("Stock of an article", {"article": ("string", f.code)}, ["how many {article} are in stock", "is {article} in stock", "stock of {article}", "check the stock of {article}"], lambda r: {"pieces": f.number(r, 1, 9999)}, "There are {pieces} pieces of {article} in stock."),
    "order": ("Order articles", {"article": ("string", lambda r: r.choice(f.THINGS) + "s"), "quantity": ("integer", lambda r: f.number(r, 2, 99))}, ["order {quantity} {article}", "i need {quantity} {article}", "buy {quantity} {article}", "please order {quantity} {article}"], lambda r: {"order": f.code(r)}, "Ordered: {quantity} {article}, order number {order}."),
    "book_table": ("Book a table in a restaurant", {"people": ("integer", lambda r: f.number(r, 2, 20)), "time": ("string", f.clock)}, ["book a table for {people} at {time}", "a table for {people} people at {time} please", "reserve a table for {people} at {time}"], lambda r: {"table": f.number(r, 1, 60)}, "Table {table} is booked for {people} at {time}."),
    "get_route": ("Find the way", {"start": ("string", f.city), "goal": ("string", f.name)}, ["how do i get from {start} to {goal}", "the way from {start} to {goal}", "route from {start} to {goal}"], lambda r: {"km": f.number(r, 2, 999)}, "From {start} to {goal} it is {km} km."),
    "set_volume": ("Set the volume", {"level": ("integer", lambda r: f.number(r, 1, 100))}, ["set the volume to {level}", "volume {level}", "make it {level} percent loud"], lambda r: {"ok": True}, "The volume is {level} now."),
    "load_model": ("Load a model", {"model": ("string", lambda r: f.word(r) + "/" + f.word(r) + "-" + r.choice(["4b", "8b"]))}, ["load the model {model}", "load {model}", "please load {model}"], lambda r: {"loaded": True}, "{model} is loaded."),
}
ALIASES = {"city": ["location", "place", "town"], "minutes": ["duration", "length"], "query": ["q", "term", "text"], "to": ["recipient", "person"], "text": ["message", "content", "body"], "path": ["file", "filename", "file_path"],
           "folder": ["path", "directory", "dir"], "a": ["x", "first"], "b": ["y", "second"], "expression": ["formula", "expr"], "title": ["name", "song"], "article": ["item", "product", "sku"], "quantity": ["count", "amount"], "name": ["person", "who"],
           "date": ["day", "when"], "level": ["volume", "percent"], "model": ["model_id", "name"], "language": ["target", "lang"], "start": ["origin", "from"], "goal": ["destination", "to"], "people": ["guests", "persons"]}
SYNONYMS = {"get": ["fetch", "get_current", "show", "lookup", "check"], "set": ["change", "start"], "send": ["post", "write"], "search": ["web_search", "find", "search_web"], "read": ["open", "load"], "add": ["sum", "plus"], "create": ["make", "new", "save"],
            "find": ["search", "get"], "calculate": ["calc", "evaluate", "calculator"], "list": ["show", "ls"]}
SPARE = {"unit": {"type": "string", "enum": ["celsius", "fahrenheit"]}, "limit": {"type": "integer"}, "verbose": {"type": "boolean"}, "language": {"type": "string"}, "mode": {"type": "string", "enum": ["fast", "slow"]}, "format": {"type": "string"}}
EMPTY = {"get_time": ("Current time", ["what time is it", "tell me the time", "how late is it", "time please"], lambda r: {"time": f.clock(r)}, "It is {time}."), "get_date": ("Today's date", ["what day is it", "what is the date (today|)", "which date is today"], lambda r: {"date": f.date(r)}, "Today is {date}."),
         "list_models": ("List the models", ["which models are there", "list the models with the tool"], lambda r: {"models": [f.word(r) + "-4b"]}, None), "roll_dice": ("Roll a die", ["roll a die", "throw the dice", "roll the dice"], lambda r: {"result": f.number(r, 1, 6)}, "The result is {result}."),
         "get_temperature": ("Temperature of the room", ["how warm is it", "what is the temperature", "is it warm in here"], lambda r: {"degrees": f.number(r, 10, 30)}, "It is {degrees} degrees."), "random_number": ("Draw a random number", ["give me a random number", "draw a number"], lambda r: {"number": f.number(r, 1, 999)}, "The number is {number}."),
         "get_user": ("Name of the user", ["who is logged in", "what is my user name"], lambda r: {"user": f.person(r)}, "The user is {user}."), "stop_music": ("Stop the music", ["stop the music", "be quiet", "silence please"], lambda r: {"ok": True}, "The music has stopped.")}
HELD_REQUESTS = {"get_weather": ["i wonder about the weather in {city}", "do i need an umbrella in {city}"], "add": ["give me the sum of {a} and {b}"], "get_time": ["which time do they have in {city}"], "set_timer": ["remind me after {minutes} minutes"],
                 "search": ["please search for {query}"], "send_message": ["please send {to} this: {text}"], "read_file": ["please read {path}"], "order": ["i want to order {quantity} {article}"], "find_person": ["please find {name}"],
                 "play_music": ["please play {title}"], "convert": ["please convert {amount} {source} into {target}"], "set_volume": ["change the volume to {level}"]}
VERBS = "get set find make open close check move count send show start stop update delete add fetch measure compare lock".split()
KINDS = {"string": [f.name, f.city, f.code, f.word, f.person, lambda r: r.choice(f.THINGS), lambda r: r.choice(f.COLOURS)], "integer": [lambda r: f.number(r, 1, 99999)]}


def tool_json(name, text, params, rng):
    """A tool definition in one of the shapes clients send."""
    props = {p: ({"type": t} if rng.random() < 0.7 else {"type": t, "description": "The " + p}) for p, t in params.items()}
    schema = {"type": "object", "properties": props, "required": list(params)}
    if rng.random() < 0.2:
        schema.pop("required")
    if rng.random() < 0.1:
        schema["additionalProperties"] = False
    if rng.random() < 0.12 and "required" in schema:
        spare = rng.choice(list(SPARE))
        props.setdefault(spare, SPARE[spare])
    out = {"name": name, "description": text, "parameters": schema}
    if rng.random() < 0.15:
        out.pop("description")
    return out


def invented(rng):
    """A tool nobody has heard of: (name, description, {parameter: (type, value)}, request template)."""
    noun = rng.choice(f.THINGS + f.NOUNS + [f.word(rng, 1, 1)])
    verb = rng.choice(VERBS)
    name = rng.choice([f"{verb}_{noun}", f"{verb}_{noun}", f"{noun}_{verb}", f"{verb}{noun.capitalize()}", noun])
    params = {}
    for p in rng.sample("name id color size city value level target key user title count room number mode label".split(), rng.randint(1, 3)):
        kind = "integer" if p in ("id", "size", "value", "level", "count", "number") else "string"
        params[p] = (kind, rng.choice(KINDS[kind]))
    said = [f"{p} {{{p}}}" for p in params]
    parts = rng.choice([" and ", ", "]).join(said)
    request = rng.choice([f"{verb} the {noun} with {parts}", f"call {name} with {parts}", f"use {name}: {parts}", f"please {verb} the {noun}, {parts}", f"{verb} {noun} {parts}", f"i want to {verb} the {noun} with {parts}"])
    return name, f"{verb.capitalize()} the {noun}", params, request


def pick(rng, held=False):
    """(definition, name, arguments, request, result, answer template) of one tool."""
    if rng.random() < 0.1 and not held:
        name = rng.choice(list(EMPTY))
        text, requests, make, answer = EMPTY[name]
        return tool_json(name, text, {}, rng), name, {}, expand(rng.choice(requests), rng), make(rng), answer
    if rng.random() < 0.4 and not held:
        name, text, params, request = invented(rng)
        result, answer = {"ok": True}, "Done."
        if rng.random() < 0.5:
            key, value = rng.choice(["result", "value", "status", "answer"]), rng.choice([f.word(rng), f.number(rng, 1, 9999), f.code(rng)])
            result, answer = {key: value}, f"The {key} is {value}."
    else:
        name = rng.choice(list(HELD_REQUESTS if held else TOOLS))
        text, params, requests, make, answer = TOOLS[name]
        request = rng.choice(HELD_REQUESTS[name] if held else requests)
        result = make(rng)
    args = {p: value(rng) for p, (_, value) in params.items()}
    spoken = expand(request, rng, {p: str(v) for p, v in args.items()})
    if answer:
        for k, v in {**args, **result}.items():
            answer = answer.replace("{" + k + "}", str(v))
    if rng.random() < 0.45:
        name, params, args = rename(name, params, args, rng)
    return tool_json(name, text, {p: t for p, (t, _) in params.items()}, rng), name, args, spoken, result, answer


def rename(name, params, args, rng):
    """The same tool as another program would call it."""
    head, _, tail = name.partition("_")
    if head in SYNONYMS and rng.random() < 0.6:
        head = rng.choice(SYNONYMS[head])
    name = head + ("_" + tail if tail else "")
    if rng.random() < 0.2:
        name = "".join(w if not n else w.capitalize() for n, w in enumerate(name.split("_")))
    new = {}
    for p in params:
        other = rng.choice(ALIASES[p]) if p in ALIASES and rng.random() < 0.6 else p
        new[p] = p if other in new.values() or other in params else other
    return name, {new[p]: t for p, t in params.items()}, {new[p]: v for p, v in args.items()}


def offer(definition, rng):
    """The tool among others, wrapped as OpenAI clients do or bare."""
    others = []
    for _ in range(rng.choice([0, 0, 0, 0, 0, 1, 1, 2])):
        other = pick(rng)[0]
        if other["name"] not in [definition["name"]] + [o["name"] for o in others]:
            others.append(other)
    tools = others + [definition]
    rng.shuffle(tools)
    return tools


def sample(rng, held=False):
    """(messages, tools, calls): a request that needs a tool, its call and often the answer to its result."""
    definition, name, args, spoken, result, answer = pick(rng, held)
    tools = offer(definition, rng)
    ask = {"role": "user", "content": dress(spoken, rng, plain=True) if spoken[0].isalpha() else spoken}
    calls = [{"name": name, "arguments": args}]
    if list(args) in (["city"], ["location"], ["place"], ["town"]) and rng.random() < 0.15 and not held:
        key, second = next(iter(args)), f.city(rng)
        ask["content"] = ask["content"].replace(args[key], args[key] + " and " + second)
        calls.append({"name": name, "arguments": {key: second}})
        return [ask, {"role": "assistant", "content": "", "tool_calls": calls}], tools, calls
    messages = [ask, {"role": "assistant", "content": "", "tool_calls": calls}]
    if not held and rng.random() < 0.35:
        shape = rng.random()
        raw = json.dumps(result, ensure_ascii=False) if shape < 0.8 else json.dumps(result, separators=(",", ":"))
        if answer:
            said = answer
            for k, v in result.items():
                said = said.replace("{" + k + "}", str(v))
        else:
            said = "The result: " + ", ".join(str(v) for v in (next(iter(result.values())) if isinstance(next(iter(result.values())), list) else result.values()))
        messages += [{"role": "tool", "content": raw}, {"role": "assistant", "content": said}]
    return messages, tools, calls

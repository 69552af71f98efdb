"""Everything that is not Hearth: an honest no, and the way to a model that can."""
import re

from . import fillers
from .phrases import expand, fold, lines, pattern
from .subjects import MORE

TOPICS = {
    "geography": ["what is the capital of {country}", "where is {city}", "how many people live in {city}", "which river flows through {city}", "what is the largest city in {country}",
                  "which language do they speak in {country}", "how far is it from {city} to {city}", "how high is mount everest", "name the continents", "what is the currency of {country}"],
    "arithmetic": ["what is {n} (plus|minus|times|divided by) {n}", "what is {n} + {n}", "calculate {n} * {n}", "solve x + {n} = {n}", "is {n} a prime number", "what is the square root of {n}", "{n} + {n}",
                   "how much is {n} percent of {n}", "{n} times {n}", "2+2", "what is 2 + 2", "count to {n}"],
    "poems and stories": ["write (a|me a) (poem|story|song|tale|haiku|limerick) (about|on) (a|the) {thing}", "tell me a story", "write a poem", "a poem about {city} please", "write a fairy tale with a {thing}", "continue the story",
                          "write a love letter", "sing a song"],
    "programming": ["write (a|some) (python|c|javascript|java|rust) (program|function|script|code) (that sorts a list|for a calculator|to read a file|for a game|)", "how do i (sort|reverse|copy) a list in (python|java|c)", "fix this code", "what is a pointer in c",
                    "how do i install (python|node|docker)", "write a regular expression for emails", "explain recursion", "what is html", "how do i use git"],
    "the news and the weather": ["what is the weather (in {city}|today|like|tomorrow|)", "what happened today", "who won the (match|election|world cup|game)", "what is the news", "will it rain (tomorrow|today|in {city})", "what time is it (in {city}|)", "what day is it", "what is the price of gold",
                                 "what is the stock price of {name}"],
    "medicine": ["i have (a fever|a cough|pain in my leg|a rash|a cold), what should i do", "which (pill|medicine) helps against (pain|a headache|fever)", "is (sugar|coffee|salt|milk) healthy", "how do i lose weight", "what are the symptoms of (flu|diabetes)", "how much should i sleep"],
    "cooking": ["how do i (bake|cook|make) (a cake|bread|soup|pasta|a pizza|rice|an omelette|coffee)", "give me a recipe (for a cake|for soup|with {thing}s|)", "what should i (eat|cook) today", "how long do i boil an egg"],
    "history": ["who was (napoleon|caesar|cleopatra|einstein|mozart|shakespeare|the first president)", "when did (the war|the second world war|the french revolution) (begin|end)", "who invented the ({thing}|telephone|wheel)", "what happened in {year}", "who built the pyramids", "when was {city} founded"],
    "science": ["why is the sky blue", "how far is the moon", "what is (a black hole|gravity|an atom|dna|a cell|photosynthesis|energy|light)", "how hot is the sun", "how many planets are there", "what is the speed of light", "why do cats purr", "what do (bears|whales|bees|birds) eat", "how old is the earth"],
    "translation": ["translate (this|hello|{thing}|good morning) (into|to) (french|german|spanish|italian|latin)", "what is {thing} in (french|german|spanish|italian)", "translate (into|to) (french|german|spanish|italian|english):", "translate (into|to) (french|german|spanish|italian):\n\nsome text about the {thing}", "how do you say (hello|thank you|{thing}) in (french|german|japanese)", "what does {name} mean in (latin|english)"],
    "films, music and sports": ["who (sang|wrote|played in|directed) {name}", "recommend a (film|book|song|movie|series|game)", "what is the best (film|book|song|football team)", "how do i play (chess|football|the guitar|poker)", "who is the best (player|singer|actor)", "what is the plot of {name}"],
    "law and money": ["how do i (pay|save) taxes", "should i buy (a house|stocks|bitcoin|gold)", "is it legal to (park here|copy music|fly a drone)", "how do i become rich", "write a contract", "how much does a {thing} cost", "should i sue {person}"],
    "personal advice": ["what should i (do today|wear|give {person} for {person}'s birthday|study|do with my life)", "how do i (find friends|make friends|find a job|get a job)", "is {person} in love with me", "who am i", "what is the meaning of life", "do you know {person}", "what do you think about (politics|religion|{person}|{country})"],
    "things like that": ["how do i (repair|clean|paint|build|sell) (a|my) {thing}", "what is a {thing}", "who is {person}", "tell me about {name}", "what do you know about {name}", "where can i buy a {thing}", "describe a {thing}", "{thing}", "{name}", "how do i travel to {city}", "write an email to {person}",
                         "draw a {thing}", "what colour is a {thing}", "plan a trip to {city}", "explain {name}"],
}
HELD = {
    "geography": ["name the capital city of {country}", "on which continent is {country}"], "arithmetic": ["add {n} and {n}", "how much is {n} and {n}"],
    "poems and stories": ["compose a short poem for {person}", "invent a story about a {thing}"], "programming": ["i need a function that reverses a string", "how do i write a loop in python"],
    "the news and the weather": ["is it raining in {city}", "who won yesterday"], "medicine": ["my head hurts, which medicine helps", "is coffee bad for me"], "cooking": ["how long does rice take to cook", "a recipe for pancakes please"],
    "history": ["in which year did world war two end", "who discovered america"], "science": ["how many legs has a spider", "what are stars made of"], "translation": ["say good night in spanish", "the german word for {thing}"],
    "films, music and sports": ["which film should i watch tonight", "how many players are in a football team"], "law and money": ["how do i invest my money", "may my boss read my mail"],
    "personal advice": ["should i marry {person}", "give me a present idea for {person}"], "things like that": ["how is a {thing} made", "what is the best {thing}"],
}
ANSWER = "I am a tiny model that knows only Hearth, so I cannot help with that. A bigger model can: `hearth get qwen/qwen3-4b`."


def values(rng):
    return {"country": rng.choice(fillers.COUNTRIES), "city": fillers.city(rng), "n": str(fillers.number(rng, 1, 9999)), "thing": rng.choice(fillers.THINGS + fillers.NOUNS),
            "year": fillers.year(rng), "name": fillers.name(rng), "person": fillers.person(rng),
            "noun": rng.choice(fillers.NOUNS), "job": rng.choice(fillers.JOBS)}


for subject, text in MORE.items():
    TOPICS.setdefault(subject, []).extend(lines(text))
WITHHELD = re.compile("|".join(f"(?:{pattern(h)})" for held in HELD.values() for h in held))


def question(rng, held=False):
    """(bare question, answer, keys) on any foreign subject; in training never one of the held-out ones."""
    topic = rng.choice(list(HELD if held else TOPICS))
    fill = values(rng)
    while True:
        text = expand(rng.choice((HELD if held else TOPICS)[topic]), rng, fill)
        if held or not WITHHELD.fullmatch(fold(text)):
            return text, ANSWER, ["only Hearth"]

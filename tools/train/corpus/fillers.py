"""Names, places, numbers and made-up words: what copying skills are practised on.

Most values are invented syllable by syllable, so that the model cannot know them and has to copy.
"""
import re

FIRST = ("Anna Maria Tom Peter Lena Paul Nora Felix Clara Max Emma Jonas Mia Leo Lisa Oscar Ida Hugo Ella Otto Eva Karl Rosa Ben "
         "Sara Erik Julia Simon Laura David Hanna Adam Olga Ivan Nina Victor Alice Henry Grace Jack Lucy George Ruth Frank Helen "
         "Martin Irene Robert Diana Kevin Amir Leila Omar Yara Chen Mei Kenji Yuki Ravi Priya Carlos Elena Diego Lucia Pedro Marta "
         "Luca Chiara Marco Giulia Pierre Camille Jean Sophie Antonio Bruno Stella Viktor Agnes Boris Daria Emil Freya Gustav Ines "
         "Jakob Kira Liam Maya Noah Olivia Piotr Quinn Rita Samuel Tara Ulrich Vera Walter Xenia Zoe").split()
CITIES = ("Berlin Paris London Madrid Rome Vienna Oslo Bergen Stockholm Helsinki Copenhagen Dublin Lisbon Porto Athens Prague Warsaw "
          "Krakow Budapest Zurich Geneva Bern Hamburg Munich Cologne Leipzig Lyon Nice Marseille Milan Turin Naples Florence Seville "
          "Valencia Brussels Ghent Amsterdam Utrecht Tokyo Osaka Kyoto Seoul Beijing Delhi Mumbai Cairo Nairobi Lagos Toronto Boston "
          "Chicago Denver Austin Seattle Lima Quito Bogota Sydney Perth Auckland Reykjavik Tallinn Riga Vilnius").split()
COUNTRIES = ("France Germany Spain Italy Norway Sweden Finland Denmark Poland Austria Greece Portugal Ireland Japan China India Egypt "
             "Kenya Canada Mexico Peru Chile Brazil Australia Iceland Hungary Turkey Morocco Vietnam Thailand").split()
JOBS = ("baker teacher nurse carpenter gardener pilot cook driver painter engineer doctor farmer librarian plumber tailor dentist "
        "lawyer musician waiter chemist architect electrician").split()
COLOURS = "red blue green yellow black white grey brown orange purple pink silver golden".split()
THINGS = ("lamp chair table bicycle kettle printer camera blanket mirror clock radio guitar backpack umbrella bottle pillow desk "
          "carpet heater toaster keyboard tent jacket scarf helmet drill hammer notebook teapot basket").split()
NOUNS = ("river mountain castle garden bridge forest station harbour museum library market school tower island valley lake mill "
         "farm church theatre hospital factory village road canal park lighthouse").split()
MONTHS = "January February March April May June July August September October November December".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
ONSET = ("b c d f g h j k l m n p r s t v w z br ch cl dr fl gr kr pl pr sh st th tr str qu sk sn gl").split()
VOWEL = "a e i o u a e i o ai ea ou ie oo".split()
CODA = ["", "", "", "n", "r", "l", "s", "t", "m", "ck", "nd", "rt", "st", "ll", "x", "th", "rn"]
ENDING = ["", "", "", "a", "ia", "on", "en", "ford", "ville", "stad", "wick", "berg", "dale", "mere", "ton", "ix", "us", "or", "field", "port"]


def word(rng, low=1, high=2):
    """An invented word in lower case."""
    text = "".join(rng.choice(ONSET) + rng.choice(VOWEL) + rng.choice(CODA) for _ in range(rng.randint(low, high)))
    return text + rng.choice(ENDING)


def name(rng):
    return word(rng).capitalize()


def person(rng):
    return rng.choice(FIRST) if rng.random() < 0.75 else name(rng)


def city(rng):
    return rng.choice(CITIES) if rng.random() < 0.6 else name(rng)


def number(rng, low=1, high=999):
    """Any size equally likely, so that short and long numbers are practised alike."""
    digits = rng.randint(len(str(low)), len(str(high)))
    return min(high, max(low, rng.randint(10 ** (digits - 1), 10 ** digits - 1)))


def year(rng):
    return str(rng.randint(1100, 2040))


def date(rng):
    d, m, y = rng.randint(1, 28), rng.randint(1, 12), rng.randint(1950, 2040)
    return rng.choice([f"{d} {MONTHS[m - 1]} {y}", f"{MONTHS[m - 1]} {d}, {y}", f"{y}-{m:02}-{d:02}", f"{d} {MONTHS[m - 1]}"])


def code(rng):
    """Order numbers, serial numbers and the like."""
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
    head = "".join(rng.choice(letters) for _ in range(rng.randint(1, 3)))
    return rng.choice([f"{head}-{number(rng, 10, 99999)}", f"{head}{number(rng, 10, 9999)}", f"{number(rng, 100, 99999)}",
                       f"{head}-{number(rng, 1, 99)}-{number(rng, 1, 99)}"])


def clock(rng):
    return f"{rng.randint(0, 23)}:{rng.choice(['00', '15', '30', '45', '10', '20', '05', '40'])}"


def phrase(rng):
    """A few common words, as a note or a message would have."""
    verbs = "buy bring call clean paint water repair send sell check order return open close visit wash".split()
    return rng.choice([f"{rng.choice(verbs)} the {rng.choice(THINGS)}", f"{rng.choice(verbs)} the {rng.choice(COLOURS)} {rng.choice(THINGS)}",
                       f"meet {person(rng)} at {clock(rng)}", f"{rng.choice(verbs)} {number(rng, 2, 90)} {rng.choice(THINGS)}s",
                       f"the {rng.choice(THINGS)} is {rng.choice(COLOURS)}", f"{rng.choice(verbs)} the {rng.choice(NOUNS)} in {city(rng)}"])


def article(text):
    """`a` before a vowel becomes `an`."""
    return re.sub(r"\b([Aa]) (?=[aeiou])", r"\1n ", text)

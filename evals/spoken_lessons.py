"""What is said to the recogniser to teach it: callers' sentences, numbers, codes, names, replies.

Questions and sentences of the lessons' invented manuals, the phrases of danger that were written to
be learned from, replies and frames written by a language model for this (data/lessons_spoken), and
numbers, codes, references, names, dates and addresses drawn at random. None of it is of the
evaluation sets, but for greetings and replies of a word or two that everybody says.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from evals.lessons import HEARD, LESSONS
from evals.questions import DATA
from voices.french import speakable

Kind = Literal[
    "question", "manual", "number", "code", "reference", "danger", "reply", "name", "date",
    "email", "postcode",
]  # fmt: skip

SHARES: Mapping[Kind, float] = {
    "question": 0.36, "manual": 0.08, "number": 0.14, "code": 0.08, "reference": 0.08,
    "danger": 0.08, "reply": 0.10, "name": 0.03, "date": 0.02, "email": 0.015, "postcode": 0.015,
}  # fmt: skip
"""How often each is drawn."""

FOLDER = DATA / "lessons_spoken"
FEWEST_SEEN = 4
"""Times that each word of a sentence stands in the lessons: what is rarer is often misspelt."""

LONGEST = 140
"""Characters as spoken."""

NOUN_SEEN = 12
REFERENCE = re.compile(r"\b[A-Z]{1,3}\d{2,4}[A-Z]{0,2}\b")
_WORD = re.compile(r"[a-zà-ÿœ]+")
_NOUN = re.compile(r"(?:le|la|les|l'|un|une|des|du|au|aux) ?([a-zà-ÿ]{4,})")
_ASKS_FIRST = re.compile(r"(?i)(?:est-ce|comment|pourquoi|combien|quel|où|quand|c'est quoi|qu')")
_ASKS_LAST = re.compile(r"(?i)(?:quoi|combien|comment|pourquoi|quand|grave|normal|ou non|où)$")

STARTS = ("06", "06", "07", "01", "02", "03", "04", "05", "09")
"""First pairs of French telephone numbers, mobiles more often."""

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SPELLED_WITH = {
    names.split()[0][0].replace("É", "E"): tuple(names.split())
    for names in (
        "Anatole Alain Anne Antoine", "Berthe Bernard Béatrice", "Célestin Camille Claude",
        "Désiré Denise Daniel", "Eugène Émile Édouard", "François Françoise",
        "Gaston Georges Gérard", "Henri Hélène Hubert", "Irma Isabelle Irène",
        "Joseph Jean Jacques", "Kléber Karine", "Louis Louise Lucie", "Marcel Marie Michel",
        "Nicolas Noël Nathalie", "Oscar Olivier", "Pierre Paul Patrick", "Quintal Quentin",
        "Raoul Robert René", "Suzanne Simon Sophie", "Thérèse Thomas Théodore", "Ursule Ulysse",
        "Victor Valérie Vincent", "William Wagon", "Xavier", "Yvonne Yves", "Zoé Zacharie",
    )
}  # fmt: skip
"""First names that French callers spell with, by their letter."""

SURNAMES = (
    "Martin Bernard Dubois Durand Moreau Laurent Simon Michel Lefebvre Leroy Roux Girard Bonnet"
    " Fontaine Chevalier Gauthier Perrin Morel Rousseau Blanchard Marchand Meunier Caron Renaud"
    " Barbier Arnaud Picard Garnier Faure Mercier Dupuis Brunet Renard Colin Vidal Lemaire Aubert"
    " Carpentier Giraud Leclercq Boyer Guillot Hubert Roche Masson Charpentier Lopez Garcia Silva"
    " Nguyen Benali Diallo Kowalski Schmitt Weber Kerbrat Etcheverry"
).split()
FIRST_NAMES = "jean marie paul sophie luc anne michel nicole pierre claire".split()
MONTHS = (
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
).split()
SEPARATORS = (("point", "."), ("tiret", "-"), ("tiret du bas", "_"), ("", ""))
PROVIDERS = "orange free gmail wanadoo laposte sfr outlook hotmail yahoo".split()


@dataclass(frozen=True)
class Line:
    """A sentence: as it is spoken, and as it is to be written down."""

    kind: Kind
    spoken: str
    written: str


@dataclass(frozen=True)
class Material:
    """What the lines are made of.

    Attributes:
        texts: Whole sentences, by kind.
        frames: Sentences around a thing, « {x} », by kind.
        appliances, nouns: Words that may be given to the recogniser beforehand.
    """

    texts: Mapping[Kind, Sequence[str]]
    frames: Mapping[Kind, Sequence[str]]
    appliances: Sequence[str]
    nouns: Sequence[str]


def read_material() -> Material:
    """Read the lessons, always in the same order."""
    questions: list[str] = []
    sentences: list[str] = []
    appliances: set[str] = set()
    nouns: Counter[str] = Counter()
    for entry in _entries():
        if "q" in entry:
            questions.append(str(entry["q"]))
        elif "p" in entry:
            text = str(entry["text"])
            nouns.update(set(_NOUN.findall(text.lower())))
            pieces = (one.strip(" ;:-•") for one in re.split(r"(?<=[.!?;:])\s+", text))
            sentences += [
                one for one in pieces
                if 12 < len(one) < 90 and not re.search(r"[()/\[\]|_]|fig", one)
            ]  # fmt: skip
        elif "appliance" in entry:
            appliances.add(str(entry["appliance"]).lower())
    seen = Counter(
        word for text in (*questions, *sentences) for word in _WORD.findall(text.lower())
    )

    def known(text: str) -> bool:
        return all(seen[word] >= FEWEST_SEEN for word in _WORD.findall(text.lower()))

    dangers = [
        str(json.loads(line)["text"])
        for file in sorted(DATA.glob("lessons_danger_*.jsonl"))
        for line in file.read_text("utf-8").splitlines()
    ]
    frames = json.loads((FOLDER / "frames.json").read_text("utf-8"))
    often = [noun for noun, count in nouns.items() if count >= NOUN_SEEN]
    return Material(
        texts={
            "question": [
                one for one in dict.fromkeys(questions) if 6 < len(one) < 80 and known(one)
            ],
            "manual": [one for one in dict.fromkeys(sentences) if known(one)],
            "danger": [one for one in dangers if len(one) < 90],
            "reply": (FOLDER / "replies.txt").read_text("utf-8").splitlines(),
        },
        frames=frames,
        appliances=sorted(appliances),
        nouns=often,
    )


def draw(material: Material, count: int, seed: int = 7) -> list[Line]:
    """So many different lines, always the same for a seed."""
    random = Random(seed)
    drawn: dict[str, Line] = {}
    kinds, shares = list(SHARES), list(SHARES.values())
    while len(drawn) < count:
        line = _line(material, random.choices(kinds, shares)[0], random)
        if len(line.spoken) <= LONGEST:
            drawn.setdefault(line.written, line)
    return list(drawn.values())


def draw_alike(material: Material, count: int, seed: int = 8) -> list[Line]:
    """So many telephone numbers more, of pairs that are taken for one another.

    66 is heard as 76 and 98 as 88: most of the pairs are from sixty on.
    """
    random = Random(seed)
    drawn: dict[str, Line] = {}
    while len(drawn) < count:
        pairs = [random.choice(STARTS)] + [
            f"{random.randint(60, 99) if random.random() < 0.75 else random.randint(0, 59):02d}"
            for _ in range(4)
        ]  # fmt: skip
        frame = random.choice(material.frames["number"])
        said = random.choice((" ", ", ", ", ")).join(speakable(pair) for pair in pairs)
        line = Line("number", speakable(frame.replace("{x}", said)),
                    frame.replace("{x}", " ".join(pairs)))  # fmt: skip
        drawn.setdefault(line.written, line)
    return list(drawn.values())


def _line(material: Material, kind: Kind, random: Random) -> Line:
    if kind in material.texts:
        text = random.choice(material.texts[kind])
        return Line(kind, speakable(text), punctuated(text) if kind == "question" else text)
    frame = random.choice(material.frames[kind])
    spoken, written = _DRAWN[kind](random)
    return Line(
        kind, speakable(frame.replace("{x}", spoken)), frame.replace("{x}", written)
    )  # fmt: skip


def punctuated(question: str) -> str:
    """A question written without capital and stop, as the recogniser writes: with both."""
    text = question.strip()
    text = text[0].upper() + text[1:]
    if text[-1] in ".?!…":
        return text
    asks = _ASKS_FIRST.match(text) or _ASKS_LAST.search(text)
    return f"{text} ?" if asks else f"{text}."


def nouns_in(written: str, material: Material) -> list[str]:
    """Those of the lessons' nouns that a line holds."""
    return [word for word in re.findall(r"[a-zà-ÿ]{4,}", written.lower()) if word in material.nouns]


def _entries() -> Iterator[dict[str, object]]:
    for file in sorted(LESSONS.glob("*.jsonl")):
        if file.name != HEARD:
            for line in file.read_text("utf-8").splitlines():
                if line.strip():
                    yield json.loads(line)


# --- things drawn: as they are spoken, and as they are written --------------------------------


def _number(random: Random) -> tuple[str, str]:
    start = random.choice(STARTS)
    digits = start + "".join(random.choice("0123456789") for _ in range(8))
    pairs = [digits[at : at + 2] for at in range(0, 10, 2)]
    said = [speakable(pair) for pair in pairs]
    manner = random.random()
    if manner < 0.55:
        return random.choice((" ", ", ", ", ")).join(said), " ".join(pairs)
    if manner < 0.70:
        return random.choice(("... ", ", ")).join(said), " ".join(pairs)
    if manner < 0.85:
        return ", ".join(" ".join(map(speakable, pair)) for pair in pairs), " ".join(pairs)
    abroad = ", ".join([speakable(digits[1]), *said[1:]])
    return f"plus trente-trois, {abroad}", f"+33 {digits[1]} {' '.join(pairs[1:])}"


def _code(random: Random) -> tuple[str, str]:
    letter = random.choice("EEEEFFFFAHCDPSUI")
    manner = random.random()
    if manner < 0.5:
        code = f"{letter}{random.randint(1, 99)}"
    elif manner < 0.8:
        code = f"{letter}{random.randint(0, 19):02d}"
    elif manner < 0.9:
        code = f"{letter}{random.randint(100, 199)}"
    else:
        code = letter + random.choice("EFHCR")
    if len(code) > 2 and code[1] == "0":
        return f"{letter} zéro {code[2:]}", code
    if random.random() < 0.15 and code[1:].isdigit():
        return f"{letter} {' '.join(code[1:])}", code
    return code, code


def _reference(random: Random) -> tuple[str, str]:
    before = "".join(random.choice(LETTERS) for _ in range(random.choice((2, 2, 3, 2, 1))))
    hundreds = random.randint(100, 999)
    figures = str(random.choice((random.randint(10, 99), hundreds, hundreds,
                                 random.randint(1000, 9999))))  # fmt: skip
    one, two = random.choice(LETTERS), random.choice(LETTERS)
    after = random.choice(("", "", "", one, one + two))
    manner, apart = random.random(), random.random()
    if manner < 0.6:
        said = figures
        if apart > 0.6:
            said = f"{figures[:2]} {figures[2:]}" if len(figures) > 3 else " ".join(figures)
        return f"{' '.join(before)} {said} {' '.join(after)}".strip(), before + figures + after
    if manner < 0.8:
        tail = f", {', '.join(after)}" if after else ""
        return f"{' '.join(before)}, {figures}{tail}", before + figures + after
    spelled = ", ".join([*_spelled(before, random), figures, *_spelled(after, random)])
    return spelled, spelled


def _name(random: Random) -> tuple[str, str]:
    name = random.choice(SURNAMES)
    manner = random.random()
    if manner < 0.5:
        return name, name
    if manner < 0.8:
        return f"{name}, {', '.join(name.upper())}", f"{name}, {' '.join(name.upper())}"
    spelled = f"{name}, {', '.join(_spelled(name.upper(), random))}"
    return spelled, spelled


def _spelled(letters: str, random: Random) -> list[str]:
    """« L comme Louis » for each letter."""
    return [f"{letter} comme {random.choice(SPELLED_WITH[letter])}" for letter in letters]


def _date(random: Random) -> tuple[str, str]:
    day, month, year = random.randint(1, 28), random.randint(1, 12), random.randint(2012, 2026)
    manner = random.random()
    if manner < 0.5:
        date = f"{'1er' if day == 1 else day} {MONTHS[month - 1]} {year}"
        return date, date
    if manner < 0.75:
        date = f"{MONTHS[month - 1]} {year}"
        return date, date
    return f"{day}, {month}, {year}", f"{day:02d}/{month:02d}/{year}"


def _email(random: Random) -> tuple[str, str]:
    name = random.choice(SURNAMES).lower()
    first = random.choice(FIRST_NAMES)
    said, sign = random.choice(SEPARATORS)
    provider, country = random.choice(PROVIDERS), random.choice(("fr", "fr", "com", "net"))
    figures = random.choice(("", "", str(random.randint(1, 99))))
    spoken = f"{first} {said} {name} {figures} arobase {provider} point {country}"
    return " ".join(spoken.split()), f"{first}{sign}{name}{figures}@{provider}.{country}"


def _postcode(random: Random) -> tuple[str, str]:
    rest = "000 100 200 300 400 500 600 700 800 120 230 340 410 560".split()
    code = f"{random.randint(1, 95):02d}{random.choice(rest)}"
    if random.random() < 0.6:
        return (code if code[2] == "0" else f"{code[:2]} {code[2:]}"), code
    return " ".join(code), code


_DRAWN: Mapping[Kind, Callable[[Random], tuple[str, str]]] = {
    "number": _number, "code": _code, "reference": _reference, "name": _name, "date": _date,
    "email": _email, "postcode": _postcode,
}  # fmt: skip

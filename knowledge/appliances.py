"""Kinds of household appliance and the words that callers have for each. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate, pairwise

from knowledge.safety import fold


@dataclass(frozen=True)
class Kind:
    """A kind of appliance.

    Attributes:
        name: In French, as it is said: « cave à vin ».
        words: Pattern over folded text of what callers and manuals call it, English too.
        feminine: Whether it is « la ».
    """

    name: str
    words: str
    feminine: bool = False


KINDS = (
    Kind("lavante-séchante", r"lavantes? sechantes?|lave linge sechants?|washer dryer", True),
    Kind("lave-linge", r"laves? linges?|machines? a laver(?! la vaisselle)|washing machine"
                       r"|\blavantes?\b|lessiveuse"),
    Kind("lave-vaisselle", r"laves? vaisselles?|machines? a laver la vaisselle|dishwasher"),
    Kind("sèche-linge", r"seches? linges?|\bsechoirs?\b(?! a cheveux)|tumble dryer|\bclothes"
                        r" dryer"),
    Kind("micro-ondes", r"micro ?ondes?|microwave"),
    Kind("cuisinière", r"cuisinieres?\b|gazinieres?|\bpiano de cuisson|range cooker", True),
    Kind("mini-four", r"mini ?fours?\b"),
    Kind("plaque de cuisson", r"(?:plaques?|tables?) (?:de cuisson|a induction|a gaz|induction|gaz|"
         r"vitroceramique|electrique)|\bplaques?\b(?! signaletique| d identification| du"
         r" fabricant)|"
         r"\bcooktop\b|\bhob\b|feux? a induction", True),
    Kind("hotte", r"\bhottes?\b|cooker hood|range hood", True),
    Kind("cave à vin", r"caves? a vins?|armoire a vins?|wine (?:cooler|cellar|cabinet)", True),
    Kind("congélateur", r"congelateurs?|congelo\b|\bcongel\b|freezer"),
    Kind("réfrigérateur", r"refrigerateurs?(?: congelateurs?)?|\bfrigos?\b|frigidaire|refrigerator|"
         r"fridge(?: freezer)?|combine (?:refrigerateur|frigo)"),
    Kind("four", r"\bfours?\b(?! a micro)|\boven\b"),
    Kind("aspirateur", r"aspirateurs?|\bbalai (?:sans fil|aspirant)|vacuum cleaner"),
    Kind("nettoyeur vapeur", r"nettoyeurs? (?:a )?vapeur|balai vapeur|steam cleaner"),
    Kind("centrale vapeur", r"centrales? (?:a )?vapeur|steam generator", True),
    Kind("fer à repasser", r"fers? a repasser|fer vapeur|steam iron"),
    Kind("machine à café", r"machines? a (?:cafe|expresso|espresso)|cafetieres?|expresso\b"
                           r"|espresso\b|"
         r"coffee (?:machine|maker)|percolateur", True),
    Kind("bouilloire", r"bouilloires?|kettle", True),
    Kind("grille-pain", r"grilles? pains?|toasters?"),
    Kind("friteuse", r"friteuses?|air ?fryer|fryer", True),
    Kind("robot de cuisine", r"robots? (?:de cuisine|cuiseurs?|patissiers?|multifonctions?"
                             r"|menagers?)|"
         r"food processor|stand mixer"),
    Kind("aspirateur robot", r"robots? aspirateurs?|aspirateurs? robots?|robot vacuum"),
    Kind("blender", r"blenders?|mixeurs?|mixer\b"),
    Kind("yaourtière", r"yaourtieres?", True),
    Kind("machine à pain", r"machines? a pain|bread maker", True),
    Kind("sorbetière", r"sorbetieres?|turbine a glace", True),
    Kind("autocuiseur", r"autocuiseurs?|cocotte minute|multicuiseurs?"),
    Kind("chauffe-eau", r"chauffes? eaux?|cumulus|ballons? (?:d )?eau chaude|water heater"),
    Kind("chaudière", r"chaudieres?|boiler", True),
    Kind("pompe à chaleur", r"pompes? a chaleur|heat pump(?! dryer)", True),
    Kind("radiateur", r"radiateurs?|convecteurs?|panneau rayonnant|\bheater\b"),
    Kind("poêle", r"poeles? (?:a (?:bois|granules?|pellets?)|de chauffage)"),
    Kind("climatiseur", r"climatiseurs?|climatisations?|\bla clim\b|\bma clim\b|air conditioner"),
    Kind("ventilateur", r"\bventilateurs? (?:sur pied|colonne|de plafond|de table)"),
    Kind("purificateur d'air", r"purificateurs?(?: d air)?|air purifier"),
    Kind("déshumidificateur", r"deshumidificateurs?|dehumidifier"),
    Kind("humidificateur", r"\bhumidificateurs?|humidifier"),
    Kind("barbecue", r"barbecues?|plancha"),
    Kind("télévision", r"televis(?:ions?|eurs?)|\btele\b", True),
    Kind("ordinateur", r"ordinateurs?"),
    Kind("imprimante", r"imprimantes?", True),
    Kind("tondeuse", r"tondeuses?", True),
)  # fmt: skip
"""Kinds in the order in which they win over one another at the same place of a text."""

_COMPILED = tuple((kind, re.compile(rf"(?<!\w)(?:{kind.words})")) for kind in KINDS)
_FEMININE = tuple(kind.name for kind in KINDS if kind.feminine)
_BY_ANOTHER = re.compile(
    r"\b(?:dessus|dessous|au dessus|en dessous|a cote|sous|sur|contre|pres|derriere|devant|entre)\b"
)
_MINE = r"(?:mon|ma|mes|notre|nos|le|la|les|un|une|l) (?:\w+ )?"
_SOUNDS = {
    "lavelinge": "lave-linge",
    "lavevaisselle": "lave-vaisselle",
    "sechelinge": "sèche-linge",
    "refrigerateur": "réfrigérateur",
    "congelateur": "congélateur",
    "climatiseur": "climatiseur",
}
"""Names that are often misheard and long enough to be near nothing else."""

NEAREST_NAME = 0.84
"""Similarity from which a run of words is a misheard name (difflib's ratio)."""


def with_article(product: str) -> str:
    """« le lave-linge LV450 », « la hotte HT60 », « l'aspirateur AS10 »."""
    if product.startswith((*_FEMININE, "plaque", "cave", "machine", "pompe")):
        return f"la {product}"
    return f"l'{product}" if product[:1] in "aeiouyéèêà" else f"le {product}"


def of_the(product: str) -> str:
    """« du lave-linge », « de la hotte », « de l'aspirateur »."""
    named = with_article(product)
    return f"du {product}" if named.startswith("le ") else f"de {named}"


def _mentions(folded: str) -> Iterator[tuple[int, int, Kind]]:
    """Appliances named, in order, each place once: (start, end, kind)."""
    spans = [
        (found.start(), -found.end(), rank, kind)
        for rank, (kind, pattern) in enumerate(_COMPILED)
        for found in pattern.finditer(folded)
    ]
    reached = 0
    for start, end, _, kind in sorted(spans, key=lambda span: span[:3]):
        if start >= reached:
            yield start, -end, kind
            reached = -end


def without_appliances(text: str) -> str:
    """A text without the words that name an appliance and the articles before them."""
    words = text.split()
    places = [at for at, word in enumerate(words) for _ in fold(word).split()]
    flat = [part for word in words for part in fold(word).split()]
    starts = list(accumulate((len(part) + 1 for part in flat), initial=0))
    dropped: set[int] = set()
    for start, end, _ in _mentions(" ".join(flat)):
        named = {places[i] for i in range(len(flat)) if start <= starts[i] < end}
        first = min(named, default=0)
        while first > 0 and fold(words[first - 1]) in _ARTICLES:
            first -= 1
            named.add(first)
        dropped |= named
    return " ".join(word for at, word in enumerate(words) if at not in dropped)


_ARTICLES = frozenset("du de la le les l mon ma mes au a notre votre".split())


def appliances_in(text: str) -> tuple[str, ...]:
    """Every kind of appliance that a text names, in order."""
    return tuple(dict.fromkeys(kind.name for _, _, kind in _mentions(fold(text))))


def appliance_in(text: str) -> str | None:
    """The first kind of appliance named in a text, also misheard; None if there is none."""
    folded = fold(text)
    found = next((kind.name for _, _, kind in _mentions(folded)), None)
    return found or _misheard(folded.split())


def foreign_appliance(question: str, known: Collection[str]) -> str | None:
    """The appliance that a question is about where none of the client's kinds is it, else None.

    « mon sèche-linge ne chauffe plus » is about one; « le tuyau du radiateur », « poser un four
    dessus » and whatever also names one of the client's kinds are not.

    Args:
        question: As said or normalised.
        known: Kinds of the client's manuals, by name.
    """
    folded = fold(question)
    mentions = list(_mentions(folded))
    if any(is_related(kind.name, name) for _, _, kind in mentions for name in known):
        return None
    for start, end, kind in mentions:
        before = folded[:start]
        owned = re.search(rf"(?<!\w){_MINE}$", before)
        partly = re.search(r"(?:\b(?:du|au|de|des|aux)(?: (?:la|l|mon|ma))? (?:\w+ )?)$", before)
        beside = _BY_ANOTHER.search(folded[end:]) or re.search(r"\b(?:sous|sur|contre)\b", before)
        mine = owned is not None and re.match(r"m(?:on|a|es)\b|n(?:otre|os)\b", owned[0])
        if owned and not partly and (mine or not beside):
            return kind.name
    return None


_RELATED = ({"aspirateur", "aspirateur robot"}, {"four", "mini-four", "cuisinière"},
            {"lave-linge", "lavante-séchante"}, {"réfrigérateur", "congélateur"},
            {"cuisinière", "plaque de cuisson"})  # fmt: skip
"""Kinds whose names callers use for one another."""


_CALLED = {"micro-ondes": {"four", "mini-four"}, "cave à vin": {"réfrigérateur"}}
"""What callers also call a kind, but not the other way round: « mon four » for a microwave."""


def is_related(said: str, owned: str) -> bool:
    """Whether callers who say one kind may mean the other: the freezer of a combined fridge.

    Args:
        said: The kind that is named.
        owned: The kind of an appliance of the client's.
    """
    if said == owned or said in _CALLED.get(owned, ()):
        return True
    return any({said, owned} <= kinds for kinds in _RELATED)


def _misheard(words: list[str]) -> str | None:
    """An appliance whose name nearly is a word or two in a row: « lavelange », « l'ave linge »."""
    runs = [*words, *(a + b for a, b in pairwise(words))]
    runs += [a + b + c for a, b, c in zip(words, words[1:], words[2:], strict=False)]
    best: tuple[float, str | None] = (NEAREST_NAME, None)
    for run in runs:
        for key, name in _SOUNDS.items():
            if abs(len(run) - len(key)) <= 3:
                ratio = SequenceMatcher(None, run, key).ratio()
                best = max(best, (ratio, name), key=lambda item: item[0])
    return best[1]

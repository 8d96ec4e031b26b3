"""Who is on the line but no customer: a wrong number, a machine, a child, another language. Pure.

Patterns read folded text: lower case, no accents, apostrophes and hyphens as spaces.
"""

from __future__ import annotations

import re

from agent.call.foreign_sounds import Language, language_heard
from knowledge.appliances import appliances_in
from knowledge.safety import fold

_ELSEWHERE = (
    "(?:restaurant|pizzeria|cabinet|docteur|medecin|mairie|garage|pharmacie|banque|boulangerie"
    "|coiffeur|dentiste|ecole|creche|hopital|taxis?|hotel|notaire)"
)
_WRONG_NUMBER = re.compile(
    r"\b(?:trompee?|erreur|faux|mauvais) (?:de |fait (?:un |le )?)*numeros?\b"
    r"|\bme suis trompee? (?:en faisant le|excusez|pardon|desole)"
    r"|^(?:\w+ ){0,3}(?:je )?me suis trompee?$"
    rf"|\bc est (?:bien )?(?:le|la|chez|l) {_ELSEWHERE}\b"
    rf"|^(?:allo |bonjour )*(?:le |la |l |les )?{_ELSEWHERE}\b"
    rf"|\b(?:ce )?n? ?est pas (?:le |la |chez |l ){_ELSEWHERE}\b"
    r"|\b(?:voulais|voudrais|voulait|cherche) (?:appeler|joindre|avoir|parler a)?\s?"
    rf"(?:\w+ ){{0,2}}{_ELSEWHERE}\b"
)

_MACHINE = re.compile(
    r"\b(?:sur|de) (?:la|ma|sa|notre) (?:messagerie|boite vocale)\b|\brepondeur\b.*\b(?:de|laiss)"
    r"|\blaiss\w* (?:\w+ ){0,3}message (?:\w+ ){0,4}(?:bip|beep|bipe|signal|tonalite)"
    r"|\bapres le (?:bip|beep|bipe|signal sonore|top sonore)(?:$| (?:merci|je|nous|et))"
    r"|\b(?:suis|sommes) (?:\w+ ){0,4}(?:absente?s?|pas disponibles?|indisponibles?)"
    r" (?:\w+ ){0,6}(?:message|bip|beep)"
    r"|\ble numero que vous avez (?:compose|demande)\b"
    r"|\bvotre correspondant (?:n |est|ne)|\btous nos conseillers sont\b"
    r"|\btapez (?:\w+ ){0,2}(?:un|deux|trois|diese|etoile|1|2|3)\b"
)
"""What another machine says: a voice mailbox, an exchange, a waiting loop."""

_CHILD = re.compile(
    r"^(?:allo |bonjour |coucou |salut )*(?:c est )?(?:maman|papa|mamie|papi|papy|mamy)\b"
    r"(?: \w+){0,3}$"
    r"|\b(?:elle|il) est ou (?:ma|mon) (?:maman|papa)\b|\bou (?:elle |il )?est (?:ma|mon) (?:maman"
    r"|papa)\b"
    r"|\b(?:ma|mon) (?:maman|papa) (?:elle |il )?(?:est|dort|arrive|a dit|m a dit|n est)\b"
    r"|\bj ai (?:trois|quatre|cinq|six|sept|huit|neuf|dix|[3-9]|10) ans(?: et demi)?$"
    r"|\bje suis (?:toute? )?(?:seule?|petite?) (?:a la maison|avec mon (?:frere|doudou))"
)

_COMMON: dict[Language, frozenset[str]] = {
    "en": frozenset(
        "the hello hi do you speak english is my not working machine washing dishwasher please help"
        " i m am have a problem with can need someone who speaks sorry what it does doesn t don"
        " want to talk and fridge oven broken water yes no good morning there anyone french".split()
    ),
    "es": frozenset(
        "hola buenos dias buenas tardes habla usted espanol hablan no funciona mi lavadora tengo un"
        " problema con la el por favor necesito ayuda que se puede alguien hablar y esta nevera"
        " horno agua gracias quiero lavavajillas pierde".split()
    ),
    "de": frozenset(
        "guten tag hallo sprechen sie deutsch ich habe ein problem mit meiner meine waschmaschine"
        " funktioniert nicht bitte der die das ist kaputt und kann mir jemand helfen nein ja"
        " spulmaschine kein wasser".split()
    ),
    "it": frozenset(
        "buongiorno pronto salve parla italiano parlate la mia lavatrice non funziona ho un"
        " problema con per favore il lavastoviglie che aiuto qualcuno e grazie forno acqua mi"
        " puo".split()
    ),
    "pt": frozenset(
        "bom dia boa tarde ola fala portugues a minha maquina de lavar nao funciona tenho um"
        " problema com o por favor ajuda obrigado alguem que fale agua frigorifico preciso".split()
    ),
    "ar": frozenset(
        "salam salem aleykoum alaykoum aleikoum alaikum marhaba ana andi indi mouchkil mushkila"
        " machakil ghassala lghassala fi maa ma arabi arabia tkellem tahki batkallam hal men fadlik"
        " min fadlak afak chokran choukran wash wach kayn khouya labas khadama".split()
    ),
}
"""Words of a caller's first sentences, as a recogniser that expects French writes them."""

_FRENCH = frozenset(
    "je tu il elle on nous vous ils le la les un une des de du et est c ca ce cette mon ma mes ne"
    " pas plus qui que quoi ou comment pour avec dans sur au aux ai avez suis bonjour oui non merci"
    " mais quand parce fait faire marche fonctionne voila l d j n s m t qu a en y sa se son".split()
)

_SELLING = re.compile(
    r"\b(?:vous|votre (?:maison|entreprise|logement)) (?:\w+ ){0,2}?(?:proposer|presenter|demarcher"
    r"|faire (?:beneficier|profiter|economiser|decouvrir))\b"
    r"|\b(?:panneaux (?:solaires|photo\w+)|photovolt\w+|isolation|pompes? a chaleur|mutuelle"
    r"|fournisseurs? d energie|renovation energetique|offres? (?:commerciales?|promotionnelles?))\b"
)
_ON_BEHALF = re.compile(
    r"\b(?:je|nous) vous (?:appel\w+|contact\w+|telephon\w+)\b"
    r"|\b(?:je suis|nous sommes|je travaille|ici) (?:\w+ ){0,2}?(?:de|pour) (?:la |l )?"
    r"(?:societe|entreprise|compagnie|agence|cabinet)\b"
)
"""Who rings to sell something: on whose behalf, and what."""

_NAMES: dict[str, Language] = {
    "anglais": "en", "english": "en", "espagnol": "es", "allemand": "de", "italien": "it",
    "portugais": "pt", "arabe": "ar",
}  # fmt: skip
_ASKED_FOR = re.compile(
    rf"\bparl\w+ (?!pas |mal |plus )(?:\w+ )?(?P<language>{'|'.join(_NAMES)})\b"
)
"""« Quelqu'un qui parle anglais », « je parle seulement espagnol »."""

LONGEST = 14
"""Words of a turn that may be about a wrong number; a longer one is about an appliance."""

FOREIGN_WORDS = 3
"""Words of another language, not French ones, from which a turn is taken to be in it."""

FOREIGN_SHARE = 0.55
"""Least share of a turn's words that must be of that language."""


_FRENCH_ING = frozenset(
    "parking camping shopping pressing planning warning smoking brushing living footing timing"
    " dressing jogging casting marketing rafting standing string swing viking building".split()
)


def _is_ing(language: Language, word: str) -> bool:
    """« draining », « speaking »: no French word but a few ends so."""
    return language == "en" and len(word) > 5 and word.endswith("ing") and word not in _FRENCH_ING


def language_wanted(text: str) -> Language | None:
    """The language that a caller speaks or asks for, None if that is French or not clear."""
    named = _ASKED_FOR.search(fold(text))
    return _NAMES[named["language"]] if named is not None else foreign_language(text)


def is_wrong_number(text: str) -> bool:
    """Whether the caller wanted somebody else."""
    folded = fold(text)
    return len(folded.split()) <= LONGEST and _WRONG_NUMBER.search(folded) is not None


def is_selling(text: str) -> bool:
    """Whether the caller wants to sell something that is no appliance's matter."""
    folded = fold(text)
    both = _ON_BEHALF.search(folded) is not None and _SELLING.search(folded) is not None
    return both and not appliances_in(text)


def is_machine(text: str) -> bool:
    """Whether another machine speaks: a mailbox's greeting, an exchange's announcement."""
    return _MACHINE.search(fold(text)) is not None


def is_child(text: str) -> bool:
    """Whether a small child speaks, who has dialled by chance or alone."""
    return _CHILD.search(fold(text)) is not None


def foreign_language(text: str) -> Language | None:
    """The language that a caller speaks instead of French, None if it is French or not clear."""
    words = fold(text).split()
    best: Language | None = None
    most = 0
    for language, common in _COMMON.items():
        known = [word for word in words if word in common or _is_ing(language, word)]
        own, shared = sum(1 for word in known if word not in _FRENCH), len(known)
        if own >= FOREIGN_WORDS and shared >= FOREIGN_SHARE * len(words) and own > most:
            best, most = language, own
    return best or language_heard(text)

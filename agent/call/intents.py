"""What a caller says about the conversation itself: yes, no, again, a person, goodbye. Pure.

Patterns read folded text (lower case, no accents, apostrophes and hyphens as spaces), without its
politeness: « est-ce que vous pouvez répéter s'il vous plaît » is « vous pouvez repeter ».
"""

from __future__ import annotations

import re

from knowledge.safety import fold

_START = (
    r"^(?:(?:ah|oh|euh|heu|ben|bah|bon|mais|eh|bien|alors|et|moi|je (?:pense|crois|dirais)|que) )*"
)
_NOT_A_QUESTION = r"(?!.*\b(?:mais|sauf|comment|pourquoi|combien|quel(?:le)?s?|ou|quoi)\b)"
"""« Oui, mais le filtre est bloqué » and « oui, et comment ? » are no plain yes."""

_PERSON = (
    r"(?:conseill(?:er|ere|ers)|etre humain|humain|operat(?:eur|rice)|standardiste|technicien"
    r"|reparateur|responsable)s?"
)
_SOMEBODY = (
    rf"(?:{_PERSON}|quelqu un|personne|interlocut(?:eur|rice)|collegues?|agent|service client"
    r"|service apres vente|sav)"
)
_THEIR_PAST = r"(?! (?:\w+ )?(?:a|ont|est|sont|etait|avait|vient|venait|va|doit|devait|passe)\b)"
_MACHINE = r"(?:robot|machine|ordinateur|repondeur|automate|ia|intelligence artificielle)"
_DONE = (
    r"(?:fait|fini|termine|bon|ok|pret|enleve|retire|ferme|ouvert|devisse|revisse|nettoye|vide"
    r"|rince|coupe|debranche|rebranche|branche|eteint|rallume|allume|remis|tourne|appuye|sorti"
    r"|trouve|verifie)e?s?"
)

_WORDS: dict[str, str] = {
    "human": (
        r"(?<!train de )\b(?:(?<!je )parle[rz]?|discuter|echanger|relation) (?:\w+ ){0,2}?"
        rf"(?:a|au|aux|avec) (?:\w+ ){{0,3}}?{_SOMEBODY}\b|"
        r"\b(?:passe[rz]?|avoir|joindre|contacter|appeler|veux|voudrais|souhaite|prefere\w*|demande"
        rf"|besoin|envoye[rz]|mettez) (?:\w+ ){{0,3}}?(?:un|une|d un|d une|le|la|votre|au) "
        rf"(?:vraie? )?(?:{_PERSON}|personne\b(?! (?:age|seul))|collegue|interlocut\w+"
        r"|service (?:client|apres vente)|sav)\b|"
        r"\b(?:avoir|joindre|veux|voudrais|passe[rz]?|prefere\w*) (?:\w+ )?quelqu un\b|"
        rf"(?<!etes )(?<!vous )(?<!parle a )\b(?:une?|votre|vos|aux?|du) (?:vraie? )?{_PERSON}\b"
        rf"{_THEIR_PAST}|"
        rf"^(?:une? )?(?:vraie? )?(?:{_PERSON}|personne|quelqu un|agent)(?: \w+)?$|"
        r"(?<!etes une )(?<!parle a une )(?<!c est une )\bvraie personne\b|"
        r"\bquelqu un (?:au telephone|de vrai|d humain|d autre)\b|"
        r"\b(?:qu on me rappelle|etre rappelee?)\b|"
        rf"\b(?:veux|voudrais|souhaite|aime) pas (?:parler )?(?:\w+ )?(?:a|avec) une? {_MACHINE}\b"
    ),
    "robot": (
        r"\b(?:vous etes|etes vous|t es|tu es|es tu|je parle|parle je|on parle|suis en train de"
        r" parler) (?:\w+ ){0,2}?(?:une? )(?:vraie? )?"
        rf"(?:{_MACHINE}|humain|etre humain|personne|conseillere?)\b|"
        rf"^c est une? (?:vraie personne|{_MACHINE}(?: qui (?:me )?(?:parle|repond))?$)"
    ),
    "goodbye": (
        r"\b(?:au revoir|bonne (?:journee|soiree|fin de journee)|je raccroche)\b|"
        r"\b(?:c est|ce sera|ca sera) tout(?:$| (?:pour|merci|ce qu|au revoir|bonne|je vous))"
    ),
    "repeat": (
        r"(?<!se )(?<!s )\b(?:repete[rz]?|redites|redire)\b|^(?:euh )?pardon$|"
        r"^(?:euh |quoi )?comment(?: ca)?$|\bvous (?:dites|disiez|avez dit)\b|^quoi$|"
        r"\bpas (?:bien |tout )?(?:compris|entendu|suivi)\b|\bpardon (?:j ai|je n ai) pas\b"
    ),
    "done": (
        rf"\bc est (?:tout )?{_DONE}\b(?! signe)|{_START}(?:je l ai|je les ai|j ai|je viens de l) "
        rf"(?:bien )?{_DONE}\b|^(?:voila |oui )?{_DONE}$|\bca y est\b|"
        r"(?<!ca )(?<!elle )(?<!il )\bcontinue[rz]?\b|\bla suite\b|\bsuivante?\b|"
        r"^(?:et |oui |ok |d accord )*(?:ensuite|apres)\b(?! (?:ca|elle|il|le|la|j)\b)|"
        r"\b(?:fais|faire) (?:ensuite|apres)$|\bj ai fini\b|\ballez y\b|^(?:oui )?dites moi$|"
        r"\bj attends(?: la suite)?$"
    ),
    "wait": (
        r"(?<!j )\battend(?:ez|s)\b|\bpas encore\b|\b(?:ne )?(?:quittez|bougez) pas\b|"
        r"(?:^|\b(?:moi|juste|encore|oui|ok|accord|alors|euh) )"
        r"(?:(?:une|deux|cinq|petite) )+(?:minutes?|secondes?)\b|\bun (?:petit )?instant\b|"
        r"(?<!dure )(?<!depuis )\bun (?:petit )?moment\b|\bje vais (?:voir|essayer|regarder)\b|"
        r"^(?:je (?:regarde|cherche|essaie|essaye|le fais)|j (?:y vais|essaie|essaye))\b"
    ),
    "yes": (
        r"(?:oui|ouais|ouaip|mouais|si si|yes|exact(?:ement)?|(?<!pas )tout a fait|"
        r"c est (?:bien |tout a fait |exactement )?(?:ca|cela|juste|correct|exact|bon|parfait)|"
        r"voila|parfait(?:ement)?|d accord|ok|okay|absolument|bien sur|effectivement|super|"
        r"tres bien|volontiers|affirmatif|correct|impeccable|nickel|entendu|certainement)"
    ),
    "no": (
        r"(?:non plus|pas (?:ca |cela )?non plus|non|nan|"
        r"pas (?:du tout|tout a fait|vraiment|ca|exactement|d accord|la peine)|negatif|"
        r"(?:c est|ce n est) pas (?:du tout )?(?:ca|cela|bon|mon probleme|ma question"
        r"|ce que (?:j ai dit|j ai demande|je (?:veux|demande|dis)))|"
        r"vous (?:n )?avez (?:mal|pas|rien) compris|rien (?:d autre|du tout|de plus)|rien$|"
        r"plus rien|ca ira|ca va aller)"
    ),
    "thanks": r"(?:merci|remercie)",
}
_ANSWERS = ("yes", "no")
"""What answers our question stands at the start; elsewhere it is about something else."""

_PATTERNS = {
    name: re.compile(
        rf"{_START}{pattern}\b{_NOT_A_QUESTION}"
        if name in _ANSWERS
        else rf"\b{pattern}\b"
        if name == "thanks"
        else pattern
    )
    for name, pattern in _WORDS.items()
}
_BARE = {name: re.compile(rf"\b{_WORDS[name]}\b") for name in ("yes", "no", "thanks")}

_POLITENESS = re.compile(
    r"\b(?:s il (?:vous|te) plait|est ce qu[e]?|bonjour|bonsoir|allo|madame|monsieur|euh+|heu)\b"
)
_FILLERS = frozenset(
    "ah oh euh heu ben bah bon mais eh bien alors et moi je j pense crois que merci beaucoup tres"
    " tout vous te remercie a d de pour c est ca cela repond reponds ma question parfaitement bonne"
    " journee au revoir du mon probleme compris ai m aide votre voila va grand mille fois "
    " infiniment sans facon l instant cette aide aujourd hui aller".split()
)
"""Words that add nothing to a yes, a no or thanks."""

SHORT_WORDS = 6
"""A turn with more words than this is about the appliance, whatever else it says."""

_REFUSED = re.compile(
    rf"\bsans (?:\w+ ){{0,3}}{_SOMEBODY}\b|"
    rf"\bpas (?:besoin |envie )?(?:d |de |que le |qu )(?:une? )?{_SOMEBODY}\b"
)
"""A person whom the caller does not want: « sans appeler un technicien »."""


def says(intent: str, text: str) -> bool:
    """Whether the caller says this, by name of the table above."""
    plain = _plain(text)
    if intent == "human":
        plain = _REFUSED.sub(" ", plain)
    return _PATTERNS[intent].search(plain) is not None


def says_briefly(intent: str, text: str) -> bool:
    """Whether the caller says this and little else."""
    return len(_plain(text).split()) <= SHORT_WORDS and says(intent, text)


def says_only(intent: str, text: str) -> bool:
    """Whether the caller says this (yes, no, thanks) and nothing else: no question is lost."""
    plain = _plain(text)
    rest, found = _BARE[intent].subn(" ", plain)
    return found > 0 and says(intent, text) and _FILLERS.issuperset(rest.split())


def _plain(text: str) -> str:
    return " ".join(_POLITENESS.sub(" ", fold(text)).split())

"""What headings and table headers tell about the words under them. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from knowledge.passages.passage import PassageKind
from knowledge.safety import fold

CONTENTS = re.compile(
    r"^(?:sommaire|table des matieres|contents|index|inhalt|indice|dans ce livret)\b"
)
SAFETY = re.compile(r"securit|safety|avertissement|precaution")
CODES = re.compile(
    r"\b(?:codes?|erreurs?|errors?|messages?|afficheur|affichages?|display|signes?|signaux|"
    r"defauts? (?:signales|affiches)|defauts?|anomalies?|pannes?|fault codes?|voyants?)\b"
)
TROUBLE = re.compile(
    r"depannage|\bpannes?\b|anomalie|probleme|que faire|en cas d(?:e|\b)|incident|soucis?\b|"
    r"troubleshoot|ne va pas(?! (?:au|aux|a la|en|dans|avec)\b)|dysfonctionnement|diagnosti"
    r"|fault finding|avant d appeler"
)
FAQ = re.compile(
    r"\bfaq\b|foire aux questions|questions? (?:frequente|courante|reponse)|demande souvent|"
    r"frequently asked|vos questions"
)
WARRANTY = re.compile(
    r"garanti|warranty|apres vente|\bsav\b|service (?:client|consommateur)|conditions? de vente|"
    r"pieces detachees|guarantee"
)
TECHNICIAN = re.compile(
    r"reserve\w* (?:au|aux|a l) ?(?:technicien|installateur|professionnel|reparateur|service)"
)
SPECIFICATION = re.compile(
    r"caracteristique|(?:donnee|fiche|specification|information|donnees)s? technique|"
    r"specification|technical data|\bdimensions\b|\bchiffres\b|fiche produit|product fiche"
)

_HEADERS = {
    "code": re.compile(r"\b(?:codes?|affichages?|affiche|display|message|anomalie|erreurs?|errors?"
                       r"|signes?|signal|defaut|voyants?|temoins?|led)\b"),
    "symptom": re.compile(r"symptom|probleme|panne|defaut|fault|problem|trouble|anomalie|constat"
                          r"|incident|dysfonction|ce qu(?:e|i) (?:vous|l on|on|se)|what you"
                          r" see|issue"),
    "meaning": re.compile(r"signific|meaning|descript|libelle|designation|defaut|fault|anomalie|"
                          r"origine|probleme|explication|etat"),
    "cause": re.compile(r"cause|raison|origine|d ou |reason|pourquoi"),
    "action": re.compile(r"faire|solution|remede|action|remedy|what to|correcti|conduite|conseil"
                         r"|regarder|verifi|controle|intervention|reparation|marche a suivre"),
    "question": re.compile(r"\bquestions?\b"),
    "answer": re.compile(r"\b(?:reponses?|answers?)\b"),
}  # fmt: skip


def column(header: Sequence[str], role: str, *, but: int | None = None) -> int | None:
    """The first column whose folded header has a role: "code", "symptom", "cause" and so on."""
    pattern = _HEADERS[role]
    return next((i for i, name in enumerate(header) if i != but and pattern.search(name)), None)


def is_header(row: Sequence[str]) -> bool:
    """Whether a row reads like a header of a kind that is known."""
    folded = [fold(cell) for cell in row]
    known = [any(p.search(cell) for p in _HEADERS.values()) for cell in folded if cell]
    return len(known) > 1 and all(known) and all(len(cell) < 45 for cell in folded)


def prose_kind(path: Sequence[str], text: str) -> PassageKind:
    """The kind of plain words under these headings, widest first."""
    folded = [fold(title) for title in path]
    if any(SAFETY.search(title) for title in folded):
        return "safety"
    deepest = folded[-1] if folded else ""
    if WARRANTY.search(deepest) and not SPECIFICATION.search(deepest):
        return "warranty"
    if any(WARRANTY.search(title) for title in folded) and WARRANTY.search(fold(text)):
        return "warranty"
    return "text"


def under(path: Sequence[str], subject: re.Pattern[str]) -> bool:
    """Whether one of the headings is about a subject."""
    return any(subject.search(fold(title)) for title in path)

"""Questions that no manual of a client can answer, told by what they are about. Pure.

Prices, appointments and orders stand in no manual; another brand's appliance must not be answered
from a manual that happens to speak of the same thing; what only a technician may do is no advice.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from knowledge.answer import OTHER_BRAND
from knowledge.safety import fold

_COMMERCIAL = re.compile(
    r"\bcombien (?:\w+ ){0,3}(?:coute\w*|vaut|vaudra\w*|vous prenez|factur\w+|payer|revien\w+)"
    r"|\b(?:ca|il|elle|cela) (?:me )?(?:coute\w*|revien\w+|vaut) (?:\w+ )?combien\b"
    r"|\bcouter\b|\b(?:quel|votre|vos|le|les|a quel|un) (?:prix|tarifs?|devis)\b|\bprix d\w\b"
    r"|\bc est combien\b(?! de temps)|\bsoldes?\b|\bpromotions?\b"
    r"|\b(?:une|la|de|votre) remise\b(?! (?:a (?:niveau|zero)|en ))"
    r"|\bsous combien"
    r"|\brendez vous\b|\b(?:envoyer|passe|passer|vienne|venir|viendra|devait venir) (?:\w+ ){0,3}"
    r"(?:technicien|reparateur|depanneur|quelqu un)|\b(?:technicien|reparateur|depanneur) "
    r"(?:\w+ ){0,3}(?:passe|vienne|venir|viendra|devait)"
    r"|\brembours\w+|\b(?:j ai|je veux|je voudrais|vous|peux|pouvez) (?:\w+ ){0,2}"
    r"command\w+(?! (?:de|du) (?:bandeau|four))|\blivr(?:er|aison)\b"
    r"|\bextension\b|\bcontrat\b|\ben stock\b|\brecrut\w+|\b(?:ouverts?|fermes?) "
    r"(?:le |les |ce )?(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|jours feries)"
    r"|\bvos horaires\b|\bheures d ouverture\b"
)

_WITHOUT = re.compile(
    r"\bsans (?:\w+ ){0,3}(?:technicien|reparateur|depanneur|quelqu un|rendez vous|livraison)\b"
)
"""What the caller wants to do without is not asked for."""

_BRANDS = frozenset(
    "bosch siemens miele whirlpool electrolux indesit candy samsung brandt faure beko haier"
    " hotpoint aeg zanussi hoover smeg sauter vedette ariston liebherr neff gorenje dyson moulinex"
    " rowenta philips panasonic ikea".split()
)
"""Brands whose name is hardly anything else; a client's own stands in its manuals."""


_TOPICS = frozenset("wifi bluetooth internet appli application smartphone alexa domotique".split())
"""Things a caller asks for which either stand in a manual by name or are not covered."""


_INNER_PARTS = (
    r"(pompes?|cartes?|modules?|resistances?|moteurs?|courroies?|compresseurs?|roulements?"
    r"|condensateurs?|thermostats?|magnetrons?|electrovannes?|pressostats?|charbons?|ventilateurs?"
    r"|amortisseurs?|croisillons?|sondes?|fusibles?|transformateurs?|inducteurs?|gaz frigorigene"
    r"|circuit (?:imprime|electronique|frigorifique)|platine|relais|bobines?|gache|serrure"
    r"|cable d alimentation|cordon(?: d alimentation| electrique)?|carte mere|faisceau)"
)
_REPAIRS = (
    r"(?:chang\w+|remplac\w+|demont\w+|repar\w+|desosse\w*|dessoud\w+|soud\w+|bricol\w+|enlev\w+"
    r"|sor[st]\w*|retir\w+|remet\w*|remont\w+|pos\w+|install\w+|acced\w+|recharg\w+|ouvr\w+)"
)
_REPAIR = re.compile(
    rf"\b{_REPAIRS} (?:\w+ ){{0,4}}?{_INNER_PARTS}\b"
    rf"|\b{_INNER_PARTS} (?:\w+ ){{0,10}}?(?:moi meme"
    rf"|se (?:change|remplace|demonte|sort|retire|repare)"
    rf"|(?:je|on|j) (?:(?:peux|dois|veux|voudrais|vais|pourrais|voulais) )?(?:la|le|les|l|en|y) "
    rf"(?:\w+ )?{_REPAIRS})\b"
)
"""Work inside the appliance: only a procedure of the manual about that very part allows it."""

_LEGAL = re.compile(
    r"\bavocats?\b|\btribunal\b|\bporter? plainte\b|\bproces\b|\bmise en demeure\b"
    r"|\breclamations?\b|\bque choisir\b|\bconsommateurs\b|\bdedommag\w+|\bindemni\w+|\bscandal\w+"
    r"|\b(?:mes|vos) (?:donnees|coordonnees|informations personnelles)\b|\brgpd\b"
    r"|\b(?:ma|la|une|votre) facture\b|\bnumero de commande\b|\bma commande\b|\bmon colis\b"
    r"|\b(?:ou en est|suivi de) (?:ma|mon|la|le) (?:reparation|commande|dossier|demande)\b"
)


def out_of_scope(
    question: str, known: Callable[[str], bool], has_procedure: Callable[[str], bool]
) -> str | None:
    """Why no manual can answer, None if one may.

    Args:
        question: As said or normalised.
        known: Whether a word stands in the manuals.
        has_procedure: Whether the manuals hold a procedure about a part.
    """
    folded = fold(question)
    if _COMMERCIAL.search(_WITHOUT.sub(" ", folded)):
        return "demande commerciale"
    if _LEGAL.search(folded):
        return "réclamation ou dossier personnel"
    for word in folded.replace("wi fi", "wifi").split():
        if word in _BRANDS and not known(word):
            return f"{OTHER_BRAND} : {word}"
        if word in _TOPICS and not known(word):
            return f"les notices n'en parlent pas : {word}"
    repair = _REPAIR.search(folded)
    if repair is not None:
        part = repair[1] or repair[2]
        if not has_procedure(part):
            return f"réparation réservée à un technicien : {part}"
    return None

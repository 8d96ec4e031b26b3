"""Questions that no manual of a client can answer, told by what they are about. Pure.

Prices, appointments and orders stand in no manual; another brand's or another kind of appliance
must not be answered from a manual that happens to speak of the same thing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from knowledge.safety import fold

_COMMERCIAL = re.compile(
    r"\bcombien (?:\w+ ){0,3}(?:coute\w*|vaut|vaudra\w*|vous prenez|factur\w+|payer|revien\w+)"
    r"|\bcouter\b|\b(?:quel|votre|vos|le|les|a quel|un) (?:prix|tarifs?|devis)\b|\bprix d\w\b"
    r"|\bc est combien\b(?! de temps)|\bsoldes?\b|\bpromotions?\b"
    r"|\bremise\b(?! (?:a (?:niveau|zero)|en ))"
    r"|\bsous combien"
    r"|\brendez vous\b|\b(?:envoyer|passe|passer|vienne|venir|viendra|devait venir) (?:\w+ ){0,3}"
    r"(?:technicien|reparateur|depanneur|quelqu un)|\b(?:technicien|reparateur|depanneur) "
    r"(?:\w+ ){0,3}(?:passe|vienne|venir|viendra|devait)"
    r"|\brembours\w+|\b(?:j ai|je veux|je voudrais|vous|peux|pouvez) (?:\w+ ){0,2}"
    r"command\w+(?! (?:de|du) (?:bandeau|four))|\blivr(?:er|aison|eur)\b"
    r"|\bextension\b|\bcontrat\b|\ben stock\b|\brecrut\w+|\b(?:ouverts?|fermes?) "
    r"(?:le |les |ce )?(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|jours feries)"
    r"|\bvos horaires\b|\bheures d ouverture\b"
)

_OTHER_THINGS = re.compile(
    r"(?<!du )(?<!au )(?<!de )\b(?:mon|ma|mes|notre|nos|le|la|les|un|une|l) (?:\w+ ){0,1}"
    r"(seche linge|refrigerateur|frigo|congelateur|hotte|cave a vin|aspirateur|chauffe eau|"
    r"cumulus|micro ondes?|chaudiere|cafetiere|machine a cafe|bouilloire|grille pain|"
    r"robot (?:patissier|cuiseur|de cuisine)|climatiseur|climatisation|television|tele|"
    r"plaques? (?:a |de )?(?:induction|gaz|vitroceramique)|ordinateur|imprimante|radiateur|"
    r"friteuse|yaourtiere|fer a repasser|centrale vapeur|tondeuse|barbecue)\b"
)
_KINDS = {
    "seche linge": "sèche-linge", "refrigerateur": "réfrigérateur", "frigo": "réfrigérateur",
    "congelateur": "congélateur", "cave a vin": "cave à vin", "chauffe eau": "chauffe-eau",
    "cumulus": "chauffe-eau", "micro onde": "micro-ondes", "micro ondes": "micro-ondes",
}  # fmt: skip

_BRANDS = frozenset(
    "bosch siemens miele whirlpool electrolux indesit candy samsung brandt faure beko haier"
    " hotpoint aeg zanussi hoover smeg sauter vedette ariston liebherr neff gorenje dyson moulinex"
    " rowenta philips panasonic ikea".split()
)
"""Brands whose name is hardly anything else; a client's own stands in its manuals."""


_TOPICS = frozenset("wifi bluetooth internet appli application smartphone alexa domotique".split())
"""Things a caller asks for which either stand in a manual by name or are not covered."""


def out_of_scope(
    question: str, appliances: Collection[str], known: Callable[[str], bool]
) -> str | None:
    """Why no manual can answer, None if one may.

    Args:
        question: As said or normalised.
        appliances: Kinds of appliance of the client's manuals.
        known: Whether a word stands in the manuals.
    """
    folded = fold(question)
    if _COMMERCIAL.search(folded):
        return "demande commerciale"
    for word in folded.replace("wi fi", "wifi").split():
        if word in _BRANDS and not known(word):
            return f"autre marque : {word}"
        if word in _TOPICS and not known(word):
            return f"les notices n'en parlent pas : {word}"
    for thing in _OTHER_THINGS.findall(folded):
        if _KINDS.get(thing, thing) not in appliances:
            return f"autre appareil : {thing}"
    return None

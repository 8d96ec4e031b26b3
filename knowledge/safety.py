"""Danger, recognised before anything else, and the one short text that goes with each.

Numbers and orders: GRDF emergency line 0 800 47 33 33; 15, 18 and 112 (French public services).
The agent never troubleshoots a danger and never relays an emergency: it tells whom to call.
"""

from __future__ import annotations

import re
import unicodedata

from knowledge.answer import Danger

_FOLLOWS: dict[Danger, str] = {
    "gas": (
        "Ne touchez à aucun interrupteur, ouvrez les fenêtres et sortez. "
        "Une fois dehors, appelez le 0 800 47 33 33, ou le 18."
    ),
    "fire": (
        "Mettez-vous à l'abri tout de suite, sans rien toucher. "
        "S'il y a des flammes ou de la fumée, sortez et appelez le 18 ou le 112."
    ),
    "shock": (
        "Ne touchez plus à l'appareil, et coupez le courant au tableau si vous le pouvez. "
        "Si quelqu'un a pris le courant, appelez le 15 ou le 112."
    ),
    "carbon_monoxide": (
        "Ouvrez les fenêtres, sortez tout de suite, et appelez le 18 ou le 112 une fois dehors."
    ),
    "shut_in": (
        "Coupez le courant de l'appareil. "
        "Si vous ne pouvez pas ouvrir tout de suite, appelez le 18 ou le 112."
    ),
    "injury": "Si quelqu'un est blessé, appelez le 15 ou le 112 tout de suite.",
}

_WHO = r"(?:mon|ma|mes|le|la|les|un|une|notre|petit|petite)"
_CHILD = r"(?:enfants?|fils|fille|bebe|petit|petite|chat|chatte|chien|chienne|animal|gamin|gosse)"
_WHO_CLIMBS_IN = (
    r"(?:enfants?|fils|fille|bebe|gamine?|gosse|minot|petit frere|petite soeur|chats?|chatons?"
    r"|chatte|chiens?|chiots?|chienne|lapin|hamster)"
)
"""Children and pets that no thing is called by: « la petite pièce est dedans » is none."""

_INSIDE = (
    r"(?:dedans|a l interieur|dans (?:le |la |l |mon |ma |un |une )?(?:grand \w+|tambour|machine"
    r"|lave \w+|seche \w+|congel\w+|frigo\w*|refrigerateur|four|coffre))"
)
_PLUG = r"(?:prise|multiprise|rallonge|fiche|cable|fil|cordon)"
_PERSON = (
    r"(?:enfants?|fils|fille|bebe|petit|petite|gamin|gosse|mari|femme|mere|pere|maman|papa|"
    r"quelqu un)"
)
_SMELLS = (
    r"(?:sen[st]|sentait|pue|puait|\b[cs]a (?:sans|sang|cent)"
    r"|\bce (?:sont|son)(?= les? (?:gaz|brule[er]?)\b))"
)
"""« ça sent », also as a recogniser writes it: « ça sens », « sa cent », « ça sans le gaz », « ce
sont les gaz »."""

# Patterns read folded text: lower case, no accents, apostrophes as spaces.
_PATTERNS: tuple[tuple[Danger, str], ...] = (
    (
        "carbon_monoxide",
        r"\bmon ?ox[yi]d\w*|\bintoxi(?:que|cation)|"
        r"\b(?:detecteur|appareil|boitier|alarme|capteur|avertisseur) (?:a|de|du) "
        r"(?:co|c o|ce o|ce eau|ceo)\b",
    ),
    (
        "gas",
        rf"(?:odeur|{_SMELLS}|fuite|echappement) (?:\w+ ){{0,3}}(?:de |du |le |au )?gaz\b|"
        r"\bgaz (?:\w+ ){0,2}(?:sort|sortait|fuit|fuyait|s echapp\w+)\b",
    ),
    (
        "fire",
        r"\bfeu\b(?! (?:doux|vif|moyen|vert|rouge|orange)\b)(?<!a feu)|\bflammes?\b|incendie|"
        r"\b(?:de la|beaucoup de|plein de|plus de|une|grosse) fumee|"
        r"\bfumee (?:noire|blanche|qui|sort)|"
        r"\b(?:ca|il|elle|appareil|machine|prise|moteur|lave \w+) (?:qui )?fume\b|"
        rf"(?:odeur|{_SMELLS}) (?:\w+ ){{0,3}}(?:le |de |du )?(?:brule[er]?|crame|roussi)\b|"
        r"\b(?:est en train de|commence a|continue a|mise? a) bruler\b|etincelles?\b|"
        rf"\b{_PLUG} (?:\w+ ){{0,3}}(?:fondue?|brulee?|brulante?|fond)\b|"
        rf"\b{_PLUG} (?:\w+ ){{0,7}}(?:noircie?|toute? noire?|ramollie?|carbonisee?)\b",
    ),
    (
        "shock",
        r"electrocut|electrise|\b(?:me|nous|lui|te) (?:chatouille|picote|pique)\w* (?:\w+ ){0,3}"
        r"(?:doigts?|mains?|bras)\b|\b(?:pris|prend|prends|recu|recois) (?:\w+ ){0,4}"
        r"(?:chataigne|decharge|jus|courant)\b|coup de jus|decharge electrique|"
        r"\beau (?:(?:\w+ ){1,6}prise|(?:\w+ ){0,6}(?:multiprise|tableau electrique|rallonge))s?\b"
        r"(?! d eau\b)|"
        r"\b(?:prise|multiprise|rallonge)(?! d eau\b) "
        r"(?:\w+ ){0,5}(?:eau|mouillee?|inondee?|trempee?)\b",
    ),
    (
        "shut_in",
        rf"\b{_WHO} (?:\w+ )?{_CHILD} (?:\w+ ){{0,4}}(?:enferme|coince|bloque|prisonnier)\w*|"
        rf"(?:enferme|coince|bloque|prisonnier)\w* (?:\w+ ){{0,5}}{_CHILD}\b|"
        rf"\b{_WHO_CLIMBS_IN} (?:\w+ ){{0,3}}(?:est|s est \w+|entree?|montee?|grimpee?) "
        rf"(?:\w+ ){{0,2}}{_INSIDE}\b",
    ),
    (
        "injury",
        r"\b(?:je me suis|s est|me suis|il s est|elle s est) (?:\w+ ){0,2}"
        r"(?:blesse|brule|ebouillante)e?s?\b|\bsaigne\b|"
        r"\b(?:pisse|perds?|plein de|en) (?:\w+ ){0,2}sang\b|\bblesse(?:e|s)?\b|"
        rf"\bme suis (?:\w+ ){{0,2}}coupee?\b|\b{_PERSON} s est (?:\w+ ){{0,2}}coupee?\b|"
        r"\bs est (?:\w+ ){0,2}coupee?s? (?:\w+ ){0,2}(?:doigts?|pouce|mains?|bras|pieds?|avec)\b|"
        r"\b(?:avale|bu|ingere|leche|croque|mange|mordu|suce|machouille)e?s? (?:\w+ ){0,4}"
        r"(?:produits?|pastilles?|capsules?|lessives?|liquide|sel|poudre|dosettes?|tablettes?"
        r"|savon|detergent|detartrant|decapant|javel|soude|piles?|aimants?)\b|"
        r"\b(?:piles?|aimants?) (?:\w+ ){0,20}avale\w*",
    ),
)
_COMPILED = tuple((danger, re.compile(pattern)) for danger, pattern in _PATTERNS)
_DENIED = re.compile(
    r"(?:\bpas|(?<!en )\bplus|\baucune?|\bjamais|(?<!\b[cs]a )\bsans)"
    r"(?: (?:de|d|du|des|la|le|les|l|un|une|en|eu|vu|senti|fait|faire|pris|ete|non|vraiment)){0,3}"
    r" (?:fumee|feu|flammes?|etincelles?|odeur|gaz|brule|blesse)"
    r"|\bpersonne (?:\w+ ){0,3}blesse"
)
"""« pas de fumée », but neither « pas à éteindre le feu » nor « de plus en plus de fumée »."""

_SENT = re.compile(
    r"\b(laver|linge|vaisselle|four|machine|hotte|plaque|cuisine|maison) (?:sans|sang|cent) "
    r"((?:le |du )(?:brule[er]?|crame|roussi)\b)"
)
"""« Ma machine sent le brûlé », as it is heard: « sans le brûler »."""

_NAMED = re.compile(r"\b(?:securite|verrouillage|verrou|protection) (?:des |pour )?enfants?\b")
"""The key that locks the panel: « la sécurité enfants est bloquée » shuts nobody in."""


def fold(text: str) -> str:
    """Lower case, no accents, apostrophes and hyphens as spaces."""
    flat = unicodedata.normalize("NFD", text.casefold())
    flat = "".join(c for c in flat if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", " ", flat).strip()


def danger_in(text: str) -> Danger | None:
    """The danger that a caller speaks of, None if there is none."""
    folded = _NAMED.sub(" ", _DENIED.sub(" ", _SENT.sub(r"\1 sent \2", fold(text))))
    return next((danger for danger, pattern in _COMPILED if pattern.search(folded)), None)


def denied(text: str) -> bool:
    """Whether a danger is named only to say that there is none: « pas de fumée »."""
    return _DENIED.search(fold(text)) is not None


def safety_text(danger: Danger) -> str:
    """What the caller is told, before anything else."""
    return _FOLLOWS[danger]

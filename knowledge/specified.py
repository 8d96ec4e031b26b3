"""A cell of a specification table becomes a short sentence: its own words, nothing added. Pure.

« Le poids net du LV450 est de 68 kg. », else « Hauteur : 85 cm. »; all models where they differ.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from knowledge.references import same_reference

_MASCULINE = frozenset(
    "poids volume bruit niveau débit diamètre nombre indice rendement courant".split()
)
_FEMININE = frozenset(
    "masse hauteur largeur profondeur longueur puissance tension consommation capacité pression"
    " température charge durée vitesse autonomie fréquence épaisseur surface contenance intensité"
    " classe portée".split()
)
"""First words of attributes whose article is known; any other is said as it stands."""

_MEASURE = re.compile(r"^[<>≤≥~±–-]?\s?\d[\d\s.,]*\s?(?:[A-Za-z°%µ][^\s;,:]{0,8})?$")
_LETTER = re.compile(r"^[A-G]\+{0,3}$")
_UNIT = re.compile(
    r"\s*\((?P<unit>[a-zA-Z°%µ²³]{1,4}(?:/[a-z]{1,4})?|dB ?\(A\)|tr/min|litres?|bars?)\)$"
)
_FIRST_FIGURE = re.compile(r"^\d[\d\s.,]*(?<=\d)(?=\s*(?:\(|[–—-]\s*[^\d\s]))")
_NO_VALUE = re.compile(r"[-–—\s]*")


def specification_text(
    attribute: str, values: Sequence[tuple[str, str]], product: str, model: str | None = None
) -> str:
    """What is said of a row of specifications.

    Args:
        attribute: Its name, with its unit if it has one: « Masse (kg) ».
        values: (column, value) in order; the column is a model, another heading or "".
        product: The appliance's name, of which a model is one.
        model: The caller's model if known: only its value is given.
    """
    unit = _UNIT.search(attribute)
    name = attribute[: unit.start()] if unit else attribute
    given = [(column, _with_unit(value, unit["unit"] if unit else "")) for column, value in values]
    given = [(column, value) for column, value in given if not _NO_VALUE.fullmatch(value)]
    own = [(c, v) for c, v in given if model and same_reference(c, model)]
    if own:
        return _sentence(name, own[0][1], own[0][0])
    if not given:
        return f"{name} : non précisé."
    if len({value for _, value in given}) == 1:
        return _sentence(name, given[0][1], "")
    if not all(re.search(r"\d", column) for column, _ in given):  # not models, but other headings
        return f"{name} : {' ; '.join(f'{c} : {v}' if c else v for c, v in given)}."
    return f"{name} : {', '.join(f'{value} pour le {column}' for column, value in given)}."


def _with_unit(value: str, unit: str) -> str:
    """« 38 » in a row « Masse (kg) » is « 38 kg »."""
    value = value.strip().rstrip(". ")
    if not unit or not value:
        return value
    first = _FIRST_FIGURE.match(value)  # « 85 (82,5 sans dessus) »
    if first is not None:
        return f"{first[0]} {unit}{value[first.end() :]}"
    return f"{value} {unit}" if value[-1].isdigit() else value


def _sentence(name: str, value: str, model: str) -> str:
    first = name.split(maxsplit=1)[0].lower() if name.strip() else ""
    article = "le" if first in _MASCULINE else "la" if first in _FEMININE else ""
    lowered = name[:1].lower() + name[1:]
    if lowered[:1] in "aeéiouhy" and article == "la" and not lowered.startswith("hauteur"):
        article = "l'"
    measured = _MEASURE.match(value) is not None
    if article and (measured or _LETTER.match(value)) and "/" not in name and "×" not in name:
        of = f" du {model}" if model else ""
        joint = "" if article == "l'" else " "
        verb = "est de" if measured else "est"
        return f"{article.capitalize()}{joint}{lowered}{of} {verb} {value}."
    return f"{name} : {value}{f' pour le {model}' if model else ''}."

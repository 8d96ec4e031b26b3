"""What a question names of a passage: its title, its row, another model or programme. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from knowledge.passages import Passage
from knowledge.references import references_in, same_reference

TITLE_WORDS = 2
"""Fewest content words that make a title."""

ROWS = ("table_row", "specification")
MEASURES = frozenset(
    "kg kilo kilos kilogramm gramm cm mm metr litr minut min heur degr watt tour 1 2 3 4 5".split()
)
"""Stems that name no row: « un poulet de 2 kg » and « une dinde de 5 kg » share one."""

_PROGRAMME = re.compile(r"\b(?:programmes?|prog|P) ?(?:numéro |n° ?)?(\d{1,2})\b", re.IGNORECASE)

Stems = Callable[[str], list[str]]
"""A text's content words, as `Words.stems`."""


def names_title(text: str, passage: Passage, stems: Stems) -> bool:
    """Whether all that is asked for stands in the passage's own title."""
    asked = set(stems(text)) - set(stems(passage.product))
    title = f"{passage.heading.rsplit(' > ', 1)[-1]} {passage.title}"
    return len(asked) >= TITLE_WORDS and asked <= set(stems(title))


def names_row(text: str, passage: Passage, stems: Stems) -> bool:
    """Whether the row of a known appliance is named: « le poids du lave-vaisselle »."""
    if passage.kind not in ROWS:
        return False
    asked = set(stems(text)) - set(stems(passage.product))
    name = re.split(r"[,(;:]", passage.title)[0]  # « Poulet, GV 190 °C »
    subject = set(stems(f"{name} {passage.attribute}")) - MEASURES
    return bool(subject and asked) and (asked <= subject or subject <= asked)


def touches_row(text: str, passage: Passage, stems: Stems) -> bool:
    """Whether a word of the row's subject is said, where the passage is a row of a table."""
    subject = set(stems(f"{passage.title} {passage.attribute}")) - MEASURES
    return passage.kind not in ROWS or bool(set(stems(text)) & subject)


def about_another(text: str, passage: Passage, known: Sequence[str]) -> bool:
    """Whether a passage names models or programmes and the question names other ones.

    Args:
        text: The question.
        passage: The passage.
        known: References of the client's appliances: parts have references too.
    """
    asked = references_in(text, known)
    named = [*passage.models, *references_in(passage.text, known)]
    if asked and named and not any(same_reference(a, n) for a in asked for n in named):
        return True
    programmes = set(_PROGRAMME.findall(text))
    return bool(programmes) and not any(
        re.search(rf"(?<!\d){number}(?!\d)", passage.searchable) for number in programmes
    )

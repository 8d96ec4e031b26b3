"""Which language a page is in, by its most frequent words."""

from __future__ import annotations

import re

_FREQUENT = {
    "fr": "le la les des du un une et est pas vous votre pour dans avec sur ne ou par au aux qui",
    "en": "the and of to is in your you for with on not or if be are by from this that it",
    "de": "der die das und ist nicht sie mit den von zu ein eine auf im dem oder bei wird",
    "es": "el los las del y es no con para por una su en se al lo como si o",
    "it": "il lo gli della di e non con per una che si nel sul dei alla o se da",
    "nl": "de het een en van niet met voor op in is te dat uw of aan bij door wordt",
    "pt": "o os as da do das dos e não com para por uma em no na ao se pelo sua que",
}
_SETS = {language: frozenset(words.split()) for language, words in _FREQUENT.items()}
_NAMES = {
    "english": "en", "deutsch": "de", "español": "es", "italiano": "it", "nederlands": "nl",
    "português": "pt",
}  # fmt: skip
FEWEST_WORDS = 12
"""A page with fewer words is taken for French, unless it is the title page of another part."""

FEWEST_FREQUENT = 3
"""Frequent words that another language than French needs at least."""


def language_of(text: str) -> str:
    """ISO 639-1 code of the language; "fr" where there is too little to tell."""
    words = re.findall(r"[^\W\d_]+", text.casefold())
    if len(words) < FEWEST_WORDS:
        named = {_NAMES[word] for word in words if word in _NAMES}
        return named.pop() if len(named) == 1 else "fr"
    counts = {language: sum(w in known for w in words) for language, known in _SETS.items()}
    best = max(counts, key=lambda language: counts[language])
    sure = counts[best] >= FEWEST_FREQUENT and 2 * counts[best] > 3 * counts["fr"]
    return best if sure else "fr"

"""« Et si ça ne suffit pas ? », « et pour le four ? »: what a short question means after others."""

from __future__ import annotations

import re
from collections.abc import Iterable

from knowledge.appliances import without_appliances
from knowledge.products import Product, named_product
from knowledge.references import references_in
from knowledge.safety import fold
from knowledge.spoken import normalise

LONGEST = 12
"""Words of a question that may lean on the one before; a longer one stands for itself."""

_NOT_ENOUGH = re.compile(
    r"\b(?:ca|cela) (?:ne |n )?(?:suffit|marche|fonctionne|change|donne|regle|resout|aide) "
    r"(?:\w+ )?(?:pas|rien|plus)\b|\b(?:ca|c est) (?:ne )?(?:\w+ )?(?:toujours|encore) (?:pas"
    r"|pareil|la meme chose|le meme)|\bc est (?:toujours |encore )?(?:pareil|la meme chose)\b"
    r"|\b(?:j ai )?deja (?:essaye|fait|verifie|regarde|tente)\b|\bautres? (?:idee|solution)s?\b"
    r"|\bautre chose(?: a (?:essayer|faire|verifier|proposer))?$|\brien n y fait\b"
    r"|\bsinon(?: quoi)?$|\bsinon (?:je fais|qu est ce|on fait)|\btoujours pas\b"
    r"|\bet si (?:ca|cela) (?:ne |n )?(?:\w+ )?pas\b"
)
ALSO_WORDS = 4
"""Words of « et pour le four ? » beside the appliance."""

_ALSO_FOR = re.compile(
    r"^(?:(?:ah|oh|oui|ouais|non|ok|d accord|tres bien|super|parfait|merci|bon|alors|voila|euh) )*"
    r"(?:et|puis)\b (?:pour|sur|avec|dans|du|de la|le|la|l|mon|ma)\b"
)


def is_not_enough(question: str) -> bool:
    """Whether a caller says that what was advised did not help."""
    folded = fold(normalise(question))
    return len(folded.split()) <= LONGEST and _NOT_ENOUGH.search(folded) is not None


def resolved(question: str, earlier: str, products: Iterable[Product]) -> str:
    """The question as it would be asked alone.

    Args:
        question: As said.
        earlier: The question before it in the call, "" if there is none.
        products: The client's appliances.
    """
    folded = fold(normalise(question))
    if not earlier or len(folded.split()) > LONGEST:
        return question
    if is_not_enough(question):
        return earlier
    if _ALSO_FOR.search(folded) and named_product(question, products) is not None:
        rest = without_appliances(folded)
        if len(rest.split()) <= ALSO_WORDS:  # nothing but « et pour le … »
            return f"{_without_products(earlier, products)} {question}"
    return question


def _without_products(text: str, products: Iterable[Product]) -> str:
    """A question without the appliance that it names, which the next one replaces."""
    known = [reference for product in products for reference in product.references]
    for reference in references_in(text, known):
        text = re.sub(rf"(?i)\b(?:du |le |la |mon |ma )?{re.escape(reference)}\b", " ", text)
    return without_appliances(text)

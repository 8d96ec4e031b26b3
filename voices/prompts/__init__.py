"""The agent's own sentences, one table a language, each as a warm adviser would say it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files

from voices.french import sentences

_SENTENCE_ENDS = re.compile(r"(?<=[.!?]) +(?=\S\S)")


@cache
def prompts(language: str = "fr") -> dict[str, str]:
    """All sentences of a language by name; `{name}` marks what a call fills in."""
    table = tomllib.loads((files(__package__) / f"{language}.toml").read_text("utf-8"))
    return {str(key): str(value) for key, value in table.items()}


def prompt(name: str, **values: str) -> str:
    """One sentence, filled in.

    Raises:
        KeyError: No sentence has that name, or a value is missing.
    """
    return prompts()[name].format(**values)


def greeting(brand: str, *, recorded: bool, own: str = "", notice: str = "") -> str:
    """The first words of a call: who answers, a machine, and that a person can be asked for.

    Args:
        brand: Who is called.
        recorded: The call is: they say so, and how to refuse.
        own: A sentence of the brand's, behind its name.
        notice: What is said of the recording; "": the usual sentence.
    """
    notice = (notice or usual_notice(brand)) if recorded else ""
    who, person, ask = _SENTENCE_ENDS.split(prompts()["greeting"])
    return " ".join(filter(None, (who.format(brand=brand), own, person, notice, ask)))


def usual_notice(brand: str) -> str:
    """What callers of a brand that says nothing else are told of the recording."""
    return prompt("greeting_notice", brand=brand)


def fixed_sentences() -> tuple[str, ...]:
    """The sentences in which nothing is filled in: they can be rendered before any call."""
    written = _written_sentences(prompts().values())
    spoken = [part for text in written if "{" not in text for part in sentences(text)]
    return tuple(dict.fromkeys(spoken))


@cache
def fixed_openings() -> tuple[str, ...]:
    """What comes before the first thing filled in, to a comma or a colon, but for the greeting's.

    « C'est pour quel appareil: » can be rendered before any call too, and is heard while the rest
    is made.
    """
    texts = [text for name, text in prompts().items() if not name.startswith("greeting")]
    written = [text.replace(" :", ":") for text in _written_sentences(texts)]
    begun = [re.match(r"([^{]{8,}[,:]) ?[^{,:]*\{", text) for text in written]
    return tuple(dict.fromkeys(found.group(1) for found in begun if found))


def _written_sentences(texts: Iterable[str]) -> list[str]:
    return [part for text in texts for part in _SENTENCE_ENDS.split(text)]


def which_appliance(choices: Sequence[str]) -> str:
    """The question which appliance it is: « le four, la hotte ou le lave-linge » are named."""
    if not choices:
        return prompt("which_product_open")
    *first, last = choices
    named = f"{', '.join(first)} ou {last}" if first else last
    return prompt("which_product", choices=named)

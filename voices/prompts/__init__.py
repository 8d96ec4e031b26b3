"""The agent's own sentences, one table a language, each as a warm adviser would say it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files

from voices.french import sentences


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


def greeting(brand: str, *, recorded: bool) -> str:
    """The first words of a call; where it is recorded they say so and how to refuse."""
    return prompt("greeting_recorded" if recorded else "greeting", brand=brand)


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
    return [part for text in texts for part in re.split(r"(?<=[.!?]) +(?=\S\S)", text)]


def which_appliance(choices: Sequence[str]) -> str:
    """The question which appliance it is: « le four, la hotte ou le lave-linge » are named."""
    if not choices:
        return prompt("which_product_open")
    *first, last = choices
    named = f"{', '.join(first)} ou {last}" if first else last
    return prompt("which_product", choices=named)

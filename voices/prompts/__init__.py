"""The agent's own sentences, one table a language, each as a warm adviser would say it."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files


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


def fixed_prompts() -> tuple[str, ...]:
    """The sentences that need no value: they can be rendered before any call."""
    return tuple(text for text in prompts().values() if "{" not in text)

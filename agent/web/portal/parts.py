"""What the portal's pages are put together from: fields, panels, tables, notices, questions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any, Literal

from nicegui import ui

from agent.web.console.pieces import Words, button, set_attributes
from agent.web.portal.words import t

Kind = Literal["info", "good", "warn", "bad"]
Cell = str | Callable[[], Any]
"""What stands in a table: a text, or what makes elements."""

_numbers = count(1)

NOTED = "(event) => {{ element.props.{key} = event.target.{key}; emit(event.target.{key}); }}"
"""Tells what was given, and has the page note it: whatever is shown anew on a page, Vue puts what
it knows of each field into it again, over what has been typed since."""


class Field:
    """A labelled field whose value is here as it is typed; `error` is said beside it."""

    def __init__(
        self,
        label: str,
        value: str = "",
        *,
        kind: str = "text",
        hint: str = "",
        options: Mapping[str, str] | None = None,
        rows: int = 0,
        on_change: Callable[[], Any] | None = None,
        **attributes: str,
    ) -> None:
        """Make one.

        Args:
            label: What is asked for.
            value: That stands in it.
            kind: Of an `<input>`: text, email, password, number, date, time, search, checkbox…
                (a checkbox's value is "on" or "").
            hint: A sentence that helps, under it.
            options: Makes a `<select>` of these: the values, and what is shown.
            rows: Makes a `<textarea>` of so many lines.
            on_change: Called when another value has been given.
            attributes: Of the element, names with "_" for "-".
        """
        self.value = value
        self._on_change = on_change
        name = f"field-{next(_numbers)}"
        ticked = kind == "checkbox"
        with ui.element("div").classes(f"field {'ticked' if ticked else ''}"):
            Words(label, "label", for_=name)
            tag = "select" if options is not None else "textarea" if rows else "input"
            with ui.element(tag) as self.element:
                for key, shown in (options or {}).items():
                    option = Words(shown, "option", value=key)
                    if key == value:
                        set_attributes(option, selected="selected")
            if tag == "input":
                set_attributes(self.element, type=kind)
            if rows:
                set_attributes(self.element, rows=str(rows))
            if ticked:
                self.element.props["checked"] = bool(value)
            else:
                self.element.props["value"] = value
            described = f"{name}-hint {name}-error" if hint else f"{name}-error"
            set_attributes(self.element, id=name, aria_describedby=described, **attributes)
            if hint:
                Words(hint, "p", "hint", id=f"{name}-hint")
            self._error = Words("", "p", "trouble", id=f"{name}-error", role="alert")
        event = "change" if ticked or options is not None else "input"
        key = "checked" if ticked else "value"
        self.element.on(event, self._given, js_handler=NOTED.format(key=key))

    def _given(self, event: Any) -> None:
        value = event.args
        if isinstance(value, list):
            value = value[0] if value else ""
        self.value = ("on" if value else "") if isinstance(value, bool) else str(value)
        # What is shown is what was typed: it is noted, not sent back over what is typed meanwhile.
        key = "checked" if isinstance(value, bool) else "value"
        dict.__setitem__(self.element.props, key, value)
        if self._on_change is not None:
            self._on_change()

    def show(self, value: str) -> None:
        """Have another value stand in it."""
        self.value = value
        if "checked" in self.element.props:
            self.element.props["checked"] = bool(value)
            # The page believes that it showed this before: it does not know what was ticked.
            which = json.dumps(self.element.props["id"])
            ticked = json.dumps(bool(value))
            ui.run_javascript(f"document.getElementById({which}).checked = {ticked}")
        else:
            self.element.props["value"] = value
        self.element.update()

    def error(self, sentence: str = "") -> None:
        """Say what is wrong with the value; "" when nothing is."""
        self._error.say(sentence)
        if sentence:
            set_attributes(self.element, aria_invalid="true")
            self.element.run_method("focus")
        else:
            self.element.props.pop("aria-invalid", None)
            self.element.update()


@contextmanager
def panel(title: str, classes: str = "") -> Iterator[ui.element]:
    """A part of a page with a heading."""
    name = f"panel-{next(_numbers)}"
    with ui.element("section").classes(f"panel {classes}") as made:
        set_attributes(made, aria_labelledby=name)
        Words(title, "h2", id=name)
        yield made


def notice(text: str, kind: Kind = "info") -> Words:
    """A sentence that is read at once; `say` replaces it."""
    role = "alert" if kind == "bad" else "status"
    return Words(text, "p", f"notice {kind}", role=role)


def table(headings: Sequence[str], rows: Sequence[Sequence[Cell]], caption: str = "") -> ui.element:
    """A table that becomes a list of cards on a narrow screen.

    Args:
        headings: Of the columns.
        rows: Their cells; the first of a row is its heading.
        caption: What the table shows, for who does not see it.
    """
    with ui.element("table").classes("grid") as made:
        if caption:
            Words(caption, "caption")
        with ui.element("thead"), ui.element("tr"):
            for heading in headings:
                Words(heading, "th", scope="col")
        with ui.element("tbody"):
            for row in rows:
                with ui.element("tr"):
                    for number, (heading, cell) in enumerate(zip(headings, row, strict=True)):
                        tag = "td" if number else "th"
                        shown = cell if isinstance(cell, str) else ""
                        with Words(shown, tag, data_label=heading) as place:
                            if not number:
                                set_attributes(place, scope="row")
                            if not isinstance(cell, str):
                                cell()
    return made


async def confirmed(question: str, yes: str, *, danger: bool = False) -> bool:
    """Ask before something is done; Escape is a no.

    Args:
        question: A whole sentence that says what will happen.
        yes: The name of what is done.
        danger: It cannot be undone.
    """
    with ui.dialog() as dialog, ui.element("div").classes("asked card"):
        set_attributes(dialog, aria_label=question)
        Words(question, "p")
        with ui.element("div").classes("actions"):
            button(t("Annuler"), lambda: dialog.submit(False), autofocus="autofocus")
            button(yes, lambda: dialog.submit(True), "danger" if danger else "strong")
    answer = await dialog
    dialog.delete()
    return bool(answer)

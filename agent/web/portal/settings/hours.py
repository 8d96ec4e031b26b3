"""Hours and holidays: rows for people, text for what rows cannot hold, and what both mean."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import partial

from nicegui import ui
from starlette.requests import Request
from starlette.responses import Response

from agent.handoff.holidays import holidays_of
from agent.handoff.hours_form import (
    Closing,
    FormRefusedError,
    HoursForm,
    Place,
    Row,
    Special,
    form_of,
    text_of,
    with_pause,
)
from agent.handoff.hours_text import LONGEST_TEXT, parse
from agent.web.console.pieces import Words, button, link, set_attributes
from agent.web.portal.frame import PATH, Visit, visiting
from agent.web.portal.parts import NOTED, Field, panel
from agent.web.portal.settings.hours_words import day_names, not_understood, state_words, why_words
from agent.web.portal.settings.saving import Saving, settings_page
from agent.web.portal.settings.week import draw_week
from agent.web.portal.words import day, t

ZONES = ("Europe/Paris", "Europe/Brussels", "Europe/Luxembourg", "Europe/Zurich",
         "America/Guadeloupe", "America/Martinique", "America/Cayenne", "Indian/Reunion",
         "Indian/Mayotte", "Pacific/Noumea", "Pacific/Tahiti")  # fmt: skip
HOLIDAYS_SHOWN = 6
MOST_ROWS = 60
"""Special days, and closings, of one form."""

STANDARD = "lundi-vendredi 9h-12h, 14h-18h"
"""What is proposed to who has set nothing."""


@ui.page(f"{PATH}/{{slug}}/reglages/horaires", title="permanence")
async def page(request: Request, slug: str) -> Response | None:
    """The page."""
    visit = await visiting(request, slug)
    if isinstance(visit, Response):
        return visit
    with settings_page(visit, "horaires", t("Horaires et jours fériés")):
        _Hours(visit).build()
    return None


class _Hours:
    """The form in its two views, and the preview."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._saving = Saving(visit, "settings.hours", ("hours",))
        self._text = visit.client.hours
        self._as_text = False
        self._wrong: tuple[Place, str] | None = None
        self._text_field: Field | None = None
        try:
            self._form = form_of(self._text or STANDARD)
        except ValueError:  # written by an older version: as text it can be mended
            self._form, self._as_text = HoursForm(), True

    def build(self) -> None:
        self._public_link()
        if self._visit.may_write:
            with panel(t("Quand vos conseillers répondent"), "hours"):
                self._views()
                self._editor()
                self._saving.controls(self._save)
        with panel(t("Ce que cela donne")):
            self._preview()

    def _public_link(self) -> None:
        address = f"/horaires/{self._visit.client.slug}"
        with panel(t("Votre page d'horaires publique")):
            Words(t("Mettez ce lien sur votre site : la page se met à jour toute seule."), "p")
            with ui.element("div").classes("actions"):
                link(address, address, target="_blank")
                made = Words(t("Copier le lien"), "button", "plain", type="button")
                set_attributes(made, data_copy=address, data_copied=t("Lien copié"))

    # --- two views ------------------------------------------------------------------------------

    @ui.refreshable_method
    def _views(self) -> None:
        with ui.element("div").classes("actions") as group:
            set_attributes(group, role="group", aria_label=t("Façon d'écrire les horaires"))
            for as_text, name in ((False, t("Par jour")), (True, t("Texte"))):
                button(
                    name, lambda as_text=as_text: self._turn(as_text), "tab",
                    aria_pressed=str(as_text == self._as_text).lower(),
                )  # fmt: skip

    def _turn(self, as_text: bool) -> None:
        """Have the other view, with what this one says; it must be understood first."""
        if as_text == self._as_text or not self._read():
            return
        if not as_text:
            self._form = form_of(self._text)
        self._as_text = as_text
        self._views.refresh()
        self._editor.refresh()

    def _read(self) -> bool:
        """Take what the view says into the text; says what is not understood."""
        self._wrong = None
        if self._as_text and self._text_field is not None:
            text = self._text_field.value.strip()
            try:
                parse(text)
            except ValueError as error:
                self._text_field.error(not_understood(error))
                return False
            self._text_field.error()
            self._text = text
            return True
        try:
            self._text = text_of(self._form)
            parse(self._text)
        except FormRefusedError as error:
            self._wrong = error.place, why_words(error.why)
        except ValueError as error:
            self._wrong = ("zone",), not_understood(error)
        self._editor.refresh()
        if self._wrong is not None:
            self._saving.say(t("Rien n'a été enregistré : corrigez ce qui est marqué."), "bad")
        return self._wrong is None

    @ui.refreshable_method
    def _editor(self) -> None:
        if self._as_text:
            self._text_field = Field(
                t("Les horaires, une ligne par jour ou par règle"), self._text, rows=12,
                maxlength=str(LONGEST_TEXT), spellcheck="false",
                hint=t("Par exemple « lundi-vendredi 9h-12h30, 14h-18h », « fériés fermé »,"
                       " « 24/12/2026 9h-12h », « fermé du 03/08/2026 au 15/08/2026 »."),
            )  # fmt: skip
            return
        for number, name in enumerate(day_names()):
            self._day(number, name)
        with ui.element("div").classes("actions"):
            button(t("Copier le lundi sur toute la semaine de travail"), self._copy_monday)
        self._holidays()
        self._special_days()
        self._closings()
        zone = self._form.zone
        names = ZONES if zone in ZONES else (zone, *ZONES)
        Field(
            t("Fuseau horaire"), zone, options={one: one for one in names},
            on_change=None, aria_label=t("Fuseau horaire"),
        ).element.on("change", lambda e: self._set_zone(e.args), js_handler=_VALUE)  # fmt: skip

    # --- rows -----------------------------------------------------------------------------------

    def _day(self, number: int, name: str) -> None:
        rows = self._form.week[number]
        with ui.element("fieldset").classes("day"):
            Words(name, "legend")
            with ui.element("div").classes("spans"):
                self._rows(rows, ("week", number), name)

    def _rows(self, rows: list[Row], place: Place, name: str) -> None:
        """The rows of a day, and what may be done with them."""
        if not rows:
            Words(t("fermé"), "p", "closed")
        for number, row in enumerate(rows):
            here = (*place, number)
            with ui.element("div").classes("span"):
                self._input(row, "opens", t("de"), t("{day}, de", day=name), here)
                self._input(row, "closes", t("à"), t("{day}, à", day=name), here)
                if len(rows) == 1:
                    button(
                        t("Ajouter une pause"), partial(self._pause, rows, place), "small",
                        aria_label=t("Ajouter une pause, {day}", day=name),
                    )  # fmt: skip
                button(
                    t("Retirer"), partial(self._drop, rows, here), "small",
                    aria_label=t("Retirer ces heures, {day}", day=name),
                )  # fmt: skip
            self._trouble(here)
        with ui.element("div").classes("actions"):
            button(
                t("Ajouter des heures"), partial(self._add, rows, place), "small",
                aria_label=t("Ajouter des heures, {day}", day=name), data_place=_key(place, "add"),
            )  # fmt: skip

    def _input(
        self, row: object, name: str, shown: str, label: str, place: Place, kind: str = "time"
    ) -> None:
        """A time or a date of a row."""
        with ui.element("label"):
            Words(shown, "span")
            with ui.element("input") as made:
                set_attributes(made, type=kind, aria_label=label, data_place=_key(place, name))
                made.props["value"] = getattr(row, name)
        made.on("change", lambda e: self._given(made, row, name, e.args), js_handler=_VALUE)

    def _given(self, made: ui.element, row: object, name: str, value: object) -> None:
        setattr(row, name, str(value))
        dict.__setitem__(made.props, "value", str(value))
        self._preview_form()

    def _trouble(self, place: Place) -> None:
        if self._wrong is not None and self._wrong[0] == place:
            Words(self._wrong[1], "p", "trouble", role="alert")

    def _pause(self, rows: list[Row], place: Place) -> None:
        rows[:] = with_pause(rows[0])
        self._changed(_key((*place, 0), "closes"))

    def _drop(self, rows: list[Row], place: Place) -> None:
        *day_place, number = place
        del rows[int(number)]
        self._changed(_key(tuple(day_place), "add"))

    def _add(self, rows: list[Row], place: Place) -> None:
        if len(rows) < MOST_ROWS:
            rows.append(Row("09:00", "18:00") if not rows else Row())
        self._changed(_key((*place, len(rows) - 1), "opens"))

    def _copy_monday(self) -> None:
        for number in range(1, 5):
            self._form.week[number] = [Row(one.opens, one.closes) for one in self._form.week[0]]
        self._changed()

    def _changed(self, focus: str = "") -> None:
        """Show the form as it is now; the keyboard goes on where something was changed."""
        self._wrong = None
        self._editor.refresh()
        self._preview_form()
        if focus:
            ui.run_javascript(f"document.querySelector('[data-place=\"{focus}\"]')?.focus()")

    def _set_zone(self, value: object) -> None:
        self._form.zone = str(value)
        self._preview_form()

    # --- holidays, special days, closings -------------------------------------------------------

    def _holidays(self) -> None:
        form = self._form
        Words(t("Jours fériés"), "h3")
        with ui.element("fieldset").classes("day"):
            Words(t("Tous les jours fériés"), "legend")
            with ui.element("div").classes("spans"):
                self._rows(form.holidays, ("holidays",), t("jours fériés"))
                with ui.element("label").classes("ticked"):
                    with ui.element("input") as box:
                        set_attributes(box, type="checkbox")
                        box.props["checked"] = form.alsace_moselle
                    Words(t("Alsace-Moselle : Vendredi saint et 26 décembre aussi"), "span")
            box.on("change", lambda e: self._set_alsace(e.args), js_handler=_TICKED)
        Words(t("Les prochains, connus d'avance :"), "p", "hint")
        with ui.element("ul").classes("plain-list"):
            taken = {one.day for one in form.special}
            for when, name in _coming_holidays(form.alsace_moselle):
                with ui.element("li"):
                    Words(f"{day(when)} — {name}", "span")
                    if when.isoformat() in taken:
                        Words(t("(heures à part, ci-dessous)"), "span", "hint")
                    else:
                        button(
                            t("Autres heures ce jour-là"),
                            lambda when=when: self._add_special(when.isoformat()), "small",
                            aria_label=t("Autres heures le {day}", day=day(when)),
                        )  # fmt: skip

    def _set_alsace(self, value: object) -> None:
        self._form.alsace_moselle = bool(value)
        self._changed()

    def _special_days(self) -> None:
        Words(t("Jours particuliers"), "h3")
        for number, one in enumerate(self._form.special):
            name, place = t("jour particulier {n}", n=number + 1), ("special", number)
            with ui.element("fieldset").classes("day"):
                Words(name.capitalize(), "legend")
                with ui.element("div").classes("spans"):
                    with ui.element("div").classes("span"):
                        label = t("Date, {name}", name=name)
                        self._input(one, "day", t("Date"), label, place, "date")
                        button(
                            t("Retirer ce jour"), partial(self._drop_special, number), "small",
                            aria_label=t("Retirer le {name}", name=name),
                        )  # fmt: skip
                    self._trouble(place)
                    self._rows(one.rows, place, name)
        with ui.element("div").classes("actions"):
            button(
                t("Ajouter un jour particulier"), lambda: self._add_special(""),
                data_place="special-add",
            )  # fmt: skip

    def _add_special(self, when: str) -> None:
        if len(self._form.special) < MOST_ROWS:
            self._form.special.append(Special(when))
        self._changed(_key(("special", len(self._form.special) - 1), "day"))

    def _drop_special(self, number: int) -> None:
        del self._form.special[number]
        self._changed("special-add")

    def _closings(self) -> None:
        Words(t("Fermetures (congés, inventaire…)"), "h3")
        for number, one in enumerate(self._form.closings):
            name, place = t("fermeture {n}", n=number + 1), ("closings", number)
            with ui.element("fieldset").classes("day"):
                Words(name.capitalize(), "legend")
                with ui.element("div").classes("spans"):
                    with ui.element("div").classes("span"):
                        first = t("Premier jour, {name}", name=name)
                        last = t("Dernier jour, {name}", name=name)
                        self._input(one, "first", t("du"), first, place, "date")
                        self._input(one, "from_time", t("à partir de"),
                                    t("À partir de, {name}", name=name), place)  # fmt: skip
                        self._input(one, "last", t("au"), last, place, "date")
                        self._input(one, "to_time", t("jusqu'à"),
                                    t("Jusqu'à, {name}", name=name), place)  # fmt: skip
                        button(
                            t("Retirer"), partial(self._drop_closing, number), "small",
                            aria_label=t("Retirer la {name}", name=name),
                        )  # fmt: skip
                    self._trouble(place)
        Words(t("Sans heure, le jour entier est fermé."), "p", "hint")
        with ui.element("div").classes("actions"):
            button(t("Ajouter une fermeture"), self._add_closing, data_place="closings-add")

    def _add_closing(self) -> None:
        if len(self._form.closings) < MOST_ROWS:
            self._form.closings.append(Closing())
        self._changed(_key(("closings", len(self._form.closings) - 1), "first"))

    def _drop_closing(self, number: int) -> None:
        del self._form.closings[number]
        self._changed("closings-add")

    # --- what it means --------------------------------------------------------------------------

    def _preview_form(self) -> None:
        """Show what the form means, as far as it can be meant."""
        try:
            self._text = text_of(self._form)
        except FormRefusedError:
            return
        self._preview.refresh()

    @ui.refreshable_method
    def _preview(self) -> None:
        try:
            schedule = parse(self._text)
        except ValueError:
            return
        if not self._text:
            Words(t("Aucun horaire n'est encore enregistré."), "p")
            return
        with Words(state_words(schedule, datetime.now(UTC)), "p", "state"):
            pass
        draw_week(schedule)

    async def _save(self) -> None:
        if not self._read():
            return
        client = await self._saving.save({"hours": self._text}, {})
        if client is not None:
            self._preview.refresh()


_VALUE, _TICKED = NOTED.format(key="value"), NOTED.format(key="checked")


def _key(place: Place, name: str) -> str:
    """What a place of the form is called in the page."""
    return "-".join(map(str, (*place, name)))


def _coming_holidays(alsace_moselle: bool) -> list[tuple[date, str]]:
    today = datetime.now(UTC).date()
    found = [
        (when, name)
        for year in (today.year, today.year + 1)
        for when, name in holidays_of(year, alsace_moselle=alsace_moselle).items()
        if today <= when <= today + timedelta(days=400)
    ]
    return found[:HOLIDAYS_SHOWN]

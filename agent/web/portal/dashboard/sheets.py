"""Every figure as a table: the page shows it beside its plot, the files hold it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from babel.dates import format_date, get_day_names

from agent.handoff.hours import Schedule
from agent.store.call_facts import CallKind
from agent.store.figures import MARKS, Figures
from agent.web.portal.dashboard.period import Period
from agent.web.portal.dashboard.shapes import HOURS, WEEKDAYS, Hours, by_days, by_hours
from agent.web.portal.words import number, percent, spoken, t, tn

Value = str | int | float | None

KINDS: tuple[CallKind, ...] = ("answered", "transferred", "message", "abandoned")
WITHIN_MS = 3000
"""A call is picked up in time when its caller hears the first word within three seconds."""

LENGTHS_S = (30, 60, 120, 180, 300, 600)
"""Where the classes of durations end."""


@dataclass(frozen=True)
class Sheet:
    """A table.

    Attributes:
        name: In addresses and file names.
        title: What it shows.
        headings: Of its columns.
        rows: Its cells; None where there is nothing to say.
        summary: The same in a sentence or two.
    """

    name: str
    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    summary: str = ""


@dataclass(frozen=True)
class Span:
    """A period with what is known of it."""

    period: Period
    figures: Figures
    hours: Hours
    days: dict[date, int]


@dataclass(frozen=True)
class Seen:
    """What a dashboard shows.

    Attributes:
        now: The period asked for.
        before: The one that it is compared with, None for none.
        minutes_per_call: What an answered call spares, as the client says.
    """

    now: Span
    before: Span | None
    minutes_per_call: int


def span_of(period: Period, figures: Figures, schedule: Schedule | None) -> Span:
    """A period laid out by hours and days."""
    hours = by_hours(figures.slots, period, schedule)
    return Span(period, figures, hours, by_days(figures.slots, period))


def kind_name(kind: CallKind) -> str:
    """How calls of a kind came out, as the client's people read it."""
    return {
        "answered": t("Réponse de l'assistant"),
        "transferred": t("Passage à un conseiller"),
        "message": t("Rappel demandé ou message"),
        "abandoned": t("Sans suite"),
    }[kind]


def period_name(period: Period) -> str:
    """Its first and last day."""
    return t("du {first} au {last}", first=_day(period.first), last=_day(period.last))


def sheets_of(seen: Seen) -> dict[str, Sheet]:
    """All tables of a dashboard, by their names, in order."""
    made = (
        _brief(seen), _hours(seen), _week(seen), _days(seen), _kinds(seen), _lengths(seen),
        _marks(seen), _products(seen), _codes(seen), _pages(seen),
    )  # fmt: skip
    return {sheet.name: sheet for sheet in made}


@dataclass(frozen=True)
class Measure:
    """A figure of the summary.

    Attributes:
        name: What it is.
        of: Takes it from a period, None where there is none.
        shown: As it is read.
    """

    name: str
    of: Callable[[Figures], float | None]
    shown: Callable[[float], str] = number


def measures(minutes_per_call: int) -> tuple[Measure, ...]:
    """The figures of the summary, in order."""
    return (
        Measure(t("Appels"), lambda one: one.calls),
        Measure(t("Répondus par l'assistant"), _share("answered"), percent),
        Measure(
            t("Premier mot entendu en 3 s au plus"),
            lambda one: one.waits_ms.share_within(WITHIN_MS),
            percent,
        ),
        Measure(t("Attente médiane"), lambda one: one.waits_ms.quantile(0.5), _milliseconds),
        Measure(t("Durée médiane"), lambda one: one.lengths_s.quantile(0.5), lasting),
        Measure(
            t("Durée que 9 appels sur 10 ne dépassent pas"),
            lambda one: one.lengths_s.quantile(0.9),
            lasting,
        ),
        Measure(t("Note moyenne"), lambda one: one.marks.mean, _mark),
        Measure(t("Ont donné une note"), lambda one: one.marks.replied, percent),
        Measure(t("Rappels faits à temps"), _on_time, percent),
        Measure(t("Dangers signalés"), lambda one: one.dangers),
        Measure(
            t("Temps épargné à l'équipe"),
            lambda one: one.saved_min(minutes_per_call) * 60,
            lasting,
        ),
    )


def lasting(seconds: float) -> str:
    """A length of time: « 2 min », « 1 min 05 s », « 3 h 20 min »."""
    whole = round(seconds)
    if whole < 60:
        return t("{s} s", s=whole)
    if whole < 3600 and not whole % 60:
        return t("{min} min", min=whole // 60)
    if whole < 3600:
        return t("{min} min {s} s", min=whole // 60, s=str(whole % 60).zfill(2))
    minutes = str(whole % 3600 // 60).zfill(2)
    return t("{h} h {min} min", h=number(whole // 3600), min=minutes)


def change_of(measure: Measure, now: Figures, before: Figures) -> str:
    """From a period to a later one: « +12 % », of a share « +3 points »; "" where that is none."""
    later, first = measure.of(now), measure.of(before)
    if measure.shown is not percent:
        return change(later, first)
    if later is None or first is None:
        return ""
    points = round((later - first) * 100)
    told = tn("{n} point", "{n} points", abs(points))
    return f"{'+' if points > 0 else '−' if points < 0 else ''}{told}"


def shown_of(measure: Measure, figures: Figures) -> str | None:
    """A figure as it is read; None where there is none."""
    value = measure.of(figures)
    return None if value is None else measure.shown(value)


def change(now: float | None, before: float | None) -> str:
    """From a number to a later one, in hundredths of the first: « +12 % »; "" where none is."""
    if now is None or not before:
        return ""
    told = round((now - before) / before * 100)
    return f"{'+' if told > 0 else '−' if told < 0 else ''}{percent(abs(told) / 100)}"


def weekday_name(weekday: int) -> str:
    """Of a day, Monday is 0."""
    return str(get_day_names("wide", locale=spoken())[weekday])


def short_day(day: date) -> str:
    """A day where there is little room: « 27 nov. »."""
    return format_date(day, "d MMM", locale=spoken())


def _day(day: date) -> str:
    return format_date(day, "medium", locale=spoken())


def _share(kind: CallKind) -> Callable[[Figures], float | None]:
    return lambda one: one.kinds.get(kind, 0) / one.calls if one.calls else None


def _on_time(figures: Figures) -> float | None:
    made = figures.callbacks.on_time + figures.callbacks.late
    return figures.callbacks.on_time / made if made else None


def _milliseconds(value: float) -> str:
    return t("{s} s", s=number(round(value / 1000, 1)))


def _mark(value: float) -> str:
    return t("{mark} sur 5", mark=number(round(value, 1)))


def _headings(seen: Seen, *names: str) -> tuple[str, ...]:
    """The columns, with one for the other period where there is one."""
    return (*names, t("Avant")) if seen.before is not None else names


def _brief(seen: Seen) -> Sheet:
    now, before = seen.now.figures, seen.before
    rows: list[tuple[Value, ...]] = []
    for measure in measures(seen.minutes_per_call):
        row = (measure.name, shown_of(measure, now))
        rows.append(row if before is None else (*row, shown_of(measure, before.figures)))
    return Sheet("bref", t("En bref"), _headings(seen, t("Mesure"), t("Valeur")), tuple(rows))


def _hours(seen: Seen) -> Sheet:
    hours, before = seen.now.hours, seen.before
    rows: list[tuple[Value, ...]] = []
    for hour in range(HOURS):
        row = (t("{hour} h", hour=hour), hours.within[hour], hours.outside[hour])
        if before is None:
            rows.append(row)
        else:
            rows.append((*row, before.hours.within[hour] + before.hours.outside[hour]))
    within, outside = sum(hours.within), sum(hours.outside)
    if not within + outside:
        summary = t("Aucun appel dans cette période.")
    elif hours.staffed is None:
        summary = t("Aucun horaire n'est réglé : tous les appels comptent hors horaires.")
    else:
        share = outside / (within + outside)
        summary = t(
            "{share} des appels sont arrivés en dehors des horaires de l'équipe.",
            share=percent(share),
        )
        summary = f"{summary} {_busiest(hours)}"
    headings = _headings(seen, t("Heure"), t("Pendant les horaires"), t("En dehors"))
    return Sheet("heures", t("Appels par heure"), headings, tuple(rows), summary)


def _busiest(hours: Hours) -> str:
    totals = [within + outside for within, outside in zip(hours.within, hours.outside, strict=True)]
    hour = totals.index(max(totals))
    return t("L'heure la plus chargée : de {hour} h à {end} h.", hour=hour, end=hour + 1)


def _week(seen: Seen) -> Sheet:
    hours = seen.now.hours
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (weekday_name(weekday), *hours.week[weekday], sum(hours.week[weekday]))
        for weekday in range(WEEKDAYS)
    )
    headings = (t("Jour"), *(t("{hour} h", hour=hour) for hour in range(HOURS)), t("Total"))
    return Sheet("semaine", t("Appels par jour de la semaine et heure"), headings, rows)


def _days(seen: Seen) -> Sheet:
    now, before = seen.now.days, seen.before
    others = list(before.days.items()) if before is not None else []
    rows: list[tuple[Value, ...]] = []
    for index, (day, calls) in enumerate(now.items()):
        row: tuple[Value, ...] = (_day(day), calls)
        if before is not None:
            other = others[index] if index < len(others) else None
            row = (*row, _day(other[0]), other[1]) if other is not None else (*row, None, None)
        rows.append(row)
    headings: tuple[str, ...] = (t("Jour"), t("Appels"))
    if before is not None:
        headings = (*headings, t("Jour d'avant"), t("Avant"))
    total = seen.now.figures.calls
    summary = tn("{n} appel, soit {mean} par jour.", "{n} appels, soit {mean} par jour.", total,
                 mean=number(round(total / len(now), 1)))  # fmt: skip
    if before is not None:
        told = change(total, before.figures.calls)
        counted = tn("{n} appel", "{n} appels", before.figures.calls)
        compared = t("Période comparée ({period}) : {counted}",
                     period=period_name(before.period), counted=counted)  # fmt: skip
        summary = f"{summary} {compared}{f' ({told})' if told else ''}."
    return Sheet("jours", t("Appels par jour"), headings, tuple(rows), summary)


def _kinds(seen: Seen) -> Sheet:
    now, before = seen.now.figures, seen.before
    rows: list[tuple[Value, ...]] = []
    for kind in KINDS:
        count = now.kinds.get(kind, 0)
        row = (kind_name(kind), count, percent(count / now.calls) if now.calls else None)
        rows.append(row if before is None else (*row, before.figures.kinds.get(kind, 0)))
    summary = ", ".join(f"{kind_name(kind)} : {number(now.kinds.get(kind, 0))}" for kind in KINDS)
    headings = _headings(seen, t("Issue"), t("Appels"), t("Part"))
    return Sheet("issues", t("Comment les appels ont fini"), headings, tuple(rows), f"{summary}.")


def length_classes(figures: Figures) -> tuple[tuple[str, int], ...]:
    """How many calls lasted how long, by classes."""
    names = [t("moins de {end}", end=lasting(LENGTHS_S[0]))]
    names += [
        t("{begin} à {end}", begin=lasting(begin), end=lasting(end))
        for begin, end in pairwise(LENGTHS_S)
    ]
    names.append(t("{end} et plus", end=lasting(LENGTHS_S[-1])))
    counts = [0] * len(names)
    for seconds, count in figures.lengths_s.counts.items():
        counts[sum(seconds >= end for end in LENGTHS_S)] += count
    return tuple(zip(names, counts, strict=True))


def _lengths(seen: Seen) -> Sheet:
    now, before = seen.now.figures, seen.before
    classes = length_classes(now)
    rows: tuple[tuple[Value, ...], ...] = classes
    if before is not None:
        others = length_classes(before.figures)
        rows = tuple((*one, other[1]) for one, other in zip(classes, others, strict=True))
    median, long = now.lengths_s.quantile(0.5), now.lengths_s.quantile(0.9)
    summary = t("Aucun appel dans cette période.")
    if median is not None and long is not None:
        summary = t("La moitié des appels durent {median} au plus, neuf sur dix {long} au plus.",
                    median=lasting(median), long=lasting(long))  # fmt: skip
    return Sheet("durees", t("Durée des appels"), _headings(seen, t("A duré"), t("Appels")), rows,
                 summary)  # fmt: skip


def _marks(seen: Seen) -> Sheet:
    marks, before = seen.now.figures.marks, seen.before
    rows: list[tuple[Value, ...]] = []
    for mark in reversed(MARKS):
        row = (t("{mark} sur 5", mark=mark), marks.counts[mark])
        rows.append(row if before is None else (*row, before.figures.marks.counts[mark]))
    if marks.mean is None:
        summary = t("Personne n'a donné de note.")
        if marks.asked:
            summary = tn("{n} appelant a été interrogé, aucun n'a donné de note.",
                         "{n} appelants ont été interrogés, aucun n'a donné de note.",
                         marks.asked)  # fmt: skip
    else:
        summary = t(
            "Note moyenne : {mean}. {given} ont répondu sur {asked} interrogés ({share}).",
            mean=_mark(marks.mean), given=number(marks.given), asked=number(marks.asked),
            share=percent(marks.replied or 0),
        )  # fmt: skip
    headings = _headings(seen, t("Note"), t("Appels"))
    return Sheet("notes", t("Satisfaction en fin d'appel"), headings, tuple(rows), summary)


def _named(name: str, title: str, heading: str, found: Sequence[tuple[str, int]]) -> Sheet:
    summary = t("Rien dans cette période.")
    if found:
        summary = t("En tête : {name} ({count}).", name=found[0][0], count=number(found[0][1]))
    return Sheet(name, title, (heading, t("Appels")), tuple(found), summary)


def _products(seen: Seen) -> Sheet:
    found = seen.now.figures.products
    return _named("appareils", t("Appareils dont on a parlé"), t("Appareil"), found)


def _codes(seen: Seen) -> Sheet:
    found = seen.now.figures.codes
    return _named("codes", t("Codes d'erreur cités"), t("Code"), found)


def _pages(seen: Seen) -> Sheet:
    figures = seen.now.figures
    rows = tuple((one.manual, one.page, one.count) for one in figures.pages)
    summary = t("Aucune question n'a trouvé sa réponse dans les manuels.")
    if figures.questions:
        summary = tn("{n} question a trouvé sa réponse dans les manuels.",
                     "{n} questions ont trouvé leur réponse dans les manuels.",
                     figures.questions)  # fmt: skip
    headings = (t("Manuel"), t("Page"), t("Questions"))
    return Sheet("pages", t("Pages qui ont répondu"), headings, rows, summary)

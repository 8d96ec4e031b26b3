"""What a caller's words say of a date: « mars 2024 », « il y a deux ans », « à Noël »."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from agent.call.capture.numerals import as_heard, is_number
from agent.call.capture.words import Word, phrase, words_of

_MONTHS = ["janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet", "aout", "septembre",
           "octobre", "novembre", "decembre"]  # fmt: skip
_MONTH = "(?P<month>" + "|".join(_MONTHS) + ")"
_FEASTS = {"noel": 12, "(?:le )?jour de l an": 1, "nouvel an": 1, "black friday": 11,
           "fete des meres": 5, "fete des peres": 6, "rentree": 9, "toussaint": 11,
           "saint valentin": 2}  # fmt: skip
_SEASONS = {"printemps": 3, "ete": 6, "automne": 9}
"""Seasons and the months in which they begin; a winter has two years."""

_WEEKDAYS = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"]
_ABOUT = re.compile(
    r"\b(?:environ|a peu pres|presque|bientot|peut etre|je crois|je pense|plus de|moins de|vers"
    r"|ou|entre|dizaine|vingtaine|quinzaine|bonne|dans les|au moins|quelque chose comme)\b"
)
_WRITTEN = re.compile(
    r"(?<!\d)(?:(?P<day>\d{1,2})[/.-])?(?P<month>\d{1,2})[/.-](?P<year>\d{4}|\d\d)(?!\d)"
    r"|(?<!\d)(?P<y>(?:19|20)\d\d)-(?P<m>\d\d)(?:-(?P<d>\d\d))?(?!\d)"
)
_IN_FIGURES = re.compile(
    r"\b(?P<day>\d{1,2}) (?:0 )?(?P<month>\d{1,2}) (?P<year>(?:19|20)\d\d)\b(?P<y>)(?P<m>)(?P<d>)"
)
"""« douze zéro trois deux mille vingt-quatre »."""

_AGO = re.compile(
    r"(?P<count>\d+)(?: (?:ou|a|bons?|bonnes|petits?|grosses?|gros|d) ?(?:\d+ )?)? ?"
    r"(?P<unit>ans?|annees?|mois|semaines?|jours?)\b(?P<half> et demie?)?"
    r"(?: et (?P<more>\d+) mois)?"
)
_TENS = {"dizaine": "10", "douzaine": "12", "quinzaine": "15", "vingtaine": "20"}


@dataclass(frozen=True)
class SaidDate:
    """What is said of a date; None where nothing is.

    Attributes:
        year: The year, if it is said or follows from what is said.
        month: 1 to 12.
        day: Of the month.
        doubtful: Said as an estimate, or one of two.
    """

    year: int | None = None
    month: int | None = None
    day: int | None = None
    doubtful: bool = False


def said_date(text: str, today: date) -> SaidDate:
    """What is said of a date; a year only where one is said."""
    written = _WRITTEN.search(text) or _IN_FIGURES.search(figured(text))
    if written is not None:
        year, month, day = written.group("year", "month", "day")
        if year is None:
            year, month, day = written.group("y", "m", "d")
        return SaidDate(_year(year, today), int(month), int(day) if day else None)
    words = figured(text)
    doubtful = _ABOUT.search(phrase(words_of(text))) is not None
    said = _month_said(words, today) or _feast_or_season(words, today) or _near(words, today)
    if said is None:
        year_said = _year_said(words, today)
        said = SaidDate(year_said) if year_said is not None else _ago(words, today)
    if said is None:
        return SaidDate()
    years = set(re.findall(r"\b(?:19|20)\d\d\b", words))
    return replace(said, doubtful=said.doubtful or doubtful or len(years) > 1)


def figured(text: str) -> str:
    """Plain words with numbers in figures: « deux mille, vingt-quatre » is 2024."""
    words = words_of(re.sub(r"\b1er\b|\bpremier\b", " 1 ", text, flags=re.IGNORECASE))
    parts: list[str] = []
    run: list[Word] = []
    for at, word in enumerate(words):
        joins = word.plain == "et" and bool(run) and [w.plain for w in words[at + 1 : at + 2]] in (
            ["un"], ["une"], ["onze"])  # fmt: skip
        if is_number(word) or joins:
            run.append(word)
            continue
        parts += [figures for _, _, figures in as_heard(run, thousands=True)]
        run = []
        parts.append(_TENS.get(word.plain, word.plain))
    parts += [figures for _, _, figures in as_heard(run, thousands=True)]
    text = " ".join(parts)
    text = re.sub(r"\b(2000|1900) (\d{1,2})\b", lambda m: str(int(m[1]) + int(m[2])), text)
    return re.sub(r"\b(19|20) (\d\d)\b", r"\1\2", text)


def _year(written: str, today: date) -> int | None:
    """A year in two or four figures: « 98 » is 1998, « 21 » is 2021."""
    year = int(written)
    if year >= 100:
        return year
    return year + 2000 if year <= today.year % 100 else year + 1900


def _year_said(words: str, today: date) -> int | None:
    """The year that is said: in figures, or « l'an dernier », « il y a deux ans »."""
    found = re.search(r"\b((?:19|20)\d\d)\b", words)
    if found is None:
        found = re.search(r"\b(?:en|annee|annees) (?:de )?(\d\d)\b(?! (?:ans|mois|jours))", words)
    if found is not None:
        return _year(found[1], today)
    if re.search(r"\b(?:l )?(?:an|annee) (?:derniere?|passee?|d avant|precedente)\b", words):
        return today.year - 1
    if re.search(r"\b(?:cette annee|de l annee)\b", words):
        return today.year
    ago = re.search(r"\b(?:il )?y a (\d+) ans?\b(?! et (?:demi|\d+ mois))", words)
    return today.year - int(ago[1]) if ago else None


def _month_said(words: str, today: date) -> SaidDate | None:
    """« le 12 mars 2024 », « mars 24 », « en mars », « le 3 du mois dernier »."""
    found = re.search(rf"\b(?:(?P<day>\d{{1,2}}) )?{_MONTH}\b(?: (?P<year>\d\d)\b(?! ans))?", words)
    if found is None:
        return _in_month(words, today)
    year = _year_said(words, today)
    if year is None and found["year"]:
        year = _year(found["year"], today)
    month = _MONTHS.index(found["month"]) + 1
    said = SaidDate(year, month, int(found["day"]) if found["day"] else None)
    if year is None and re.search(rf"\b{found['month']} (?:derniere?|passe)\b", words):
        over = month < today.month
        return replace(said, year=today.year - (not over))
    return said


def _in_month(words: str, today: date) -> SaidDate | None:
    """« le mois dernier », « ce mois-ci », with the day if one is said."""
    last = re.search(r"\bmois (?:dernier|passe|d avant)\b", words) is not None
    if not last and not re.search(r"\b(?:ce mois|debut du mois)\b", words):
        return None
    day = re.search(r"\b(\d{1,2}) (?:du|de ce|le) mois\b", words)
    at = today.replace(day=1) - timedelta(days=1) if last else today
    return SaidDate(at.year, at.month, int(day[1]) if day else None)


def _feast_or_season(words: str, today: date) -> SaidDate | None:
    """« à Noël », « pour la fête des mères », « l'été dernier »."""
    year = _year_said(words, today)
    for feast, month in _FEASTS.items():
        if re.search(rf"\b{feast}\b", words):
            over = month < today.month or (month == today.month and today.day >= 25)
            return SaidDate(year or today.year - (not over), month)
    if re.search(r"\bconfinement\b", words):
        return SaidDate(year or 2020, doubtful=year is None)
    for season, month in _SEASONS.items():
        if re.search(rf"\b(?:l|cet|au|le|du|d) ?{season}\b", words):
            begun = month <= today.month
            past = re.search(rf"\b{season} (?:dernier|passe)\b", words) is not None
            still = begun and today.month < month + 3 and past
            return SaidDate(year or today.year - (not begun or still))
    if re.search(r"\bhiver\b", words):
        return SaidDate(year or today.year - (today.month < 12), doubtful=year is None)
    return None


def _near(words: str, today: date) -> SaidDate | None:
    """« hier », « samedi dernier », « la semaine dernière »."""
    days = {r"avant hier": 2, r"hier": 1, r"(?:aujourd hui|ce matin|tout a l heure)": 0}
    for pattern, back in days.items():
        if re.search(rf"\b{pattern}\b", words):
            return _of(today - timedelta(days=back))
    if re.search(r"\bsemaine (?:derniere|passee|d avant)\b", words):
        return replace(_of(today - timedelta(days=7)), day=None)
    if re.search(r"\bcette semaine\b", words):
        return replace(_of(today), day=None)
    for at, weekday in enumerate(_WEEKDAYS):
        if re.search(rf"\b{weekday}\b", words):
            back = (today.weekday() - at) % 7 or 7
            return _of(today - timedelta(days=back))
    return None


def _ago(words: str, today: date) -> SaidDate | None:
    """« il y a trois mois », « ça fait un an et demi », « deux ans »."""
    found = _AGO.search(re.sub(r"\bj ai \d+ ans\b", " ", words))
    if found is None:
        return None
    count, unit = int(found["count"]), found["unit"]
    if count > 60:
        return None
    if unit.startswith("an"):
        if found["more"]:
            return _months_ago(count * 12 + int(found["more"]), today)
        if found["half"]:
            return replace(_months_ago(count * 12 + 6, today), doubtful=True)
        return SaidDate(today.year - count)
    if unit == "mois":
        months = _months_ago(count, today)
        return replace(months, doubtful=True) if found["half"] else months
    if unit.startswith("semaine"):
        return replace(_of(today - timedelta(weeks=count)), day=None)
    return replace(_of(today - timedelta(days=count)), doubtful=count in (8, 15))


def _months_ago(months: int, today: date) -> SaidDate:
    total = today.year * 12 + today.month - 1 - months
    return SaidDate(total // 12, total % 12 + 1)


def _of(day: date) -> SaidDate:
    return SaidDate(day.year, day.month, day.day)


def latest(said: SaidDate, today: date) -> SaidDate:
    """A month without its year is the last one there was."""
    assert said.month is not None
    later = (said.month, said.day or 1) > (today.month, today.day)
    return replace(said, year=today.year - later, doubtful=True)

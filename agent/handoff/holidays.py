"""French public holidays, by law: Code du travail, L3133-1; in Alsace and Moselle L3134-13 too.

The package `holidays` would know them, but cannot be installed beside chromadb (python-dateutil).
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from dateutil.easter import easter

_FIXED = {
    (1, 1): "Jour de l'an",
    (5, 1): "Fête du Travail",
    (5, 8): "Victoire 1945",
    (7, 14): "Fête nationale",
    (8, 15): "Assomption",
    (11, 1): "Toussaint",
    (11, 11): "Armistice 1918",
    (12, 25): "Noël",
}
_AFTER_EASTER = {1: "Lundi de Pâques", 39: "Ascension", 50: "Lundi de Pentecôte"}


@lru_cache(maxsize=256)
def holidays_of(year: int, *, alsace_moselle: bool = False) -> dict[date, str]:
    """The public holidays of a year by date, with their French names.

    Args:
        year: From 1583 (Gregorian Easter) to 4099.
        alsace_moselle: Good Friday and Saint Stephen's day too.
    """
    sunday = easter(year)
    found = {date(year, month, day): name for (month, day), name in _FIXED.items()}
    for days, name in _AFTER_EASTER.items():
        found.setdefault(sunday + timedelta(days), name)
    if alsace_moselle:
        found.setdefault(sunday - timedelta(2), "Vendredi saint")
        found[date(year, 12, 26)] = "Saint-Étienne"
    return dict(sorted(found.items()))

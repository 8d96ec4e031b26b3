"""Written French to what a person says aloud, as text that espeak-ng pronounces properly.

Spellings such as « plusse », « etcétéra » and « I grec » are there for espeak-ng's French rules,
which read « plus », « et cetera » and « Y » otherwise than a person does before a number.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from voices.numbers import (
    UNITS,
    cardinal,
    counted,
    day_of_month,
    decimal,
    figures,
    letters,
    ordinal,
    pairs,
    spelled,
)

LONGEST_CHUNK = 220
"""Characters: a chunk much longer than this delays the first sound and loses the caller."""

Match = re.Match[str]


_PER = {"an": "an", "jour": "jour", "j": "jour", "mois": "mois", "cycle": "cycle",
        "semaine": "semaine", "lavage": "lavage", "personne": "personne"}  # fmt: skip
_LENGTHS = r"(?:km|cm|mm|m)"
_ABBREVIATIONS = {
    r"p\. ?ex\.|par ex\.|ex\.(?= ?:)|ex\.": "par exemple",
    r"c\.?-à-d\.": "c'est-à-dire",
    r"cf\.?": "voir",
    r"pp\.(?= ?\d)|p\.(?= ?\d+ ?[-–à])": "pages",
    r"p\.(?= ?\d)|pg\.": "page",
    r"figs?\.": "figure",
    r"réf\.": "référence",
    r"tél\.|tel\.": "téléphone",
    r"env\.|approx\.": "environ",
    r"n[°º]|no\.(?= ?\d)|num\.": "numéro",
    r"chap\.": "chapitre",
    r"n\.?b\.?(?= ?:)": "nota béné",
    r"mme\b": "madame",
    r"temp\.": "température",
    r"prog\.": "programme",
}
_MAY_END = {"max": "maximum", "min": "minimum", "etc": "etcétéra"}
_SPELLED = {"SAV", "HE", "UV", "USB", "LCD", "HT", "TTC", "TV", "NF", "DVD", "ID", "QR"}
_FRACTIONS = {(1, 2): "un demi", (1, 3): "un tiers", (2, 3): "deux tiers",
              (1, 4): "un quart", (3, 4): "trois quarts"}  # fmt: skip
_ROMAN = {"I": 1, "V": 5, "X": 10}

_N = r"(?:(?<![\w.,/])(?:[1-9]\d{0,2}(?:[ .]\d{3})+(?!\d)|\d+)(?:[.,]\d+)?(?!\d))"
_U = "(?:" + "|".join(re.escape(unit) for unit in sorted(UNITS, key=len, reverse=True)) + ")"
_UEND = r"(?![\w'²³°])(?:(?<=min|sec)\.(?= [a-zà-ÿ]))?"
_BARE = r"(?:tr/min|kWh|°C|dB\(A\)|dB|kg|km|cm|mm|m[lL]|cl|MPa|kW|Hz|mA|m²|m³)"
_NOUN = r"(?:mois|ans|années|jours|semaines|heures|minutes|places|couverts|programmes|fois)"
_SUBSTITUTIONS: list[tuple[re.Pattern[str], str | Callable[[Match], str]]] = []


def _rule(pattern: str, flags: int = 0) -> Callable[[Callable[[Match], str]], None]:
    """Adds the decorated function as the next rule: rules run in the order of this file."""

    def add(replace: Callable[[Match], str]) -> None:
        _SUBSTITUTIONS.append((re.compile(pattern, flags), replace))

    return add


def _replace(pattern: str, by: str, flags: int = 0) -> None:
    _SUBSTITUTIONS.append((re.compile(pattern, flags), by))


# Addresses.


@_rule(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\b(?:https?://|www\.)[\w./-]*\w/?"
       r"|\b[a-z][a-z0-9-]+\.(?:fr|com|org|net|eu|be|ch)\b(?:/[\w/-]*)?")  # fmt: skip
def _address(found: Match) -> str:
    text = re.sub(r"^https?://", "", found[0]).rstrip("/")
    said = []
    for part in re.findall(r"www(?=\.)|[^\W\d_]+|\d+|[^\w]|_", text):
        signs = {"@": "arobase", ".": "point", "-": "tiret", "_": "tiret bas", "/": "barre",
                 "+": "plusse", "www": "trois W"}  # fmt: skip
        if part.isdigit():
            said.append(figures(part, longest=3))
        elif part in signs:
            said.append(signs[part])
        else:
            short = part.upper() in _SPELLED or (len(part) == 2 and said[-1:] == ["point"])
            said.append(letters(part) if short else part)
    return " ".join(said)


# Abbreviations, telephone numbers, dates and times.

for _pattern, _said in _ABBREVIATIONS.items():
    _replace(rf"(?<![\w.])(?:{_pattern})(?![^\W\d]) ?", f"{_said} ", re.I)


@_rule(r"(?<!\w)\+ ?33[ .]?(?:\(0\))?[ .]?([1-9])((?:[ .-]?\d\d){4})(?!\d)")
def _international(found: Match) -> str:
    digits = re.sub(r"\D", "", found[2])
    return f"plusse trente-trois, {figures(found[1])}, {pairs(digits)}"


@_rule(r"(?<![\w,])0 ?(8\d\d) ?(\d{3}) ?(\d{3})(?!\d)")
def _free_number(found: Match) -> str:
    return f"zéro {figures(found[1])}, {figures(found[2])}, {figures(found[3])}"


@_rule(r"(?<![\w,])0[1-9](?:[ .-]?\d\d){4}(?!\d)")
def _telephone(found: Match) -> str:
    return pairs(re.sub(r"\D", "", found[0]))


@_rule(r"(?<![\w/.])(?:(\d{1,2})([/.])(\d{1,2})\2(\d{4}|\d\d)|(\d{4})-(\d\d)-(\d\d))(?![\w/])")
def _date(found: Match) -> str:
    said = day_of_month(int(found[1] or found[7]), int(found[3] or found[6]))
    year = int(found[4] or found[5])
    if said is None:
        return found[0].replace("/", " ").replace(".", " point ")
    return f"{said} {cardinal(year if year > 99 else 2000 + year)}"


@_rule(r"\b(le|du|au) (\d{1,2})/(\d{1,2})(?![\w/])(?! (?:mois|ans|h\b))")
def _day(found: Match) -> str:
    said = day_of_month(int(found[2]), int(found[3]))
    return f"{found[1]} {said}" if said else found[0]


_replace(r"\b24 ?h? ?/ ?24 ?h?\b(?: ?(?:et|,) ?)? ?7 ?j? ?/ ?7 ?j?\b",
         "vingt-quatre heures sur vingt-quatre, sept jours sur sept")  # fmt: skip
_replace(r"\b24 ?h? ?/ ?24 ?h?\b", "vingt-quatre heures sur vingt-quatre")
_replace(r"\b7 ?j? ?/ ?7 ?j?\b", "sept jours sur sept")
_CLOCK = (
    r"(?<![\w,.:/])(\d{1,2})(?: ?[hH] ?(?:(\d\d)(?!\d)(?: ?(?:min|mn)\b)?)?|:([0-5]\d)(?![\d:]))"
)


def _clock(hour: str, minutes: str) -> str:
    said = counted(str(int(hour)), UNITS["h"]) if int(hour) else "zéro heure"
    return f"{said} {cardinal(int(minutes), feminine=True)}" if int(minutes or 0) else said


@_rule(rf"(?:\b(de|entre) )?{_CLOCK} ?[-–—] ?{_CLOCK}(?!\w)")
def _opening(found: Match) -> str:
    start, end = _clock(found[2], found[3] or found[4]), _clock(found[5], found[6] or found[7])
    return f"entre {start} et {end}" if found[1] == "entre" else f"de {start} à {end}"


@_rule(_CLOCK + r"(?![\w'/])")
def _time(found: Match) -> str:
    return _clock(found[1], found[2] or found[3])


@_rule(r"(?<![\w.,])(\d+),5 ?h\b(?!/)")
def _half_hours(found: Match) -> str:
    return f"{counted(found[1], UNITS['h'])} et demie"


# Fractions, ranges and quantities.

_replace(r"(?<=\d V) ?~ ?", ", ")
_replace(r"(?<=[ÉEée]co )40 ?[-–] ?60\b", "quarante-soixante")
_replace(r"\b1/2[ -]?(?=heure|journée|dose|tasse)", "une demi-")


@_rule(
    rf"(?<![\w/.,])(?:(\d+) )?([½¼¾]|\d{{1,3}}/\d{{1,3}})(?![\w/])(?: ?({_U}){_UEND}| ({_NOUN})\b)?"
)
def _fraction(found: Match) -> str:
    written = {"½": "1/2", "¼": "1/4", "¾": "3/4"}.get(found[2], found[2])
    over, under = (int(part) for part in written.split("/"))
    unit, said = UNITS.get(found[3] or ""), _FRACTIONS.get((over, under))
    if said and found[1]:
        part = "demie" if (over, under) == (1, 2) and unit and unit.feminine else said
        count = counted(found[1], unit) if unit else cardinal(int(found[1]))
        return f"{count} et {part.removeprefix('un ')}"
    before = f"{cardinal(int(found[1]))} " if found[1] else ""
    if said and not found[4]:
        if not unit:
            return before + said
        half = "une demi" if unit.feminine else "un demi"
        of = "d'" if unit.one[0] in "aeéhiou" and unit.one != "hertz" else "de "
        return f"{half}-{unit.one}" if under == 2 else f"{said} {of}{unit.one}"
    after = f" {unit.many}" if unit else f" {found[4]}" if found[4] else ""
    return f"{before}{cardinal(over)} {'ou' if after else 'sur'} {cardinal(under)}{after}"


@_rule(rf"(?:\b(de|à|entre|pages?|étapes|figures?|points|codes|articles) )?({_N})(?: ?({_U}))?"
       rf" ?[-–—] ?((?<=[-–— ])\d[\d .]*(?:,\d+)?(?<! )(?<!\.))(?: ?({_U}){_UEND})?(?![\w-])",
       re.I)  # fmt: skip
def _range(found: Match) -> str:
    before, low, high = (found[1] or "").lower(), found[2], found[4]
    unit = UNITS.get(found[5] or found[3] or "")
    end = counted(high, unit) if unit else decimal(high)
    both = found[3] and found[5] and found[3] != found[5]
    start = counted(low, UNITS[found[3]]) if both else decimal(low)
    if before in ("", "de"):
        return f"de {start} à {end}"
    return f"{found[1]} {start} {'et' if before == 'entre' else 'à'} {end}"


@_rule(rf"({_N})(?: ?({_LENGTHS}))? ?[x×] ?(\d+(?:,\d+)?)(?: ?({_LENGTHS}))?"
       rf"(?: ?[x×] ?(\d+(?:,\d+)?))? ?({_LENGTHS})\b")  # fmt: skip
def _dimensions(found: Match) -> str:
    *firsts, last = [part for part in (found[1], found[3], found[5]) if part]
    said = [*(decimal(part) for part in firsts), counted(last, UNITS[found[6]])]
    return " par ".join(said)


_replace(r"(?<=\d) ?[x×] ?(?=\d)", " fois ")
_replace(r"(?<=\d) ?[x×](?= |$)", " fois")
_replace(r"(?<![^\s(,])[-−–](?=\d)|(?<=[\w,] )[-−] (?=\d+ ?°)|−(?= ?\d)", "moins ")
_replace(r"\bà moins (?=\d+ ?(?:cm|mm|m)\b)", "à moins de ")


@_rule(r"(?<![\w,.])(\d+)[,.](\d\d) ?(?:€|EUR\b)|(?<![\w,.])(\d+) ?€ ?(\d\d)(?!\d)")
def _price(found: Match) -> str:
    euros, cents = int(found[1] or found[3]), int(found[2] or found[4])
    if not euros and cents:
        return counted(str(cents), UNITS["centime"])
    said = counted(str(euros), UNITS["€"])
    return f"{said} {cardinal(cents)}" if cents else said


@_rule(rf"(?<=\w) ?/ ?(?:(\d+) ?)?({'|'.join(_PER)}|min|h|s|kg|l|L|m²|m³)(?![\w'/])(?<=[\w²³])")
def _per(found: Match) -> str:
    # The number and unit before the stroke are still to be read: keep a space for their rule.
    name = _PER.get(found[2]) or UNITS[found[2]].one
    if found.string[: found.start()].endswith(("tr", "trs", "tours", " t")):
        return found[0]
    known = re.search(rf"(?:\d ?|\b){_U}$", found.string[: found.start()])
    if not known and not found.string[: found.start()].endswith(("litres", "fois", "centimes")):
        return found[0]
    return f" pour {cardinal(int(found[1]))} {name}s" if found[1] else f" par {name}"


_replace(r"(?<=kWh) ?/ ?(?=\d+ cycles)", " pour ")


@_rule(rf"({_N}) ?({_U}){_UEND}")
def _quantity(found: Match) -> str:
    return counted(found[1], UNITS[found[2]])


@_rule(rf"(?<![\w/])({_BARE})(?![\w/²³])(?:(?<=min)\.(?= [a-zà-ÿ]))?|(?<= )[€%](?= |$)")
def _unit_alone(found: Match) -> str:
    return UNITS[found[1] or found[0]].many


# Abbreviations that may end a sentence keep their full stop when they do.

for _short, _said in _MAY_END.items():
    _replace(rf"(?<![\w.-])(?i:{_short})\b(?:\.+(?! *$| +[A-ZÀ-Ý]))?", _said)
_replace(r"\bM\. (?=[A-ZÀ-Ý])", "monsieur ")


@_rule(r"\b(?:[A-Z]\.){2,}(?![A-Z]| *$| +[A-ZÀ-Ý])|\b(?:[A-Z]\.)+[A-Z](?=\W|$)")
def _dotted(found: Match) -> str:
    return letters(found[0].replace(".", ""))


# Ranks, codes, references and the numbers that are left.


@_rule(r"(?<![\w,.])(\d+)(ers?|ères?|ères?|res?|èmes?|emes?|es?|nde?s?)(?!\w)")
def _rank(found: Match) -> str:
    said = ordinal(int(found[1]), feminine=found[2].startswith(("re", "ère")))
    return said + ("s" if found[2].endswith("s") else "")


@_rule(r"\b((?:classe|étape|phase|partie|chapitre|niveau|annexe|type|groupe|section|tableau)s?) "
       r"([ivxIVX]{1,5})(?![\w'])", re.I)  # fmt: skip
def _roman(found: Match) -> str:
    if not re.fullmatch(r"X{0,3}(?:IX|IV|V?I{0,3})", found[2]):
        return found[0]
    values = [_ROMAN[letter] for letter in found[2]]
    pairs = zip(values, [*values[1:], 0], strict=True)
    return f"{found[1]} {cardinal(sum(-one if one < two else one for one, two in pairs))}"


@_rule(r"(?<=[Cc]lasse )([A-G])(\+{1,3})|\b([A-G])(\+{1,3})(?!\w)")
def _energy_class(found: Match) -> str:
    return (found[1] or found[3]) + " plusse" * len(found[2] or found[4])


@_rule(
    r"(?<![\w.])(?=[A-Za-z0-9/-]*\d)(?=[A-Za-z0-9/-]*[A-Za-z])(?:[A-Za-z0-9]+)(?:[-/][A-Z0-9]+)*\b"
)
def _code(found: Match) -> str:
    return spelled(found[0])


@_rule(r"\b(?![A-Z][a-z]+[A-Z][a-z])(?=[A-Za-z]+[A-Z]|[A-Z]{2})(?=[A-Z]*[a-z])[A-Za-z]{2,4}\b")
def _display(found: Match) -> str:
    """What a display shows in the letters that it has: CLn, dEo."""
    return letters(found[0])


@_rule(r"\b[A-Z]{2,4}\b")
def _acronym(found: Match) -> str:
    spelled = found[0] in _SPELLED or not re.search("[AEIOUY]", found[0])
    return letters(found[0]) if spelled else found[0]


_replace(r"(?<=[Mm]arquage )CE\b|(?<=[Nn]orme )CE\b", "C E")
_replace(r"(?<=\d)\.(?=\d+\.\d)|(?<=\d\.\d)\.(?=\d)", " point ")
_replace(r"(?<![\w'])Y(?![\w']|[ -](?:a|en|avait|aura|aurait|ait)\b)", "I grec")


@_rule(_N)
def _number(found: Match) -> str:
    return decimal(found[0])


@_rule(r"\d+")
def _digits_left(found: Match) -> str:
    return f" {figures(found[0])} "


_replace(r" ?(?:→|⇒|►|➔|➜|>(?= ?[A-ZÀ-Ý])) ?", ", ")
for _sign, _said in {"≥": "au moins", "≤": "au plus", ">": "plus de", "<": "moins de", "=": "égale",
                     "±": "plus ou moins", r"\+": "plusse", "&": "et", "[~≈]": "environ",
                     "§": "paragraphe", "Ø": "diamètre", "×": "par", "€": "euros",
                     "%": "pour cent", "°": "degrés", "(?<=touche )#": "dièse",
                     r"(?<=touche )\*": "étoile"}.items():  # fmt: skip
    _replace(f" ?{_sign} ?", f" {_said} ")
_replace(r"\bet ?/ ?ou\b", "ou")
_replace(r"(?<=\w)\((?:s|x|es)\)", "s")
_replace(r"(?<=\w)\((?:e|ne)\)", "")
_replace(r" ?[([{] ?| ?[)\]}] ?| [-–—−] |[–—]", ", ")
_replace(r"(?:\.{3,}|…)(?= ?[a-zà-ÿ])", ", ")
_replace(r"\.{3,}|…", ". ")
_replace(r"[/|_*#^~\\<>«»“”„\"`®©™•]", " ")
_replace(r"[^\w\s.,;:!?'’-]", " ")
_replace(r"\s+", " ")
_replace(r" (?=[.,;:!?])", "")
_replace(r"(?:, ?)+(?=[.,;:!?])|(?<=[.;:!?]),", "")
_replace(r"(?<=[,;:]) ?[,;:]+", "")
_replace(r"(?<=[.!?])(?: ?\.)+", "")
_replace(r"([,;:!?])(?=\w)", r"\1 ")
_replace(r"^[\s,;:.!?-]+|[\s,;:-]+$", "")

_BULLET = re.compile(r"^\s*(?:[•◦▪■●‣·–—*✓✔➢►▶-]+\s+|[•▪■●✓✔►])")
_STEP = re.compile(r"^\s*(\d{1,2})[.)]\s+(?=[A-ZÀ-Ý«])")


def _one_line(text: str) -> str:
    """Joins the lines, ending a sentence where a list item or a blank line ends it."""
    joined, broken = "", True
    for line in text.splitlines():
        step, bullet = _STEP.match(line), _BULLET.match(line)
        if step:
            line = f"{cardinal(int(step[1]))}, {line[step.end() :]}"
        elif bullet:
            line = line[bullet.end() :]
        line = re.sub(r"\*\*|__|^\s*#+ ", "", line).strip()
        if not line:
            broken = True
            continue
        if joined:
            ends = joined[-1] in ".!?:;,…"
            joined += " " if ends or not (broken or step or bullet) else ". "
        joined, broken = joined + line, False
    return joined


def speakable(text: str) -> str:
    """Rewrites French text as it is said aloud: no figure, symbol or abbreviation is left.

    Applied to its own result it changes nothing.
    """
    text = re.sub(r"[    ​\t]", " ", text)
    text = re.sub(r"[’ʼ]", "'", text).replace("‑", "-").replace("\xad", "")
    text = re.sub(r"« ?| ?»", "", _one_line(text))
    text = re.sub(r" {2,}", " ", text)
    for pattern, replacement in _SUBSTITUTIONS:
        text = pattern.sub(replacement, text)
    return text


def _chunks(sentence: str) -> list[str]:
    """Cuts an overlong sentence at its last ; or : that fits, else a comma, else a space."""
    chunks = []
    while len(sentence) > LONGEST_CHUNK:
        head = sentence[:LONGEST_CHUNK]
        stops = (max(head.rfind("; "), head.rfind(": ")), head.rfind(", "), head.rfind(" ") - 1)
        cut = next((stop for stop in stops if stop >= LONGEST_CHUNK // 5), LONGEST_CHUNK - 1)
        chunks.append(sentence[: cut + 1].strip())
        sentence = sentence[cut + 1 :].strip()
    return [*chunks, sentence] if sentence else chunks


def sentences(text: str) -> list[str]:
    """Makes text speakable and splits it into sentences of at most `LONGEST_CHUNK` characters.

    Abbreviations and figures are in words by then: each full stop left ends a sentence.
    """
    parts = re.split(r"(?<=[.!?]) +", speakable(text))
    return [chunk for part in parts if part for chunk in _chunks(part)]

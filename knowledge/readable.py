"""A manual's sentences without what only a reader can use: figures, pages, marks. Pure.

« Tournez le filtre (A) vers la gauche, cf. fig. 3 » → « Tournez le filtre vers la gauche. »
"""

from __future__ import annotations

import re

SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-ZÀ-ÖØ-Þ«])")

_NUMBERED = r"(?:\d+(?:\.\d+)*|[A-Z])"
_NAMED = r"[\w.-]*\w"
_AND = rf"(?:(?:,| et| ou| à|-|–)\s?(?:pages? |p\. ?|fig\. ?|§ ?)?{_NUMBERED}(?![\w°]))*"
_PLACE = (
    r"(?:fig(?:ures?|s?\.)?|sch[ée]mas?|dessins?|illustrations?|photos?|rep[èe]res?"
    r"|tableaux?|pages?|p\.|chapitres?|chap\.|paragraphes?|sections?|rubriques?|annexes?|§)"
)
_SHOWN = r"(?:indiqu|montr|d[ée]cri|expliqu|illustr|pr[ée]sent|repr[ée]sent|vu|dit|pr[ée]cis)\w*"
_LEAD = (
    rf"(?:(?:et |puis )?(?:[Vv]oir|[Cc]f\.?|[Cc]onsulte[rz]|[Ss]e (?:reporter|r[ée]f[ée]rer)|"
    rf"[Rr](?:eporte|[ée]f[ée]re)z[- ]vous)(?: aussi| [ée]galement| ci-[a-zà-ÿ]+)?(?: :)?|"
    rf"(?:comme|ainsi que|tel qu['’]?) ?(?:il est |elle est |est )?{_SHOWN}|selon|conform[ée]ment)"
)
_TO = r"(?: (?:aux?|à|en|dans|sur|les?|la|du|des?|l['’])(?:(?: la| les?)| l['’])?)?"
_AROUND = r"(?:ci-(?:dessous|dessus|contre|apr[èe]s)|suivante?s?|pr[ée]c[ée]dente?s?|en regard)"

_REMOVED = tuple(
    re.compile(pattern)
    for pattern in (
        # « (voir 6.5, page 10) », « (fig. 1, repère 8) », « (page 4) », « (8.2) », « (A) »
        rf"\s*\((?:[Vv]oir |[Cc]f\.? ?)?(?:aussi )?(?:le |la |les )?(?:{_PLACE} ?)?{_NUMBERED}"
        rf"(?:(?:,| et| ou| à|-|–)\s?(?:{_PLACE} ?)?{_NUMBERED})*\)",
        r"\s*\((?:[Vv]oir|[Cc]f\.?)\b[^()]*\)",
        rf"\s*\([^()]*\b(?:fig\.|figure|rep[èe]re|page) ?{_NUMBERED}[^()]*\)",
        # « , voir aussi le paragraphe 6.5 », « comme il est dit en 6.7 », « cf. fig. 3 »
        rf"(?: ;|,)? ?(?<![\w]){_LEAD}{_TO} ?(?:{_PLACE} ?(?:n° ?)?)?{_NUMBERED}(?![\w°]){_AND}"
        rf"(?! (?:kg|cm|mm|min|h|s|l|W|V|tours|degr))(?: {_AROUND})?",
        rf"(?: ;|,)? ?(?<![\w]){_LEAD}{_TO} ?(?:{_PLACE} )?{_AROUND}",
        # « , page 14, message iF0 », « , page 10 », « à la page 9 », « , repère 4 »
        rf"(?:,| à la)? (?:pages? |p\. ?)\d+, (?:au |le |la )?(?:codes?|messages?|rubriques?)"
        rf" {_NAMED}(?=\s*[.;,:!?)]|$)",
        rf"(?:,| à la| aux| en| de la)? (?:pages? |p\. ?)\d+{_AND}(?=\s*[.;,:!?)]|$)",
        rf",? (?:sur|dans|de) (?:la|le|les) (?:fig\. ?|figures? |sch[ée]mas? |tableaux? )\d+{_AND}",
        rf", ?(?:rep[èe]res?|rep\.|fig\.|figures?) ?{_NUMBERED}(?!\w){_AND}",
        rf",? (?:dans|sur|selon|d['’]après|à|par) (?:le|la|les|l['’]) ?(?:tableau|figure"
        rf"|sch[ée]ma|liste"
        rf"|illustration|dessin|page)s? {_AROUND}",
        r",? ci-(?:dessous|dessus|contre|apr[èe]s)\b",
    )
)  # fmt: skip
_POINTS_ELSEWHERE = re.compile(
    r"^(?:[Vv]oir )?(?:à la )?(?:[Pp]ages?|p\.) ?\d+(?:\s?(?:,|et|à|-|–)\s?\d+)*"
    rf"(?:, (?:codes?|messages?|rubriques?) {_NAMED})?\s*\.?$|"
    rf"^(?:[Ll]e|[Ll]a|[Ll]es|[Ll]['’]) ?(?:tableau|figure|sch[ée]ma|illustration|liste)s? "
    rf"(?:{_AROUND}|\d+)|\b(?:figure(?:nt)?|se trouve(?:nt)?|est|sont|indiqu\w+|d[ée]crit\w*"
    rf"|donn\w+) "
    rf"(?:à la )?pages? \d+\s*\.?$"
)
_SIGNAL = re.compile(
    r"^(?:[⚠⚡☞☛►▶❗!\s]+|(?:DANGER|ATTENTION|AVERTISSEMENT|MISE EN GARDE|IMPORTANT|PRUDENCE"
    r"|REMARQUE"
    r"|CONSEIL|NOTA|N\.? ?B\.?)\s*[–—:!.-]?\s*(?=[A-ZÀ-ÖØ-Þ«0-9]|$)|(?:Attention"
    r"|Avertissement|Danger"
    r"|Mise en garde|Important|Prudence|Remarque|Nota|Conseil) ?[–—:!-]\s*)"
)
_BARE_LABEL = re.compile(r"(?:^|(?<=[.!?;] ))[^.!?;]{1,40} :\s*[.;]")
"""« Sigles :. » is left of « Sigles : voir 5.1. »."""

_WRITTEN = (
    (re.compile(r"\bmax\.(?=\s|$|\))"), "maximum"),
    (re.compile(r"(?<!\d )(?<!\d)(?<!/)(?<!/ )\bmin\.(?=\s|$|\))"), "minimum"),
    (re.compile(r"\bs['’]il y a lieu\b"), "si besoin"),
    (re.compile(r"\bN\.? ?B\.\s*:?\s*"), ""),
    (re.compile(r"\bc\.?-à-d\.?"), "c'est-à-dire"),
    (re.compile(r"(?<=\d) ?[×x] ?(?=\d)"), " sur "),
    (re.compile(r"\bØ ?"), "diamètre "),
    (re.compile(r" [→►] "), ", "),
    (re.compile(r"[⚠⚡☞☛▶❗]\s*"), ""),
)


def without_signal(text: str) -> str:
    """A warning without its « ATTENTION – », which a voice gives by its tone."""
    return _SIGNAL.sub("", text)


def clean(text: str) -> str:
    """Without what only a reader can use: « (8.2) », « (voir 6.5) »; "" if that was all."""
    kept = []
    for sentence in SENTENCE_END.split(re.sub(r"\s+", " ", text).strip()):
        if _POINTS_ELSEWHERE.search(sentence):
            continue
        for pattern in _REMOVED:
            sentence = pattern.sub("", sentence)
        if any(character.isalnum() for character in sentence):
            kept.append(sentence.strip())
    cleaned = " ".join(kept)
    for pattern, words in _WRITTEN:
        cleaned = pattern.sub(words, cleaned)
    cleaned = re.sub(r"\s+([.,)])", r"\1", re.sub(r"\s+", " ", cleaned)).strip()
    cleaned = re.sub(r"(?:\s*[;,:]\s*)+(?=[.!?])", "", _BARE_LABEL.sub("", cleaned).strip())
    if not any(character.isalnum() for character in cleaned):
        return ""  # nothing but a reference
    return cleaned if cleaned[-1] in ".!?…" else cleaned.rstrip(" ;:,") + "."

"""Names that are said: « je m'appelle … », « madame … », « … à l'appareil »; and known ones.

A name without such words before it is not told from any other word; who knows the name of a ticket
gives it (`known_names`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from agent.privacy.letters import NUMBER_WORDS, spelled_end
from agent.privacy.span import Span, Token, plain

_LEADS = (
    "je m appelle", "je me nomme", "m appelle", "mon nom c est", "mon nom est", "nom de famille",
    "nom de famille c est", "nom de famille est", "prenom c est", "prenom est", "au nom de",
    "au nom d", "mari s appelle", "femme s appelle", "madame", "monsieur", "mademoiselle", "mme",
    "mlle", "mr", "m", "veuve", "maitre", "docteur",
)  # fmt: skip
_LEAD_WORDS: dict[str, list[tuple[str, ...]]] = {}
for _lead in _LEADS:
    _LEAD_WORDS.setdefault(_lead.split()[0], []).append(tuple(_lead.split()))
_CAPITAL_ONLY = frozenset(("m", "mr", "maitre", "docteur"))
"""Short for « monsieur » or a calling: a name only with a capital behind it."""

_PARTICLES = frozenset("de du des la le d l o von van den der ben el al saint sainte".split())
_NOT_NAMES = frozenset(
    "bonjour bonsoir merci oui non je j vous tu il elle on nous ils est et a au aux le la les l un"
    " une que qui quoi mais donc alors pour par pas sur dans avec sans comment bien tres c ce ca"
    " cela s si euh heu voila au revoir garantie ciel pouvez pourriez excusez pardon attendez dit"
    " vient veut appelle propre mon ma mes son sa ses votre notre en y ne n qu quand ou or car ici"
    " machine appareil sav service marque societe entreprise conseiller conseillere technicien"
    " technicienne directeur directrice madame monsieur mademoiselle tout toute plus moins encore"
    " toujours rappelle attend absolument exactement parfaitement dame du des me te se ai ete etait"
    " sera serait aidez venez dites regardez parle moi toi lui aucun aucune des deja nonante"
    " voyez savez comprenez chaud".split()
)
_TITLES = frozenset("madame monsieur mademoiselle mme mlle".split())
_ARTICLES = frozenset("le la un une ce cette mon bon bonne petit vieux croque autre jeune".split())
"""Before « monsieur » they make it a word like any other: « le monsieur du gaz »."""

_ASIDE = frozenset(
    "euh heu alors simplement nom prenom mettez notez deux lettre lettres mots mot commence fin"
    " epelle espace trait union crois c s d t l e avec jeune fille".split()
)
_ALONE = 6
"""Words of an answer that may be nothing but a name."""

_BEHIND = ("a", "l", "appareil")
_ALLOWED_GAP = re.compile(r"[ \-'’.\u00a0]*")


def spoken_names(tokens: Sequence[Token]) -> Iterator[Span]:
    """The names that follow such words, with the letters that spell them."""
    found_to = 0
    lower = not any(token.raw[0].isupper() for token in tokens)
    for at in range(len(tokens)):
        lead = _lead_at(tokens, at)
        if not lead or at + lead < found_to:
            continue
        title = tokens[at].plain in _TITLES
        if title and at and tokens[at - 1].plain in _ARTICLES:
            continue
        start = at + lead
        while start < len(tokens) and (more := _lead_at(tokens, start)):
            start += more
        if title and start < len(tokens) and "," in tokens[start].gap:
            continue  # « madame, … »
        short = tokens[start - 1].plain in _CAPITAL_ONLY
        end = _name_end(tokens, start, capital=short or (title and not lower))
        if end > start:
            found_to = end
            yield Span(tokens[start].start, tokens[end - 1].end, "name")
            yield from _spelled(tokens, end)
    yield from _before_phone(tokens)


def _lead_at(tokens: Sequence[Token], at: int) -> int:
    """How many tokens from here on announce a name; 0 for none."""
    best = 0
    for words in _LEAD_WORDS.get(tokens[at].plain, ()):
        size = len(words)
        here = tokens[at : at + size]
        if size > best and tuple(token.plain for token in here) == words:
            single = words == ("m",) and not (tokens[at].raw == "M" and _capital(tokens, at + 1))
            best = best if single else size
    return best


def _capital(tokens: Sequence[Token], at: int) -> bool:
    return at < len(tokens) and tokens[at].raw[0].isupper() and len(tokens[at].raw) > 1


def _name_end(tokens: Sequence[Token], start: int, *, capital: bool) -> int:
    """Where a name that begins at a token ends; there, if none does."""
    end, names = start, 0
    while end < len(tokens) and names < 3:
        token = tokens[end]
        if end > start and not _ALLOWED_GAP.fullmatch(token.gap.replace(". ", "")):
            break
        if end > start and token.gap.startswith((". ", ", ")):
            break
        if token.plain in _PARTICLES and _particle(tokens, end):
            end += 1
            continue
        word = token.raw.isalpha() and len(token.raw) > 1 and token.plain not in _NOT_NAMES
        if not word or ((capital or names) and not _goes_on(token)):
            break
        end, names = end + 1, names + 1
    return end if names else start


def _goes_on(token: Token) -> bool:
    """Whether a further word belongs to a name: written with a capital, or joined to it."""
    return token.raw[0].isupper() or token.gap in ("-", "'", "’")


def _particle(tokens: Sequence[Token], at: int) -> bool:
    """« Le Goff », « de la Fontaine », « d'Angelo »: only before a word with a capital."""
    following = at + 1
    while following < len(tokens) and tokens[following].plain in _PARTICLES:
        following += 1
    return _capital(tokens, following)


def _spelled(tokens: Sequence[Token], at: int) -> Iterator[Span]:
    """The letters that follow a name, straight on or after « ça s'écrit »."""
    while at < len(tokens) and tokens[at].plain in ("ca", "s", "ecrit", "cela", "j", "epelle"):
        at += 1
    end = spelled_end(tokens, at)
    if end > at:
        yield Span(tokens[at].start, tokens[end - 1].end, "name")


def spelled_by_words(tokens: Sequence[Token]) -> Iterator[Span]:
    """« M comme Marcel, A comme Anatole… », unless figures beside it make it a reference."""
    at = 0
    while at + 1 < len(tokens):
        end = spelled_end(tokens, at) if tokens[at + 1].plain == "comme" else at
        if end > at and not any(_of_reference(token.plain) for token in tokens):
            yield Span(tokens[at].start, tokens[end - 1].end, "name")
        at = max(end, at + 1)


def _of_reference(word: str) -> bool:
    return word.isdigit() or word in NUMBER_WORDS or word in ("reference", "modele", "serie")


def answered_name(tokens: Sequence[Token]) -> Iterator[Span]:
    """The name in an answer to « À quel nom ? »: capitals and letters, or a few words alone."""
    words = [token for token in tokens if token.plain not in _NOT_NAMES | _ASIDE]
    few = len(tokens) <= _ALONE and not any(token.raw[0].isupper() for token in words)
    at = 0
    while at < len(tokens):
        token = tokens[at]
        end = spelled_end(tokens, at)
        named = token in words and token.raw.isalpha() and len(token.raw) > 1
        if end > at or (named and (few or token.raw[0].isupper())):
            end = max(end, at + 1)
            yield Span(token.start, tokens[end - 1].end, "name")
        at = max(end, at + 1)


def _before_phone(tokens: Sequence[Token]) -> Iterator[Span]:
    """« Durand à l'appareil »."""
    for at in range(1, len(tokens) - 2):
        if tuple(token.plain for token in tokens[at : at + 3]) == _BEHIND:
            name = tokens[at - 1]
            named = name.raw[0].isupper() and name.plain not in _NOT_NAMES and len(name.raw) > 2
            if named and name.raw.isalpha():
                yield Span(name.start, name.end, "name")


def known_names(tokens: Sequence[Token], names: Iterable[str]) -> Iterator[Span]:
    """The words of a text that are these names, in any case, with or without accents."""
    known = {
        part for name in names for part in re.findall(r"[^\W\d_]+", plain(name)) if len(part) > 2
    } - _PARTICLES
    for token in tokens:
        if token.plain in known:
            yield Span(token.start, token.end, "name")

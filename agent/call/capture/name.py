"""A caller's surname, said, spelled or both: « c'est madame Martin, M A R T I N »."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from agent.call.capture.letter_names import letter_named
from agent.call.capture.numerals import is_number
from agent.call.capture.reading import NOTHING, Reading
from agent.call.capture.respelling import respelled
from agent.call.capture.spelling import Sign, signs_of
from agent.call.capture.words import Word, phrase, plain, words_of

_LEAD_IN = re.compile(
    r"(?:(?:oui|bonjour|bonsoir|allo|alors|euh|heu|donc|ben|bah|bon|eh bien|voila|ah|d accord|ok"
    r"|bien sur|mon|mes|le|nom de famille|nom|c est(?: a dire)?|(?:ce|ca) (?:sera|serait)|est"
    r"|je m appelle|je me (?:nomme|presente)|m appelle|moi|je suis|ici|au nom d[eu]|a l appareil"
    r"|madame|monsieur|mademoiselle|veuve|mme|mlle|mr|m et mme|et madame|(?:la )?famille|ma"
    r"|mari|femme|fille|fils|mere|pere|(?:la )?voisine|(?:le )?voisin|la dame"
    r"|vous pouvez|noter|mettre|marquer|notez|mettez|marquez|pour|plutot|pardon|non|dis"
    r"|je (?:vous )?dis|je (?:vous )?l epelle|j epelle|s ecrit|ca) )+(?=\S)"
)
_MISTER = re.compile(r"\bMr?\.\s+(?=[A-ZÀ-Ý][a-zà-ÿ])")
_ARTICLE_NAMES = frozenset(("le", "mon", "bon", "noter", "nom", "ah", "ok", "dis", "est", "ca"))
_ENDS = frozenset(
    "avec sans comme merci et qui que ca s c j je tu il nous vous ils mon ma mes notre votre est"
    " un une l sont suis pour a au aux dans sur en mais donc alors voila epelle ecrit euh heu"
    " tout pas ne oui non quoi si".split()
)
"""Words with which a name is over."""

_NOT_NAMES = frozenset(
    "bonjour bonsoir allo oui non merci rien personne machine lave linge vaisselle four frigo"
    " panne appareil sais veux peux voudrais attendez pardon comment quoi moment instant prefere"
    " moi seul bonne journee soiree client cliente quelqu conseiller numero telephone adresse eau"
    " marche fuit repetez accord".split()
)
_CORRECTS = re.compile(r"\b(?:non|pardon|plut[oô]t|je reprends|je recommence)\b", re.IGNORECASE)
_SPACES = {"espace": " ", "tiret": "-", "trait": "-", "apostrophe": "'"}
_ALIKE = 0.5
"""Likeness from which what is spelled is the name that was said before it."""

_LONGEST_WORDS, _SHORTEST_SPELLED = 4, 3


def read(text: str) -> Reading:
    """The name that is said or spelled, in title case.

    Args:
        text: The caller's words. What is spelled counts more than how the name was heard.
    """
    *earlier, last = _CORRECTS.split(text)
    reading = _read(last)
    for chunk in reversed(earlier):
        if reading.complete:
            return reading
        before = _read(chunk)
        if before.complete:
            changed = respelled(before.value, last)
            return Reading(_titled(changed), True, True) if changed else before
    return reading


def amend(value: str, text: str) -> Reading:
    """The name once its letters are corrected: « non, avec deux N », « un D, pas un T »."""
    *head, last = value.split(" ")
    changed = respelled(last, text)
    return Reading(_titled(" ".join([*head, changed])), True) if changed else NOTHING


def said(value: str) -> str:
    """A name as it is read back: « Martin, M A R T I N », with « deux N » for NN."""
    letters = []
    for part in re.findall(r"[^\W\d_]+", plain(value).upper()):
        letters.append(" ".join(_one_or_two(run[0]) for run in re.finditer(r"(.)\1?", part)))
    return f"{value}, {', '.join(letters)}"


def _one_or_two(run: str) -> str:
    return run if len(run) == 1 else f"deux {run[0]}"


def _read(text: str) -> Reading:
    words = _without_lead_in(words_of(_MISTER.sub("monsieur ", text)))
    signs = signs_of(words)
    start, end = _spelled_run(signs)
    spelled = _joined(signs[start:end])
    if len(re.sub(r"\W", "", spelled)) >= _SHORTEST_SPELLED:
        said = _name_words([word for sign in signs[:start] for word in sign.words])
        like = SequenceMatcher(None, plain(said), spelled.lower()).ratio() if said else 0.0
        if said and plain(said) == spelled.lower():
            return Reading(_titled(said), True)  # with its accents
        vowels = re.search("[AEIOUY]", spelled) is not None
        letters = [sign for sign in signs[start:end] if sign.kind == "letter"]
        sure = sum(sign.sure for sign in letters) * 2 > len(letters)
        first = said.rpartition(" ")[0]
        last = said.rpartition(" ")[2]
        if first and SequenceMatcher(None, plain(last), spelled.lower()).ratio() >= _ALIKE:
            spelled = f"{first} {spelled}"
        doubtful = not vowels or not sure or (bool(said) and like < _ALIKE and not first)
        return Reading(_titled(spelled), True, doubtful)
    name = _name_words(words)
    if not name:
        return Reading(_titled(spelled)) if len(spelled) > 1 else NOTHING
    changed = respelled(name, phrase(words))
    return Reading(_titled(changed or name), True, doubtful=changed is not None)


def _without_lead_in(words: Sequence[Word]) -> list[Word]:
    found = _LEAD_IN.match(phrase(words) + " ")
    if found is None:
        return list(words)
    used = len(found[0].split())
    # « Le Goff »: an article with a capital belongs to the name.
    while used and words[used - 1].plain in _ARTICLE_NAMES and words[used - 1].raw[0].isupper():
        if used == 1 and words[0].plain not in ("le", "bon"):
            break
        used -= 1
    return list(words[used:])


def _spelled_run(signs: Sequence[Sign]) -> tuple[int, int]:
    """Where the longest run of spelled letters stands; spaces and hyphens are part of it."""
    best, start = (0, 0), 0
    for at in range(len(signs) + 1):
        inside = at < len(signs) and (
            signs[at].kind == "letter" or (at > start and signs[at].words[0].plain in _SPACES)
        )
        if inside:
            continue
        letters = [sign for sign in signs[start:at] if sign.kind == "letter"]
        sure = sum(sign.single or sign.sure for sign in letters)
        if len(letters) > best[1] - best[0] and len(letters) > 1 and sure * 2 >= len(letters):
            best = (start, at)
        start = at + 1
    return best


def _joined(signs: Sequence[Sign]) -> str:
    parts = [sign.text if sign.kind == "letter" else _SPACES[sign.words[0].plain] for sign in signs]
    return "".join(parts).strip(" -'")


def _name_words(words: Sequence[Word]) -> str:
    """The words of a name at the start of words, as they are written; empty if there is none."""
    name = ""
    count = 0
    for at, word in enumerate(words):
        after_pause = bool(name) and word.paused
        if word.plain in _ENDS or not word.plain.isalpha() or after_pause:
            break
        if word.plain in _NOT_NAMES or (len(word.plain) == 1 and not _elides(words, at)):
            break
        if word.plain in _SPACES:
            name += _SPACES[word.plain]
            continue
        link = word.gap if name and word.gap in ("-", "'") else " "
        name = word.raw if not name or name[-1] in "-'" else f"{name}{link}{word.raw}"
        count += 1
    name = name.strip(" -'")
    numbers = sum(is_number(word) for word in words) > 1
    fits = len(name) > 1 and count <= _LONGEST_WORDS and not numbers
    return name if fits and _is_name(words[0]) else ""


def _elides(words: Sequence[Word], at: int) -> bool:
    """« D'Angelo », « O'Brien »."""
    return at + 1 < len(words) and words[at + 1].elided


def _is_name(word: Word) -> bool:
    named = letter_named(word)
    lonely = len(word.plain) == 1 and not word.raw.isupper()
    return word.plain not in _NOT_NAMES and not (named is not None and lonely)


def _titled(name: str) -> str:
    """Title case; capitals inside a word stay where the recogniser wrote them."""
    mixed = not name.isupper() and not name.islower()
    return re.sub(
        r"[^\W\d_]+",
        lambda part: (
            part[0] if mixed and part[0][0].isupper() and not part[0].isupper()
            else part[0].capitalize()
        ),
        name,
    )  # fmt: skip

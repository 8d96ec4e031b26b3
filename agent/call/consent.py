"""What a caller says about being recorded: that they refuse, or whether it is so. Pure.

Patterns read folded text (lower case, no accents, apostrophes and hyphens as spaces), one clause
at a time: « je ne veux pas être enregistré, mon four affiche E5 » refuses and asks. A recogniser
writes enregistrer, enregistré and enregistrez for one another, and the word as « en registrement »
or « angistrement ».
"""

from __future__ import annotations

import re

from agent.call.moves import Phase, State
from agent.call.talking import Step, aside, say
from knowledge.safety import fold
from voices.prompts import prompt

_RECORD = r"(?:\w?[ae]n ?(?:re)?[gj]ist\w*|registrements?)\b"
_WANT = (
    r"(?:veux|veut|voulons|voulais|voudrais|souhaite\w*|accepte\w*|aimerais?|desire\w*|autorise\w*"
    r"|consens|tiens)"
)
_CALL = r"(?:(?:l|cet|cette|mon|ma|notre|la|un) )?(?:appel|conversation|communication|echange|voix)"
_ME = (
    rf"(?:(?:d |a )?etre|(?:a|de) (?:m|nous)|que (?:vous|tu) (?:m|me|nous)"
    rf"|qu(?:e l)? on (?:m|me|nous)|que {_CALL} soit)"
)
_LINK = (
    r"(?:(?:a|au|l|d|de|du|que|qu|pour|avec|cet|cette|votre|un|tout|m|me|nous|on|vous|tu|etre|soit"
    r"|appel) )"
)
_FIRST = r"^(?:(?:non|oui|mais|alors|bon|donc|ok|euh|ah|merci|surtout|bonjour|allo) )*"

_REFUSED = re.compile(
    rf"\b(?:{_WANT} (?:surtout |vraiment )?pas|pas envie) {_ME} {_RECORD}|"
    rf"\b(?:prefere\w*|voudrais|aimerais|souhaite\w*|demande) (?:a |de |que |autant )*"
    rf"(?:ne )?pas etre {_RECORD}|"
    rf"\b(?:pas d accord|contre|oppose\w*) {_LINK}{{0,5}}{_RECORD}|"
    rf"\bje (?:vous |le )?(?:re[fc]use|m oppose|interdis|defends) {_LINK}{{0,5}}{_RECORD}|"
    rf"\bpas le droit de (?:m|nous) {_RECORD}"
)
"""Said of oneself: nothing else can be meant."""

_DECLINED = re.compile(
    rf"\bsans {_LINK}{{0,3}}(?:aucun )?{_RECORD}|"
    rf"{_FIRST}(?:(?:je )?(?:prefere|veux|voudrais|souhaite|dis) )?"
    rf"(?:son|sens|sang|cent|100|s en|c en|dans) {_RECORD}$|"
    rf"\b{_WANT} pas {_LINK}{{1,2}}{_RECORD}|"
    rf"(?<!a )(?<!ai )(?<!fait )(?<!avait )\bpas (?:besoin )?d ?{_RECORD}|"
    rf"{_FIRST}pas {_RECORD}$|^non (?:merci )?(?:a|pour) l {_RECORD}|"
    rf"{_FIRST}(?:ne |n )?(?:(?:m|me|nous|l) )?{_RECORD} (?:pas|plus|rien)\b|"
    rf"\bne (?:m|nous) {_RECORD} (?:pas|plus|rien)\b|"
    rf"\b(?:n )?en ?registrez (?:pas|plus|rien)\b|"
    rf"\b(?:merci|prefere\w*|pouvez vous|veuillez|priere|demande) (?:de )?ne pas (?:m |nous )?"
    rf"{_RECORD}|\bevite[rz] {_LINK}{{1,2}}{_RECORD}|"
    rf"(?:{_FIRST}arrete|\b(?:arrete|stoppe|coupe|cesse|desactive|supprime|efface|enleve|annule"
    rf"|suspende|eteigne)[rz]|\bstop|\binterromp(?:ez|re)) (?:tout de suite )?{_LINK}{{0,3}}"
    rf"{_RECORD}"
)
"""Said of a call; of an appliance, a recipe or a guarantee it would mean another thing."""

_ASKED = re.compile(
    rf"\b(?:appel|conversation|communication|echange|discussion|ligne)s? (?:(?:est|sont|sera|etait"
    rf"|serait|t|il|elle|n|pas|bien|aussi|deja|toujours|encore|telephonique) ){{0,4}}{_RECORD}|"
    rf"\b(?:vous|tu) (?:(?:m|me|nous|etes en train de|allez|n|ne|toujours|encore) ){{0,3}}"
    rf"{_RECORD}|{_RECORD} vous\b|"
    rf"\b(?:je suis|suis je|on est|est on|nous sommes|je serai|serai je) (?:(?:bien|encore|toujours"
    rf"|deja|en train d etre) ){{0,2}}{_RECORD}(?! (?:chez|dans|sur|comme|client|a)\b)|"
    rf"\b(?:a quoi sert|pourquoi|c est quoi) (?:l|cet|votre|ce) {_RECORD}"
)

_ELSEWHERE = re.compile(
    r"\b(?:garanties?|produits?|appareils?|machines?|fours?|frigos?|lave|seche|recettes?|memoires?"
    r"|programmes?|reglages?|favoris?|temperatures?|sites?|internet|en ligne|formulaires?|compte"
    r"|achats?|factures?|numeros?|serie|emissions?|films?|chaines?|applis?|applications?|wifi"
    r"|adresse|mail|commande|demande|dossier|rappel|moteur|annees?|comment|combien)\b"
)
"""What else is recorded or registered."""

LONGEST_CLAUSE = 10
"""Words of a clause that declines or asks; a longer one is about something else."""

_ENDS = re.compile(r"[,.;:!?…]+|\b(?:et|mais|car|donc)\b", re.IGNORECASE)
_POLITENESS = re.compile(r"\b(?:s il (?:vous|te) plait|svp|merci$)")


def refuses_recording(text: str) -> bool:
    """Whether the caller does not want to be recorded: « sans enregistrement »."""
    return any(_refuses(clause) for clause in _ENDS.split(text))


def asks_whether_recorded(text: str) -> bool:
    """Whether the caller asks if the call is recorded."""
    return any(_is_about_the_call(_ASKED, _plain(clause)) for clause in _ENDS.split(text))


def besides_refusal(text: str) -> str:
    """What the caller says besides refusing; empty if nothing."""
    clauses = (clause.strip() for clause in _ENDS.split(text))
    return ", ".join(clause for clause in clauses if clause and not _refuses(clause))


def refusal_in(state: State, readings: tuple[str, ...]) -> str:
    """The reading in which the caller refuses; empty if none does.

    While calls are recorded every reading counts, since a refusal that is missed cannot be made
    good. Digits are a detail that is being taken down.
    """
    for reading in readings if state.recorded else readings[:1]:
        detail = state.phase is Phase.CAPTURING and any(map(str.isdigit, reading))
        if not detail and refuses_recording(reading):
            return reading
    return ""


def whether_recorded(state: State) -> Step:
    """The truth, then back to what was being said."""
    if state.recorded and state.notice:
        return then_back(state, f"{prompt('recorded_yes')} {state.notice}")
    if state.recorded:
        return then_back(state, prompt("recorded", brand=state.brand))
    return then_back(state, prompt("recorded_no"))


def then_back(state: State, text: str) -> Step:
    """Say something about the recording, then what was being said before it."""
    if state.phase is Phase.LISTENING:
        return say(state, f"{text} {prompt('go_on')}")
    return aside(state, f"{text} {state.said}".strip())


def _refuses(clause: str) -> bool:
    plain = _plain(clause)
    return _REFUSED.search(plain) is not None or _is_about_the_call(_DECLINED, plain)


def _is_about_the_call(pattern: re.Pattern[str], plain: str) -> bool:
    few = len(plain.split()) <= LONGEST_CLAUSE
    return few and pattern.search(plain) is not None and _ELSEWHERE.search(plain) is None


def _plain(clause: str) -> str:
    return " ".join(_POLITENESS.sub(" ", fold(clause)).split())

"""What a caller answers to a question of ours or to a read-back, other than the value itself.

A yes is strict: whatever is hedged, cut short or followed by something else is no yes, for it would
put a number on a ticket that nobody can call.
"""

from __future__ import annotations

import re
from typing import Literal

from agent.call.intents import says_briefly, says_only
from knowledge.safety import fold

Reply = Literal["yes", "no", "repeat", "unclear"]

_HEDGES = re.compile(
    r"\b(?:non|nan|pas|mais|sauf|presque|enfin|plutot|faux|fausse|erreur|part|excepte|hormis|quasi"
    r"|peut etre|je crois|je pense|je sais|il me semble|un peu|attend\w*|comment|pourquoi|ou|quoi"
    r"|mouais|allo|bonjour|bonsoir|pardon|hein|sais|normalement|en principe|a peu|si vous|sinon"
    r"|dernier|derniere|debut|fin|avec|sans|manque|change\w*|oublie\w*|trompe\w*|plus|moins)\b"
)
_CUT_SHORT = re.compile(r"\b(?:alors|et|donc|euh|heu|que|qui|de|le|la|c|est|a)$")
_SAID_YES = re.compile(
    r"\b(?:je (?:vous )?(?:le )?confirme|c est confirme|je valide|ca marche|ca me va"
    r"|c est (?:tout )?(?:bon|nickel|ok)"
    r"|vous avez (?:bien |tout )?(?:tout )?(?:compris|note|entendu)"
    r"|c est (?:bien )?(?:le bon|la bonne|mon|ma|son|sa|notre|cette|ce)(?: bon| bonne)?"
    r" (?:numero|adresse|nom|code|code postal|reference|date|mail|email|telephone|annee|mois))\b"
)
_WITH_YES = re.compile(
    r"\b(?:du coup|au telephone|monsieur|madame|mademoiselle|merci|s il vous plait|bien note"
    r"|bravo|genial|en effet|je vous dis|je dis)\b"
)
_NO = re.compile(
    r"^(?:(?:ah|oh|euh|heu|eh|ben|bah|bon|alors|mais|oui) )*(?:non|nan)\b"
    r"|\b(?:c est|ce n est|c etait|ce n etait) pas\b|^pas\b"
    r"|\bpas (?:du tout|tout a fait|exactement|vraiment|ca|correct|exact|bon)\b"
    r"|\b(?:incorrect|faux|fausse|errone\w*|presque|quasiment)\b|\bvous vous trompez\b"
    r"|\b(?:une|y a) erreur\b|\bmal (?:compris|entendu|note)\b"
)
_BUT_GOOD = re.compile(
    r"\bc est (?:bien |tout a fait )?(?:ca|bon|cela|exact|juste|parfait|correct)\b"
)
_AGAIN = re.compile(
    r"^(?:(?:oui|euh|heu|ah|oh) )*(?:pardon|comment|quoi|hein|plait il|vous dites|allo)$"
    r"|\b(?:repetez|redites|repeter|redire)\b"
    r"|\bpas (?:bien |tout |tres bien )*(?:entendu|compris|suivi)\b"
)
_REFUSES = re.compile(
    r"\bprefere (?:ne )?(?:pas|rien|garder|eviter)\b|\bprefererais (?:ne )?pas\b"
    r"|\b(?:veux|voudrais|souhaite|desire|tiens) pas\b|\bpas (?:envie|besoin|la peine)\b"
    r"|\blaissez tomber\b|\btant pis\b|\bregarde pas\b|\bc est (?:prive|personnel|confidentiel)\b"
    r"|\bpas (?:vous )?(?:le |la |l |en )?(?:donner|dire|communiquer)\b|\bje refuse\b"
    r"|\bnon merci\b|\bpassons\b|\boubliez\b|\bca sert a rien\b"
)
_CANNOT = re.compile(
    r"\b(?:sais|connais|souviens|rappelle|retrouve|trouve|vois|retiens) (?:vraiment |meme )?"
    r"(?:pas|plus|rien)\b|\b(?:l ai|les ai|en ai) (?:pas|plus|jamais)\b"
    r"|\bai (?:pas|plus|jamais) (?:de|d|la|le|les|mon|ma|mes|sous|sur|internet|eu)\b"
    r"|\baucune idee\b"
    r"|\bsous les yeux\b.*\bpas\b|\bpas sous (?:les yeux|la main)\b"
    r"|\b(?:arrive|peux) pas (?:a )?(?:la |le |l )?(?:lire|voir|trouver|acceder)\b|\bj ai oublie\b"
    r"|\b(?:efface|illisible|aucune? (?:adresse|mail|numero|reference))\b|\bpas (?:de|d) (?:adresse"
    r"|mail|email|telephone|portable|internet|facture|reference|etiquette|numero)\b"
    r"|\b(?:pas|plus) (?:en tete|par coeur|sur moi)\b|\bpar coeur\b.*\bpas\b"
)
_WAITS = re.compile(
    r"\b(?:je|j) (?:vais )?(?:le |la |l |les )?(?:cherche\w*|regarde\w*|prends|prendre|attrape"
    r"|vais (?:voir|chercher|regarder|prendre)|mets mes lunettes)\b|\bmes lunettes\b"
    r"|\b(?:une|deux|1|2|30) (?:petites? )?(?:secondes?|minutes?)\b|\bun (?:petit )?instant\b"
    r"|\bquittez pas\b|\battendez\b|\bbougez pas\b"
)
_LONGEST_REPLY = 9
"""Words: more are about something else."""


def reply_in(text: str) -> Reply:
    """What a caller answers to « C'est bien ça ? », values and corrections aside."""
    plain = re.sub(r"^(?:si )+(?=oui\b)", "", fold(text))
    if not plain:
        return "unclear"
    if _is_yes(plain) and not text.rstrip().endswith("?"):
        return "yes"
    if _NO.search(plain):
        return "unclear" if _BUT_GOOD.search(plain) and not _denied(plain) else "no"
    return "repeat" if asks_again(text) else "unclear"


def _denied(plain: str) -> bool:
    """« non c'est pas ça » says « c'est … ça » only to deny it."""
    return re.search(r"\b(?:c|n) est pas\b", plain) is not None


def _is_yes(plain: str) -> bool:
    if _HEDGES.search(plain) or _CUT_SHORT.search(plain):
        return False
    rest = _WITH_YES.sub(" ", _SAID_YES.sub(" oui ", plain))
    return says_only("yes", " ".join(rest.split()))


def agrees_with_value(text: str) -> bool:
    """Whether a text that holds the value itself agrees to it: « oui, c'est le 06 … »."""
    plain = fold(text)
    begins = re.match(
        r"(?:(?:ah|euh|ben|et|alors) )*(?:oui|ouais|exactement|exact|c est ca)\b", plain
    )
    ends = re.search(r"\b(?:c est (?:bien )?(?:ca|exact|bon)|oui|exactement)$", plain)
    return bool(begins or ends) and _HEDGES.search(plain) is None


def corrects(text: str) -> bool:
    """Whether a text holds a word with which a part is corrected: « pas », « à la fin »."""
    return _HEDGES.search(fold(text)) is not None


def denies(text: str) -> bool:
    """Whether a text holds a word that rules a yes out, whatever else may have been heard."""
    return re.search(r"\b(?:non|nan|pas|mais|sauf|presque|faux)\b", fold(text)) is not None


def is_short(text: str) -> bool:
    """Whether a text is short enough to be a reply and nothing else."""
    return len(fold(text).split()) <= _LONGEST_REPLY


def names(text: str) -> bool:
    """Whether a text gives a name, and does not merely react: spelled, or « je m'appelle … »."""
    gives = (
        r"\b(?:m appelle|mon nom|c est (?:madame|monsieur|mademoiselle))\b|(?:\b[a-z] ){2}[a-z]\b"
    )
    return re.search(gives, fold(text)) is not None


def asks_again(text: str) -> bool:
    """Whether the caller asks to hear the question again."""
    plain = fold(text)
    return is_short(text) and (_AGAIN.search(plain) is not None or says_briefly("repeat", text))


def refuses(text: str) -> bool:
    """Whether the caller does not want to give the detail: « je préfère pas »."""
    return _REFUSES.search(fold(text)) is not None


def cannot_say(text: str) -> bool:
    """Whether the caller does not have it: « je ne l'ai pas sous les yeux »."""
    return _CANNOT.search(fold(text)) is not None


def waits(text: str) -> bool:
    """Whether the caller asks for a moment."""
    return _WAITS.search(fold(text)) is not None or says_briefly("wait", text)


def only_no(text: str) -> bool:
    """Whether the caller says no and nothing else."""
    return says_only("no", text)


def only_yes(text: str) -> bool:
    """Whether the caller says yes and nothing else, be it to a question that needs more."""
    return says_only("yes", text)

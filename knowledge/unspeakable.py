"""What is never spoken, whoever wrote it: links, numbers to call, code, orders to a machine. Pure.

A manual is data. A sentence that reads like an instruction to the agent, or that would send a
caller to a number or an address, is left out of an answer; the rest of the passage stays.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from knowledge.safety import fold

EMERGENCY = re.compile(r"\b0 ?800 ?47 ?33 ?33\b")
"""The gas emergency line (GRDF), the one ten-figure number that may be spoken."""

_INVISIBLE = re.compile(
    "[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\U000e0000-\U000e007f]"
)
_FOREIGN = re.compile(r"[\u0370-\u03ff\u0400-\u04ff\u0530-\u1fff\u2e80-\ud7ff\uf900-\ufaff]")
"""Letters of other scripts: nothing of it can be spoken by a French voice, nor be checked."""

_LINK = (
    r"https?\b|\bftp:|\bwww\b|\w@\w|\barobase\b|\b(?:point|dot) (?:com|fr|net|org)\b",
    r"\b[\w-]{2,}\.(?:fr|com|net|org|io|eu|info|be|ch|de|ru|cn|example|app|xyz|biz|top|link)\b",
    r"\b(?:javascript|data|file|mailto|tel|sms):|\bQR[ -]?codes?\b|\bflash(?:ez|er)\b",
    r"\bscann(?:ez|er) (?:le|ce|un) (?:qr|code)",
)
_CODE = (
    r"[`{}|\\^~]|<[/?!a-z|]|<<|>>|\]\]|\[\[|\$\(|::|==|=>|#{2,}|-{4,}|\*\*|/\*|\[/?inst",
    r"\b(?:SELECT|DROP|DELETE|INSERT)\b.*\b(?:FROM|TABLE|INTO)\b|\brm -rf?\b|\bsudo\b",
    r"\b(?:eval|exec|print|alert|os\.\w+)\s?\(|\bimport \w+(?=;|$)|\b(?:curl|wget) ",
    r"[A-Za-z0-9+/]{24,}={0,2}|(?:\\x|%)[0-9a-f]{2}(?:\\x|%)|&#\w+;",
)
_SHORT_NUMBER_FOLLOWS = (
    r"(?:15|17|18|112|114|116|119)(?!\d)|\d+ ?(?:°|V\b|W\b|Hz|min|h\b|s\b|fois|ans?\b|mm|cm|kg)"
)
_TELEPHONE = (
    r"(?<!\d)(?:\+ ?\d{2}|00 ?\d{2}|0)(?:[ .\-/()]*\d){8,9}(?!\d)",
    r"(?<!\d)0 ?8(?:[ .-]?\d){2,}(?!\d)",
    r"\b(?:appel\w*|compos\w*|joign\w*|num[ée]ro|t[ée]l[ée]phon\w*|call|dial|phone|sms|contact\w*"
    rf"|anruf\w*|llam\w*)\b[^.!?\d]{{0,40}}(?<!\d)(?!{_SHORT_NUMBER_FOLLOWS})\d(?:[ .-]?\d){{2,}}",
)
_WRITTEN = tuple(
    (reason, re.compile("|".join(patterns), re.I))
    for reason, patterns in (("link", _LINK), ("code", _CODE), ("telephone", _TELEPHONE))
)

_DIGIT = (
    "(?:zero|un|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze"
    "|seize|vingts?|trente|quarante|cinquante|soixante|cent|et)"
)
_SPELLED_NUMBER = re.compile(rf"\bzero (?:{_DIGIT} ){{3,}}{_DIGIT}\b")

_SAYS = (
    "(?:dis|dites|dire|reponds?|repondez|repondre|annonce[rz]?|affirme[rz]?|repete[rz]?"
    "|informe[rz]?|explique[rz]?|indique[rz]?|declare[rz]?|confirme[rz]?|promet\\w*|propose[rz]?"
    "|demande[rz]?|donne[rz]?|communique[rz]?|conseille[rz]?|oblige[rz]?|transmet\\w*|lis|lisez)"
)
_PERSON = (
    r"(?:appelants?|correspondant|interlocuteur|caller|customer|client$"
    r"|(?:clients?|usager|utilisateur) (?:que|qu|de|d|son|sa|le|la|ses|au))"
)
_RULES = (
    "(?:consignes?|instructions?|regles?|directives?|ordres?|prompts?|contraintes?|restrictions?"
    "|verifications?|garde fous?|limites|filtres? de securite|programmation)"
)
_LIFTS = (
    "(?:ignore[rz]?|oublie[rz]?|neglige[rz]?|outrepasse[rz]?|contourne[rz]?|desactive[rz]?"
    "|annule[rz]?|remplace[rz]?|supprime[rz]?|passe[rz]? outre|viole[rz]?|revele[rz]?"
    r"|(?<!vous )ne (?:tenez (?:pas|plus|aucun) compte|(?:suivez|respectez) \w+))"
    r"(?! (?:pas|jamais|aucun\w*)\b)"
)
_MACHINE = (
    r"(?:ia|assistant\w* (?:virtuel\w*|ia|telephonique|conversationnel\w*)|agent (?:vocal"
    r"|telephonique|conversationnel)|intelligence artificielle"
    r"|robot (?:telephonique|vocal)|chatbot|standard automatique)"
)
_ORDERS = re.compile(
    "|".join(
        (
            # lifting the rules
            rf"\b{_LIFTS} (?:\w+ ){{0,4}}{_RULES}\b",
            rf"\b(?:nouvelles?|vos|tes|vraies?) {_RULES} (?:prioritaires?|systeme|sont|est)\b",
            r"(?<!not )\b(?:ignore|disregard|forget|override|bypass) (?:\w+ ){0,3}"
            r"(?:previous|prior|above|instructions?|rules?|guidelines)\b",
            r"\bnew instructions?\b|\bignorier\w*|\bvergiss\b|\banweisungen\b|\bnegeer\b",
            r"\bignora\w* (?:\w+ ){0,3}(?:instrucciones|istruzioni|instrucoes|anteriores"
            r"|precedenti|reglas|regole)\b|\b(?:olvida|dimentica)\w* (?:\w+ ){0,3}"
            r"(?:instrucciones|reglas|todo|istruzioni|tutto)\b",
            # giving it another part to play
            r"\btu (?:es|n es|dois|vas|peux|as)\b",
            r"\bvous (?:etes|n etes|jouez) (?:\w+ ){0,3}(?:assistant\w*|ia|agent\w*|robot\w*"
            r"|modele|chatbot|pirate|acteur|role|vendeu\w+|humain\w*|lie\w*|limite\w*|libre\w*)\b",
            r"\byou (?:are|must|will|should|have to) (?:now|tell|answer|say|reply|act|obey|an?)\b",
            r"\bdu bist (?:jetzt|nun)\b|\b(?:eres|sei) (?:ahora|adesso)\b|\bpretend\b|\bact as\b",
            r"\brole ?play\b|\bjeu de role\b|\bfa(?:is|ites) (?:comme si|semblant)\b",
            r"\bimagine[rz]? que (?:tu|vous)\b|\bdans la peau\b|\bjailbreak\w*|\bdan mode\b",
            # speaking to a machine
            rf"\b(?:l|un|une|cette|cet|d|votre|ton) {_MACHINE}\b|\ben tant qu {_MACHINE}\b",
            r"\bagents? (?:vocal|telephonique|conversationnel|ia)\w*\b|\bintelligence artificielle",
            r"\bmodeles? de langage\b|\blanguage model\b|\bllm\b|\bchatgpt\b|\bprompts?\b",
            r"\b(?:system|systeme|assistant|developer|user|human|tool|ai) "
            r"(?:prompt|message|override|note)s?\b|\b(?:message|invite|note) (?:du |de )?systeme\b",
            r"\bmode (?:developpeur|administrateur|debug|debogage|sans filtre)\b",
            r"\b(?:developer|debug|admin|god|unrestricted) mode\b",
            # putting words into its mouth
            rf"\b{_SAYS} (?:\w+ ){{0,3}}(?:(?:a|au|aux|l|les|le|tout|chaque) ){{0,2}}{_PERSON}",
            r"\b(?:dis|dites|reponds|repondez|affirmez|pretendez|annoncez|repetez) (?:\w+ )?"
            r"(?:que|qu|seulement|uniquement|toujours|en anglais|oui|non|exactement|apres moi)\b",
            r"\b(?:tell|inform|ask|say to|advise) (?:the |every |each |all )?"
            r"(?:caller|user|customer|client)s?\b|\bsay (?:that|only|exactly)\b|\brepeat after\b",
            r"\bsag\w* dem (?:anrufer|kunden)\b|\bdi\w* al (?:cliente|llamante|chiamante)\b",
            # acting on the call, or on the caller's money
            r"\b(?:appelants?|l appel en cours|cet appel|(?:la|cette) conversation)\b",
            r"\braccroche[rz]?\b|\btransfere[rz]? (?:l appel|le client|immediatement|la ligne)\b",
            r"\bcartes? (?:bancaires?|bleues?|de credit)\b|\bcryptogramme\b|\biban\b|\bvirement\b",
            r"\b(?:donne|demande|communique|dicte)[rz]? (?:\w+ ){1,2}mots? de passe\b",
            r"\bcode (?:secret|pin|confidentiel)\b|\bbitcoins?\b",
            r"\bnumero de (?:carte|compte|securite sociale)\b|\bcheques? cadeaux?\b",
        )
    )
)


def unspeakable(text: str) -> str | None:
    """Why a text may not be spoken: link | code | telephone | order | script; None if it may.

    The emergency numbers 15, 17, 18, 112, 114 and the gas line may be spoken.
    """
    if _INVISIBLE.search(text) or _FOREIGN.search(text):
        return "script"
    plain = EMERGENCY.sub(" ", unicodedata.normalize("NFKC", text))
    for reason, pattern in _WRITTEN:
        if pattern.search(plain):
            return reason
    folded = fold(plain)
    if _SPELLED_NUMBER.search(folded):
        return "telephone"
    return "order" if _ORDERS.search(folded) else None


def speakable_safely(text: str) -> bool:
    """Whether nothing in a text sends a caller elsewhere or gives the agent an order."""
    return unspeakable(text) is None


_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")


_WHERE_LINKED = re.compile(
    r",?\s*\(?(?:\b(?:et|ou)\s+)?\b(?:sur|via|depuis)\s+(?:(?:le|notre|son)\s+site\s+)?"
    r"(?:https?://|www\.)?[\w-]+(?:\.[\w-]+)+(?:/[\w./-]*\w)?/?\)?",
    re.IGNORECASE,
)
_SENDS = re.compile(
    r"\b(?:rendez vous|connect\w+|visit\w+|all(?:ez|er)|consult\w+|telecharg\w+|scann\w+"
    r"|cliqu\w+|ouvr\w+|saisi\w+|entr(?:ez|er)|tap(?:ez|er)|pay\w+|regl(?:ez|er)|vers(?:ez|er)"
    r"|command\w+|achet\w+|inscri(?:vez|re)|donn(?:ez|er)|indiqu(?:ez|er)|suiv(?:ez|re))\b"
)
"""What a caller would do at a link: with such a verb a sentence goes as a whole."""

FEWEST_WORDS = 6
"""Of a sentence that is kept without its link."""


def _without_link(sentence: str) -> str:
    """A condition without the address it names, « dans les 90 jours sur … »; "" if it sends there.

    Left out whole, a guarantee would lose its ten years with the address where one registers.
    """
    left = _WHERE_LINKED.sub("", sentence)
    keeps = left != sentence and len(left.split()) >= FEWEST_WORDS
    return left if keeps and not _SENDS.search(fold(sentence)) and speakable_safely(left) else ""


def without_unspeakable(text: str) -> str:
    """A text without its sentences that may not be spoken; "" if none is left.

    What follows an order in the same text belongs to the order: it goes too. Where only the text
    as a whole is unspeakable, nothing is left. A link that is only where something is done leaves
    its sentence.
    """
    if speakable_safely(text):
        return text
    kept: list[str] = []
    for sentence in _SENTENCE_END.split(text):
        reason = unspeakable(sentence)
        if reason in ("order", "script"):
            break
        if reason == "link":
            sentence = _without_link(sentence)
            reason = None if sentence else reason
        if reason is None:
            kept.append(sentence)
    left = " ".join(kept)
    return left if speakable_safely(left) else ""


def speakable_parts(parts: Sequence[str]) -> tuple[str, ...]:
    """The parts of an answer that may be spoken; those after an order go with it."""
    kept: list[str] = []
    for part in parts:
        if left := without_unspeakable(part):
            kept.append(left)
        if unspeakable(part) in ("order", "script"):
            break
    return tuple(kept)

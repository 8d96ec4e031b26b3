"""How letters and signs of a code are said and heard in French. Pure."""

from __future__ import annotations

import re

_NAMES = {
    "A": "a ah", "B": "b bé bée", "C": "c cé c'est", "D": "d dé dés", "E": "e eux eu euh heu œufs",
    "F": "f ef eff effe èfe éfe", "G": "g gé j'ai", "H": "h ache hache", "I": "i hi", "J": "j ji",
    "K": "k ka cas", "L": "l elle el èle ailes aile", "M": "m emme aime", "N": "n enne haine",
    "O": "o oh au eau haut", "P": "p pé", "Q": "q ku", "R": "r erre air", "S": "s esse",
    "T": "t té thé", "U": "u eu", "V": "v vé", "W": "w doublevé", "X": "x ixe", "Y": "y igrec",
    "Z": "z zède",
}  # fmt: skip

LETTER_OF: dict[str, tuple[str, ...]] = {}
"""Letters that a word may be the name of: « effe » → F, « eu » → E or U."""
for _letter, _words in _NAMES.items():
    for _word in _words.split():
        LETTER_OF[_word] = (*LETTER_OF.get(_word, ()), _letter)

SURE = frozenset(
    "b c d f g h j k l m n p q r s t v w x z bé cé dé ef eff effe èfe éfe gé ache hache ji"
    " ka el èle"
    " emme enne pé ku esse té vé doublevé ixe igrec zède eux".split()
)
"""Names that are hardly anything else than a letter."""

ERROR_WORDS = {"err": "ERR", "er": "ER", "erre": "ER", "air": "ER", "erreur": "ERR", "error": "ERR",
               "aire": "ER", "erreurs": "ERR"}  # fmt: skip
"""Words that a display shortens: « Err 3 » is read « erreur 3 »."""

WORDS = frozenset(
    "le la les l un une des du de d et ou où en on au aux ce ces ça ca se ses sa si sur ne"
    " ni nu me ma"
    " mes mon te ta tes ton il ils y a as ai eu va ai or car fin par pas est es sont son lu"
    " hé ha ah oh"
    " ok ko hi ho do si tu je que qui dans pour avec mais oui non lui pause stop eco auto on"
    " off ici là"
    " sav led tv hs pc cd dvd usb ht nf no ar cle loc aide end par".split()
)
"""Short words that a code may be spelled like: « fin », « on », « de »; only shown, not said."""


def spaced(text: str) -> str:
    """Letters in one word: « double vé » → « doublevé », « D comme Denis » → « D »."""
    text = re.sub(r"(?<=\b\w) (?:majuscule|minuscule|comme [^\W\d_]+)\b", "", text)
    text = re.sub(r"\bdouble[ -]?v(?:é|e|ée)?\b", "doublevé", text, flags=re.IGNORECASE)
    return re.sub(r"\bi[ -]grec\b", "igrec", text, flags=re.IGNORECASE)

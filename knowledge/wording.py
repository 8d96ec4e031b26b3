"""Word lists for comparing two French sentences: which words carry no claim, which are the same.

All words are folded (lower case, no accents). What stands in no list here carries a claim.
"""

from __future__ import annotations

SILENT = frozenset(
    # articles, pronouns, auxiliaries: the grammar that any rephrasing changes
    "le la les l un une des du de d au aux a et ou en y que qu qui quoi dont ce cet cette ces c ca"
    " cela ceci celui celle ceux celles il elle ils elles on nous vous se s soi lui leur leurs eux"
    " je j mon ma mes son sa ses votre vos notre nos est sont etre soit soient etes sera seront"
    " suis ete ai as ont avez avoir ait peut peuvent pouvez pouvoir pourrez pourra puisse va vont"
    " allez aller vais allons ira fait faire faites fassent dans par pour comme lors lorsque si"
    " quand afin ne n pas t ci dit"
    # what an adviser adds without claiming anything
    " alors donc bien voici voila ensuite puis maintenant abord commencez commencons commencer par"
    " pensez essayez essayer veillez maintenant accord tres simplement juste merci plait enfin"
    " notice ainsi aussi doit doivent devez devoir devrez faut falloir il dois ailleurs pendant"
    " durant environ chez cas"
    " sur".split()
)
"""Words without a claim of their own; negation, conditions and bounds are read separately."""

MUST = frozenset("doit doivent devez devrez faut imperativement obligatoirement".split())

DENIALS = frozenset("pas plus jamais rien aucun aucune guere ni nullement".split())
DENYING = frozenset(
    "sans aucun aucune ni jamais pas evitez eviter non interdit inutile cessez".split()
)
"""Words that deny what follows, without « ne »."""

ONLY = frozenset("uniquement seulement exclusivement".split())
EXCEPT = frozenset("sauf excepte hormis".split())
FLAWED = frozenset("mal insuffisamment incorrectement".split())
"""« porte mal fermée » is not « porte fermée »."""

CONDITIONS: dict[str, str] = {
    **dict.fromkeys("si s'il quand lorsque lorsqu cas".split(), "if"),
    **dict.fromkeys("sauf excepte hormis".split(), "except"),
    **dict.fromkeys(["jusqu"], "until"),
    **dict.fromkeys(["tant"], "while"),
}
"""Words that tie what is said to a condition: it may be neither added nor dropped."""

OPPOSITES: tuple[tuple[str, str], ...] = (
    ("gauche", "droite"), ("haut", "bas"), ("haute", "basse"), ("superieur", "inferieur"),
    ("ouvrez", "fermez"), ("ouverte", "fermee"), ("serrez", "desserrez"), ("vissez", "devissez"),
    ("branchez", "debranchez"), ("montez", "demontez"), ("avant", "apres"), ("devant", "derriere"),
    ("allumez", "eteignez"), ("marche", "arret"), ("horaire", "antihoraire"), ("plus", "moins"),
    ("chaud", "froid"), ("chaude", "froide"), ("augmentez", "diminuez"), ("remplissez", "videz"),
    ("enlevez", "remettez"), ("inserez", "retirez"), ("poussez", "tirez"), ("pliez", "depliez"),
    ("verrouillez", "deverrouillez"), ("bloquez", "debloquez"), ("dessus", "dessous"),
    ("sous", "sur"), ("interieur", "exterieur"), ("court", "long"), ("rapide", "lent"),
    ("vide", "plein"), ("sec", "humide"), ("entrant", "sortant"), ("arrivee", "vidange"),
    ("premier", "dernier"), ("minimum", "maximum"), ("activez", "desactivez"), ("avec", "sans"),
    ("gros", "petit"), ("normal", "anormal"), ("possible", "impossible"), ("propre", "sale"),
    ("couvert", "exclu"), ("gratuit", "payant"), ("connectez", "deconnectez"),
)  # fmt: skip
"""Words of which one says the contrary of the other: told apart in the reason for the log."""

PIVOTAL = frozenset(
    "inverse contraire oppose autre autres trop presque demi moitie double seul seule defectueux"
    " defectueuse abime abimee non ancien ancienne meme tiers quart chaque tous toutes".split()
) | {word for pair in OPPOSITES for word in pair if not word.endswith("ez")}
"""Words that may not be skipped between two others: without them the meaning turns."""

SYNONYMS: tuple[tuple[str, ...], ...] = (
    ("verifiez", "controlez", "assurez"),
    ("retirez", "enlevez", "otez"),
    ("remettez", "replacez", "remontez", "reinstallez"),
    ("appuyez", "pressez"),
    ("gardez", "conservez"),
    ("attendez", "patientez"),
    ("choisissez", "selectionnez"),
    ("revissez", "resserrez"),
    ("appelez", "contactez"),
    ("utilisez", "employez"),
    ("placez", "mettez", "posez", "installez"),
)
"""Verbs that ask for the same act, by their « vous » form."""

SAME_NOUNS: dict[str, str] = {"machine": "appareil", "bouton": "touche", "gradins": "gradin"}

REMEDIES: dict[str, tuple[str, ...]] = {
    "plie": ("redressez", "depliez"), "coude": ("redressez",), "pince": ("redressez",),
    "encrasse": ("nettoyez",), "sale": ("nettoyez",), "bouche": ("debouchez", "nettoyez"),
    "obstrue": ("debouchez", "degagez"), "debranche": ("rebranchez", "branchez"),
    "desserre": ("resserrez", "serrez"), "devisse": ("revissez",), "abime": ("remplacez",),
    "vide": ("remplissez",),
}  # fmt: skip
"""A defect stated by a manual, and the act that ends it."""

REMEDIES_IF_FLAWED: dict[str, tuple[str, ...]] = {
    "ferme": ("fermez",), "visse": ("revissez", "vissez"), "serre": ("resserrez", "serrez"),
    "branche": ("branchez", "rebranchez"), "verrouille": ("verrouillez",), "place": ("replacez",),
    "enclenche": ("enclenchez",),
}  # fmt: skip
"""The same after « mal »: « porte mal fermée » → « fermez la porte »."""

INFINITIVES = frozenset(
    "mettre remettre permettre prendre reprendre attendre descendre eteindre rendre tendre suivre"
    " defaire lire cuire reduire introduire conduire detendre fendre repandre joindre atteindre"
    " inscrire etendre fondre perdre battre rompre interrompre resoudre dissoudre voir recevoir"
    " asseoir remplir".split()
)
NOT_INFINITIVES = frozenset(
    "papier panier evier levier clavier acier collier boitier palier entier premier dernier fer"
    " hiver mer cuiller cancer quartier escalier particulier regulier dossier plaisir cuir tir"
    " avenir laser poivrier gravier metier hier ouvrier cahier".split()
)
BEFORE_INFINITIVES = frozenset(
    "de d a pour sans faut pouvez peut peuvent devez doit doivent allez va vais faire faites pas"
    " plus jamais puis et ou y avant afin par".split()
)
IRREGULAR: dict[str, str] = {
    "pren": "prend", "repren": "reprend", "eteign": "eteind", "joign": "joind", "cuis": "cui",
    "reduis": "redui", "introduis": "introdui", "lis": "li", "voy": "voi", "defait": "defai",
    "atteign": "atteind", "rempliss": "rempl", "finiss": "fin", "choisiss": "chois",
    "garniss": "garn", "refroidiss": "refroid", "saisiss": "sais", "reuniss": "reun",
    "ralentiss": "ralent", "elargiss": "elarg", "ten": "ten", "serv": "serv",
}  # fmt: skip
"""Roots of « vous » forms that differ from those of their infinitives."""

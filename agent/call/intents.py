"""What a caller says about the conversation itself: yes, no, again, a person, goodbye. Pure.

Patterns read folded text (lower case, no accents, apostrophes and hyphens as spaces), without its
politeness: « est-ce que vous pouvez répéter s'il vous plaît » is « vous pouvez repeter ».
"""

from __future__ import annotations

import re

from knowledge.safety import fold

_START = (
    r"^(?:(?:ah|oh|euh|heu|ben|bah|bon|mais|eh|bien|alors|et|moi|je (?:pense|crois|dirais)|que) )*"
)
_NOT_A_QUESTION = r"(?!.*\b(?:mais|sauf|comment|pourquoi|combien|quel(?:le)?s?|ou|quoi)\b)"
"""« Oui, mais le filtre est bloqué » and « oui, et comment ? » are no plain yes."""

_PERSON = (
    r"(?:conseill(?:er|ere|ers)|etre humain|humain|operat(?:eur|rice)|standardiste|technicien"
    r"|reparateur|responsable|direct(?:eur|rice)|superieur)s?"
)
_SOMEBODY = (
    rf"(?:{_PERSON}|quelqu un|personne|interlocut(?:eur|rice)|collegues?|agent|service client"
    r"|service apres vente|sav)"
)
_THEIR_PAST = (
    r"(?! (?:\w+ )?(?:a(?! qui\b)|ont|est|sont|etait|avait|vient|venait|va|doit|devait|passe)\b)"
)
_NOT_REMIND = r"(?! (?:comment|ou|quel(?:le)?s?|ce que|la|le|les|l)\b)"
"""« Rappelez-moi comment on fait »: of what was said, not by telephone."""
_MACHINE = r"(?:robot|machine|ordinateur|repondeur|automate|ia|intelligence artificielle)"
_DONE = (
    r"(?:fait|fini|termine|bon|ok|pret|enleve|retire|ferme|ouvert|devisse|revisse|nettoye|vide"
    r"|rince|coupe|debranche|rebranche|branche|eteint|rallume|allume|remis|tourne|appuye|sorti"
    r"|trouve|verifie)e?s?"
)

_WORDS: dict[str, str] = {
    "human": (
        r"(?<!train de )\b(?:(?<!je )parle[rz]?|discuter|echanger|relation) (?:\w+ ){0,2}?"
        rf"(?:a|au|aux|avec) (?:\w+ ){{0,3}}?{_SOMEBODY}\b|"
        r"\b(?:passe[rz]?|avoir|joindre|contacter|appeler|veux|voudrais|souhaite|prefere\w*|demande"
        rf"|besoin|envoye[rz]|mettez) (?:\w+ ){{0,3}}?(?:un|une|d un|d une|le|la|votre|au) "
        rf"(?:vraie? )?(?:{_PERSON}|personne\b(?! (?:age|seul))|collegue|interlocut\w+"
        r"|service (?:client|apres vente)|sav)\b|"
        r"\b(?:avoir|joindre|veux|voudrais|passe[rz]?|prefere\w*) (?:\w+ ){0,2}quelqu un\b|"
        rf"(?<!etes )(?<!vous )(?<!parle a )\b(?:une?|votre|vos|aux?|du) (?:vraie? )?{_PERSON}\b"
        rf"{_THEIR_PAST}|"
        rf"^(?:une? )?(?:vraie? )?(?:{_PERSON}|personne|quelqu un|agent)(?: \w+)?$|"
        r"(?<!etes une )(?<!parle a une )(?<!c est une )\bvraie personne\b|"
        r"\bquelqu un (?:au telephone|de vrai|d humain|d autre)\b|"
        r"\b(?:qu on me rappelle|quelqu un (?:me|nous) (?:rappelle|contacte)|etre rappelee?)\b|"
        rf"\b(?:veux|voudrais|souhaite|aime) pas (?:parler )?(?:\w+ )?(?:a|avec) une? {_MACHINE}\b|"
        rf"\b(?:veux|voudrais|pas) (?:pas )?(?:de|d un|d une) {_MACHINE}\b(?! a )|"
        r"\b(?:a|avoir|veux|voudrais) une? vraie? (?:dame|femme|homme|monsieur)\b|"
        r"\b(?:avoir|joindre|retrouver|passe[rz]?|veux|voudrais|aimerais|souhaite|parler) "
        r"(?:\w+ ){0,2}?(?:le|la|au|ce|cette) (?:meme )?(?:monsieur|dame|jeune (?:homme|femme))\b|"
        r"\b(?:veux|voudrais|aimerais|souhaite) (?:re)?tomber sur\b|\breparler (?:a|avec)\b|"
        rf"\b(?:marre|assez) de parler a (?:des|une?|vos) {_MACHINE}s?\b"
    ),
    "call_back": (
        r"\b(?:peut|peuvent|pourrait|pou(?:vez|rriez)|voulez|faut|faudrait|mieux|possible|prefere"
        r"|faites) (?:\w+ ){0,3}?(?:me |nous )(?:faire )?rappeler\b"
        rf"{_NOT_REMIND}|\bfaites (?:moi|nous) rappeler\b|"
        rf"\brappele[rz] (?:moi|nous)\b{_NOT_REMIND}|"
        r"\bquelqu un (?:\w+ ){0,2}?(?:l|la|le|les) (?:r)?appel\w*|"
        r"\bfaudrait (?:\w+ ){0,3}?(?:r)?appeler (?:ma|mon|mes|chez)\b"
    ),
    "robot": (
        r"\b(?:vous etes|etes vous|t es|tu es|es tu|je parle|parle je|on parle|suis en train de"
        r" parler) (?:\w+ ){0,2}?(?:une? )(?:vraie? )?"
        rf"(?:{_MACHINE}|humain|etre humain|personne|conseillere?)\b|"
        rf"^c est une? (?:vraie personne|{_MACHINE}(?: qui (?:me )?(?:parle|repond))?$)"
    ),
    "goodbye": (
        r"\b(?:au revoir|bonne (?:journee|soiree|fin de journee)|je raccroche)\b|"
        r"\b(?:c est|ce sera|ca sera) tout(?:$| (?:pour|merci|ce qu|au revoir|bonne|je vous))"
    ),
    "repeat": (
        r"(?<!se )(?<!s )\b(?:repete[rz]?|redites|redire)\b|^(?:euh )?pardon$|"
        r"^(?:euh |quoi )?comment(?: ca)?$|\bvous (?:dites|disiez|avez dit)\b|^quoi$|"
        r"\bpas (?:bien |tout )?(?:compris|entendu|suivi)\b|\bpardon (?:j ai|je n ai) pas\b|"
        r"\bplus fort\b|\bentends? (?:tres )?(?:mal|pas|rien)\b|\bca coupe\b|\bvous coupez\b"
    ),
    "done": (
        rf"\bc est (?:tout )?{_DONE}\b(?! signe)|{_START}(?:je l ai|je les ai|j ai|je viens de l) "
        rf"(?:bien )?{_DONE}\b|^(?:voila |oui )?{_DONE}$|\bca y est\b|"
        r"(?<!ca )(?<!elle )(?<!il )\bcontinue[rz]?\b|\bla suite\b|\bsuivante?\b|"
        r"^(?:et |oui |ok |d accord )*(?:ensuite|apres)\b(?! (?:ca|elle|il|le|la|j)\b)|"
        r"\b(?:fais|faire) (?:ensuite|apres)$|\bj ai fini\b|\ballez y\b|^(?:oui )?dites moi$|"
        r"\bj attends(?: la suite)?$"
    ),
    "wait": (
        r"(?<!j )\battend(?:ez|s)\b|\bpas encore\b|\b(?:ne )?(?:quittez|bougez) pas\b|"
        r"(?:^|\b(?:moi|juste|encore|oui|ok|accord|alors|euh) )"
        r"(?:(?:une|deux|cinq|petite) )+(?:minutes?|secondes?)\b|\bun (?:petit )?instant\b|"
        r"(?<!dure )(?<!depuis )\bun (?:petit )?moment\b|\bje vais (?:voir|essayer|regarder)\b|"
        r"^(?:je (?:regarde|cherche|essaie|essaye|le fais)|j (?:y vais|essaie|essaye))\b"
    ),
    "slower": (
        r"\b(?:moins vite|trop vite|plus (?:lentement|doucement)|doucement s il|ralenti\w*)\b|"
        r"\b(?:parle[rz]?|aller|allez|articule[rz]?|dites) (?:\w+ ){0,3}(?:lentement|doucement)\b"
    ),
    "stop": (
        r"^(?:(?:non|oui|ok|bon|ah|mais) )*"
        r"(?:sto(?:m?[pb])\w*(?: it)?|arretez(?: vous)?|taisez vous|chut|ecoutez(?: moi)?)"
        r"(?: (?:stop|arretez|ecoutez(?: moi)?|deux secondes|j ai compris|c est bon|merci))*$"
    ),
    "unknown": (
        r"\b(?:je )?(?:ne )?(?:le |la |l |les )?(?:sais|saurais|connais|retrouve) (?:\w+ )?"
        r"(?:pas|plus|rien)\b|\b(?:j en )?sais rien\b|\baucune idee\b|\bpas sous les yeux\b|"
        r"\b(?:me )?(?:rappelle|souviens) (?:pas|plus)\b|\bl ai pas\b|"
        r"\bc est (?:efface|illisible)\b"
    ),
    "where": (
        r"\b(?:laquelle|lequel|lesquel(?:le)?s)\b|^(?:mais |et |euh |oui )*(?:c est )?ou "
        r"(?:ca|est ce|c est|exactement|donc|se trouve t il|ca se trouve)\b|"
        r"\bje (?:ne )?(?:l |la |le |les )?(?:trouve|vois|repere) (?:pas|rien|nulle part)\b|"
        r"\b(?:il|elle|c) (?:est|se trouve) ou\b|^(?:mais |et |euh )*c est quoi$"
    ),
    "fixed": (
        r"\b(?:ca|elle|il|tout|machine|four|lave \w+) (?:re)?(?:fonctionne|marche|demarre|tourne"
        r"|chauffe|repart|vidange|redemarre|refonctionne|remarche|essore)\b"
        r"(?! (?:\w+ )?(?:pas|plus|mal|toujours pas|encore pas|comment))|"
        r"\b(?:ca|elle|il) a (?:re)?(?:marche|fonctionne|demarre)\b(?! (?:pas|plus))|"
        r"\b(?:ca|elle|il) (?:va|est) (?:beaucoup |bien |deja )?mieux\b|"
        r"\bc est (?:repare|regle|resolu|reparti|debouche|debloque|bon ca (?:re)?marche)\b|"
        r"\bprobleme (?:est )?(?:regle|resolu)\b|"
        r"\bplus (?:de|le|aucun) (?:code|bruit|probleme|fuite)\b"
    ),
    "question": (
        r"\b(?:comment|pourquoi|combien|est ce que|qu est ce|quand est ce|ou est ce|ou se|quelle?s?"
        r"|a quoi|peut on|est il|faut il|dois je|puis je|vous savez si)\b|"
        r"^(?:ah |oh |euh |mais |au fait |sinon )*et (?:pour|si|sinon|le|la|les|mon|ma|mes)\b"
    ),
    "still": (
        r"\btoujours\b|\bdeja (?:\w+ )?(?:fait|essaye|regle|enleve|verifie|nettoye|regarde)\w*\b|"
        r"\b(?:est|sont) deja\b|\brevien(?:t|nent)\b|\best revenue?s?\b|\breapparait\b|"
        r"\b(?:ca|elle|il) (?!faut)\w+ encore\b|"
        r"\bpareil\b|\bmeme (?:chose|code|probleme|bruit)\b|\bencore (?:la|le|du|de l)\b|"
        r"\b(?:ca|cela) (?:ne |n y )?(?:change|fait|regle|resout|suffit|donne) (?:\w+ )?"
        r"(?:pas|rien)\b"
    ),
    "stuck": (
        r"\barrive pas\b|\bimpossible\b|"
        r"\b(?:ca|il|elle) (?:\w+ )?(?:bloque|coince|resiste|force)\b|"
        r"\b(?:vient|bouge|tourne|s ouvre|devisse) pas\b|\btrop (?:dur|serre|haut|lourd)e?\b|"
        r"\bpeux pas\b|\bj ai peur\b|\best (?:tout )?(?:bloque|coince)e?\b"
    ),
    "enough": (
        r"\bconnais la suite\b|\bme debrouille\w*\b|\bsais (?:faire|le faire|comment faire)\b|"
        r"\b(?:ca|cela) (?:me )?suffit\b(?! pas)|\bpas besoin de la suite\b"
    ),
    "insult": (
        r"\b(?:connards?|connasse|abrutis?|imbeciles?|cretins?|salauds?|salope|encule\w*|batards?"
        r"|incapables|des ?incapables?|escrocs?|charlatans?|guignols?"
        r"|bande de (?:nuls?|voleurs?|rigolos?))\b|"
        r"\b(?:va|allez) (?:te|vous) faire\b|\bferme ta\b|\bta gueule\b|"
        r"\b(?:fous|fout|foutez|moque[sz]|fiche[sz]|payez) (?:\w+ ){0,3}gueule\b|"
        r"\b(?:vous etes|etes vous|t es) (?:tous |vraiment |completement |trop )?"
        r"(?:nuls?|nulle|lamentables?|minables?|nazes?|des voleurs|mauvais|insupportables?)\b"
    ),
    "mocked": (
        r"\b(?:fous|fout|foutez|moque[sz]|fiche[sz]|payez) (?:\w+ ){0,3}(?:du monde|de moi)\b"
    ),
    "angry": (
        r"\b(?:c est|ca devient|vraiment) (?:tous |vraiment |completement |trop )?"
        r"(?:nul|lamentable|honteux|inadmissible|scandaleux|inacceptable|intolerable|insupportable"
        r"|du foutage \w+|n importe quoi|une honte|un scandale)\b|"
        r"\b(?:ras le bol|j en ai (?:\w+ ){0,2}(?:marre|assez|ras le)|plein le|"
        r"(?:de la|votre|vos|machine de|appareil de) merde|arnaques?|foutage)\b|"
        r"\b(?:suis|ca me rend|ca m) (?:\w+ ){0,2}(?:furieux|furieuse|en colere|enerve\w*)\b"
    ),
    "false_alarm": (
        r"\b(?:fausse|fosse|faux? s|faut s|faut ces) alertes?\b|"
        r"\b(?:pas|aucun|plus) (?:de |en |du tout de )?danger\b|"
        r"\b(?:je )?(?:plaisant|rigol|blagu)\w+\b|\bmal (?:exprime|compris)e?\b|"
        r"\b(?:non|mais) (?:\w+ ){0,6}?(?:pas|aucune?) (?:\w+ ){0,3}?"
        r"(?:gaz|feu|fumee|flammes?|brule|blesse|electri\w+|danger|grave|urgent)\b"
    ),
    "yes": (
        r"(?:oui|ouais|ouaip|mouais|si si|yes|exact(?:ement)?|(?<!pas )tout a fait|"
        r"c est (?:bien |tout a fait |exactement )?(?:ca|cela|juste|correct|exact|bon|parfait)|"
        r"voila|parfait(?:ement)?|d accord|ok|okay|absolument|bien sur|effectivement|super|"
        r"tres bien|volontiers|affirmatif|correct|impeccable|nickel|entendu|certainement)"
    ),
    "no": (
        r"(?:non plus|pas (?:ca |cela )?non plus|non|nan|"
        r"pas (?:du tout|tout a fait|vraiment|ca|exactement|d accord|la peine)|negatif|"
        r"(?:c est|ce n est) pas (?:du tout )?(?:ca|cela|bon|mon probleme|ma question"
        r"|ce que (?:j ai dit|j ai demande|je (?:veux|demande|dis)))|"
        r"vous (?:n )?avez (?:mal|pas|rien) compris|rien (?:d autre|du tout|de plus)|rien$|"
        r"plus rien|ca ira|ca va aller)"
    ),
    "thanks": r"(?:merci|remercie)",
}
_ANSWERS = ("yes", "no")
"""What answers our question stands at the start; elsewhere it is about something else."""

_PATTERNS = {
    name: re.compile(
        rf"{_START}{pattern}\b{_NOT_A_QUESTION}"
        if name in _ANSWERS
        else rf"\b{pattern}\b"
        if name == "thanks"
        else pattern
    )
    for name, pattern in _WORDS.items()
}
_BARE = {name: re.compile(rf"\b{_WORDS[name]}\b") for name in ("yes", "no", "thanks")}

_POLITENESS = re.compile(
    r"\b(?:s il (?:vous|te) plait|est ce qu[e]?|bonjour|bonsoir|allo|madame"
    r"|(?<!un )(?<!le )(?<!au )(?<!ce )(?<!meme )(?<!vrai )monsieur|euh+|heu)\b"
)
_FILLERS = frozenset(
    "ah oh euh heu ben bah bon mais eh bien alors et moi je j pense crois que merci beaucoup tres"
    " tout vous te remercie a d de pour c est ca cela repond reponds ma question parfaitement bonne"
    " journee au revoir du mon probleme compris ai m aide votre voila va grand mille fois "
    " infiniment sans facon l instant cette aide aujourd hui aller parfait nickel super genial"
    " top impeccable".split()
)
"""Words that add nothing to a yes, a no or thanks."""

ANGRY_WORDS = 12
"""A complaint with more words than this tells what is wrong: that is dealt with."""

SHORT_WORDS = 6
"""A turn with more words than this is about the appliance, whatever else it says."""

_REFUSED = re.compile(
    rf"\bsans (?:\w+ ){{0,3}}{_SOMEBODY}\b|"
    rf"\bpas (?:besoin |envie )?(?:d |de |que le |qu )(?:(?:attendre|appeler|payer|voir) )?"
    rf"(?:une? )?{_SOMEBODY}\b|"
    r"\bpas (?:besoin |envie |la peine )?(?:d |de |que |qu )?(?:on |vous )?(?:me |etre )rappele\w*|"
    rf"\b(?:voulais|pensais|cherchais) (?:\w+ ){{0,3}}?{_SOMEBODY}\b"
    r"(?= (?:\w+ ){0,4}?vous (?:\w+ ){0,2}?(?:pouvez|pourriez|savez))"
)
"""A person whom the caller does not want, or no longer: « sans appeler un technicien », « je
voulais un conseiller, mais vous pouvez peut-être m'aider »."""


_LEAVING = re.compile(
    r"\b(?:au revoir|bonne (?:journee|soiree|fin de journee)|a bientot|adios|bye(?: bye)?|goodbye"
    r"|tschuss|ciao|arrivederci|adeus|bslama)(?: (?:merci|madame|monsieur|a vous|aussi|bien))*$"
)
_CALLING = re.compile(r"\brapp?el\w*|\bjoindre\b|\bnumero\b|\bfixe\b|\bportable\b|\btelephone\b")
_CORRECTING = re.compile(
    r"^(?:(?:ah|euh|oh|mais|bah|ben|oui|attendez|excusez moi) )*"
    r"(?:non|pardon|erreur|en fait|plutot|c est pas|ce n est pas|je me suis trompee?)\b"
    r"|^(?:\w+ ){1,2}pardon\b"  # « ah non pardon » is heard « un en pardon »
)
_WAIT_FIRST = re.compile(
    r"^(?:(?:oui|ah|bon|alors|euh|ok|d accord) )*(?:attend(?:ez|s)|ne quittez pas|un instant"
    r"|(?:deux|une|cinq) (?:minutes?|secondes?)|je (?:vais|descends|monte|cours|reviens|prends))\b"
)
_YES_FIRST = re.compile(rf"{_START}(?:oui|ouais|d accord|ok|c est (?:bien )?ca)\b")
_PASSING_ON = re.compile(
    r"\bje (?:vous|te) (?:la |le )?passe(?:$| (?:la|le|ma|mon|sa|son|mes|votre)\b)"
)
"""Somebody else comes to the telephone."""
LONGEST_CORRECTION = 14
"""Words of a turn that only corrects the one before."""


WHOLE_WORDS = 4
"""Words of a reply that is whole by itself."""


def is_whole_reply(text: str) -> bool:
    """Whether words are a whole reply by themselves: nobody need wait for more."""
    if len(fold(text).split()) > WHOLE_WORDS:
        return False
    known = any(says_only(intent, text) for intent in ("yes", "no", "thanks"))
    return known or (says_briefly("done", text) and not says("question", text))


def is_leaving(text: str) -> bool:
    """Whether the caller takes leave with their last words, and asks nothing."""
    plain = _plain(text)
    return _LEAVING.search(plain) is not None and not says("question", text)


def asks_for_time(text: str) -> bool:
    """Whether the caller asks to be waited for: « attendez, je descends à la cave »."""
    plain = _plain(text)
    longer = len(plain.split()) <= LONGEST_CORRECTION and _WAIT_FIRST.search(plain) is not None
    longer = longer or _PASSING_ON.search(plain) is not None
    return (says_briefly("wait", text) or longer) and not says("question", text)


def is_greeting(text: str) -> bool:
    """Whether the caller says no more than « allô, bonjour »."""
    return bool(fold(text)) and not _plain(text)


def is_qualified_yes(text: str) -> bool:
    """Whether a yes comes with something that is no question: « oui, mais je ne suis pas là »."""
    return _YES_FIRST.search(fold(text)) is not None and not says("question", text)


def is_about_calling_back(text: str) -> bool:
    """Whether the caller speaks of being called back, or of a telephone."""
    return _CALLING.search(fold(text)) is not None


def is_correction(text: str) -> bool:
    """Whether the caller puts something right: « ah non pardon, c'est le lave-vaisselle »."""
    plain = _plain(text)
    return len(plain.split()) <= LONGEST_CORRECTION and _CORRECTING.search(plain) is not None


_BACK_CHANNEL = re.compile(
    r"^(?:(?:oui|ouais|ok|okay|d accord|hum+|hm+|mm+|mh+|ah|oh|eh|bien|tres bien|tout a fait|voila"
    r"|je vois|ah bon|ah oui|c est (?:bien )?ca|entendu|exact|euh|hein|bon|alors|et"
    r"|parfait|super) ?)+$"
)
"""What a listener says while the other goes on speaking."""


_HUM = r"(?:hu+m+|h+m+|mm+|m+h+)"
_HESITATION = re.compile(rf"^(?!bon$)(?:(?:{_HUM}|e+u+h+|heu+|ben|bah|bon|alors|voyons) ?)+$")
_HUMMED_YES = re.compile(rf"^{_HUM} ?{_HUM}$|^mh+m+$|^m+hm+$")
_NAMES = re.compile(r"\b(?:appell\w*|epel\w*|nom|nomme|comme|madame|monsieur|famille|ecrit)\b")
LONGEST_NAME = 7
"""Words of somebody who gives a name and neither spells it nor says that it is one."""


def is_no_name(text: str) -> bool:
    """Whether somebody who was asked for their name speaks of another matter."""
    words = fold(text).split()
    spelled = sum(len(word) == 1 for word in words) * 2 >= len(words)
    return len(words) > LONGEST_NAME and not spelled and _NAMES.search(" ".join(words)) is None


def is_back_channel(text: str) -> bool:
    """Whether the words only show that the caller is listening; no words do not."""
    return _BACK_CHANNEL.fullmatch(fold(text)) is not None


def is_hesitation(text: str) -> bool:
    """Whether the caller is thinking aloud: « hmm », « euh, alors »; « bon » may be a reply."""
    return _HESITATION.fullmatch(fold(text)) is not None


def is_hummed_yes(text: str) -> bool:
    """Whether it is the « mm-hm » that says yes."""
    return _HUMMED_YES.fullmatch(fold(text)) is not None


def says(intent: str, text: str) -> bool:
    """Whether the caller says this, by name of the table above."""
    plain = _plain(text)
    if intent in ("human", "call_back"):
        plain = _REFUSED.sub(" ", plain)
    return _PATTERNS[intent].search(plain) is not None


def says_briefly(intent: str, text: str) -> bool:
    """Whether the caller says this and little else."""
    return len(_plain(text).split()) <= SHORT_WORDS and says(intent, text)


def is_angry(text: str) -> bool:
    """Whether the caller insults somebody, or only complains."""
    few = len(_plain(text).split()) <= ANGRY_WORDS
    rude = says("insult", text) or says("mocked", text)
    return rude or (few and says("angry", text))


def is_upset(text: str) -> bool:
    """Whether the caller complains, however long and of whatever, without an insult."""
    return says("angry", text) or says("mocked", text)


def wants_person(text: str) -> bool:
    """Whether the caller asks for a person, or to be called back by one."""
    return says("human", text) or says("call_back", text)


def says_only(intent: str, text: str) -> bool:
    """Whether the caller says this (yes, no, thanks) and nothing else: no question is lost."""
    plain = _plain(text)
    rest, found = _BARE[intent].subn(" ", plain)
    return found > 0 and says(intent, text) and _FILLERS.issuperset(rest.split())


def _plain(text: str) -> str:
    return " ".join(_POLITENESS.sub(" ", fold(text)).split())

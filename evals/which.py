"""Callers who are asked which appliance it is: whose answer is understood, by words and by sound.

    permanence eval which

Each of a client's appliances is named in several ways, and things are said that name none of them,
all by synthetic callers on the telephone. An answer is right if the appliance meant is taken, wrong
if another one is, and else the caller is asked again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.call.transcriber import Transcript
from agent.settings import Settings
from evals.spoken_clips import heard
from knowledge.appliances import of_the, with_article
from knowledge.choices import choice_heard
from knowledge.products import Product, named_product


@dataclass(frozen=True)
class Offer:
    """What one client's callers are asked to choose from.

    Attributes:
        products: All of them are offered.
        also: Other names for one of them, by its place.
    """

    products: tuple[Product, ...]
    also: tuple[tuple[int, str], ...] = ()

    @property
    def choices(self) -> tuple[str, ...]:
        """As the agent names them."""
        kinds = [product.appliance for product in self.products]
        return tuple(
            with_article(one.appliance if kinds.count(one.appliance) == 1 else one.name)
            for one in self.products
        )

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """What the recogniser is given (`Shelf.vocabulary`)."""
        kinds = dict.fromkeys(product.appliance for product in self.products)
        references = dict.fromkeys(name for one in self.products for name in one.references)
        return (*kinds, *references, "code d'erreur.")


def _offer(*names: str, also: Sequence[tuple[int, str]] = ()) -> Offer:
    """From « four FR610 », « lave-linge LV450 »."""
    parts = [name.rpartition(" ") for name in names]
    return Offer(tuple(Product(kind, (ref,)) for kind, _, ref in parts), tuple(also))


OFFERS = (
    _offer("lave-linge LV450", "four FR610P", "lave-vaisselle VS320",
           also=((0, "la machine à laver"), (0, "c'est pour ma machine à laver"),
                 (2, "la machine à laver la vaisselle"))),
    _offer("réfrigérateur RG90", "sèche-linge SC70", "plaque de cuisson PL64",
           also=((0, "le frigo"), (0, "c'est mon frigo"), (1, "le séchoir"),
                 (2, "la plaque à induction"), (2, "mes plaques"))),
    _offer("cave à vin CV12", "hotte HT60", "micro-ondes MO25",
           also=((2, "le four à micro-ondes"), (0, "ma cave"))),
    _offer("aspirateur AS10", "machine à café MC3", "robot de cuisine RC8",
           also=((1, "la cafetière"), (2, "le robot"))),
    _offer("climatiseur CL9", "radiateur RD15", "chauffe-eau CE200",
           also=((0, "la clim"), (2, "le ballon d'eau chaude"))),
    _offer("congélateur CG200", "cuisinière CU60", "lave-vaisselle VX9", also=((0, "le congélo"),)),
    _offer("lave-linge LV450", "lave-linge LV620",
           also=((0, "le LV450"), (1, "c'est le 620"), (0, "le quatre cent cinquante"))),
    _offer("four FR610", "four BT725", "hotte NH90"),
)  # fmt: skip
"""The demo client's appliances, and other clients' made up."""

WAYS = (
    "{the}", "c'est {the}", "c'est pour {my}", "pour {the}, s'il vous plaît", "{of}",
    "euh, {my}", "il s'agit {of}",
)  # fmt: skip

NO_CHOICE = (
    "je ne sais pas", "aucun des deux", "aucun des trois", "attendez, je regarde", "les deux",
    "ni l'un ni l'autre", "c'est quoi la différence ?", "vous pouvez répéter ?", "pardon ?",
    "oui", "non", "non merci", "un conseiller, s'il vous plaît", "une petite seconde",
    "c'est pour ma mère", "celui de la cuisine", "ça ne marche plus", "il y a de l'eau partout",
    "le gris", "je vous ai déjà dit", "c'est marqué sur la porte", "au revoir", "merci",
    "je l'ai acheté l'an dernier", "un appareil tout neuf", "c'est pas le bon",
)  # fmt: skip
STRANGE = (
    "c'est mon grille-pain", "c'est pour la tondeuse", "c'est mon ordinateur", "la télévision",
    "c'est pour ma chaudière", "mon fer à repasser", "la friteuse", "c'est une bouilloire",
)  # fmt: skip
"""Appliances that nobody offered."""


@dataclass(frozen=True)
class Answered:
    """An answer: what was meant (None for no choice), what was heard, what was taken."""

    said: str
    heard: str
    meant: Product | None
    by_words: Product | None
    by_sound: Product | None


def run(settings: Settings) -> list[list[Answered]]:
    """Every answer to every offer."""
    return [_answers(settings, offer) for offer in OFFERS]


def _answers(settings: Settings, offer: Offer) -> list[Answered]:
    meant = {text: offer.products[place] for place, text in offer.also}
    for product, choice in zip(offer.products, offer.choices, strict=True):
        name = choice.removeprefix("le ").removeprefix("la ").removeprefix("l'")
        my = f"{'ma' if choice.startswith('la ') else 'mon'} {name}"
        for way in WAYS:
            meant[way.format(the=choice, my=my, of=of_the(name))] = product
    texts = [*meant, *NO_CHOICE, *STRANGE]
    found = heard(settings, texts, offer.vocabulary)
    return [_answered(text, found[text], meant.get(text), offer) for text in texts]


def _answered(text: str, found: Transcript, meant: Product | None, offer: Offer) -> Answered:
    by_words = named_product(found.text, offer.products)
    choice = choice_heard((found.text, *found.alternatives), offer.choices)
    by_sound = by_words if choice is None else offer.products[offer.choices.index(choice)]
    return Answered(text, found.text, meant, by_words, by_sound)


def report(offers: Sequence[Sequence[Answered]], *, show: bool) -> str:
    """Right, wrong and asked again, by words alone and by sound too; every wrong repair."""
    answers = [one for offer in offers for one in offer]
    choosing = [one for one in answers if one.meant is not None]
    other = [one for one in answers if one.meant is None]
    lines = [
        _line("a choice, by words alone", [(one.meant, one.by_words) for one in choosing]),
        _line("a choice, by sound too", [(one.meant, one.by_sound) for one in choosing]),
        _line("no choice, by words alone", [(one.meant, one.by_words) for one in other]),
        _line("no choice, by sound too", [(one.meant, one.by_sound) for one in other]),
    ]
    for one in answers:
        repaired = one.by_sound is not one.by_words
        if repaired and one.by_sound is not one.meant:
            lines.append(f"  repaired wrongly: {_told(one)}")
        elif show and (repaired or one.by_sound is not one.meant):
            lines.append(f"  {'repaired' if repaired else 'not understood'}: {_told(one)}")
    return "\n".join(lines)


def _line(title: str, pairs: Sequence[tuple[Product | None, Product | None]]) -> str:
    right = sum(meant is taken for meant, taken in pairs)
    again = sum(meant is not None and taken is None for meant, taken in pairs)
    return (
        f"{title:26} right {right} of {len(pairs)} ({right / len(pairs):.3f}), wrong "
        f"{len(pairs) - right - again}, asked again {again}"
    )


def _told(one: Answered) -> str:
    taken = one.by_sound.name if one.by_sound is not None else "nothing"
    return f"« {one.said} » heard « {one.heard} », {taken} taken"

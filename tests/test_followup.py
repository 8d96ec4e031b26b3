"""What a short question means after another one."""

from __future__ import annotations

import pytest

from knowledge.followup import is_not_enough, resolved
from knowledge.products import Product, named_product

WASHER = Product("lave-linge", ("LV450", "LV450X"), "Orvane")
OVEN = Product("four", ("FR610", "FR610P"), "Orvane")
DISHWASHER = Product("lave-vaisselle", ("VS320",), "Orvane")
FRIDGE = Product("réfrigérateur", ("HRC340",), "Orvane")
PRODUCTS = (WASHER, OVEN, DISHWASHER, FRIDGE)

EARLIER = "comment nettoyer le filtre du lave-linge"


@pytest.mark.parametrize(
    "question",
    [
        "et si ça ne suffit pas ?",
        "Et si ça suffit pas",
        "non ça ne suffit pas",
        "et si cela ne règle pas le problème ?",
        "et si ça ne marche pas",
        "ça ne marche pas",
        "ça marche pas",
        "ça ne marche toujours pas",
        "euh ça ne marche toujours pas",
        "ça ne fonctionne pas mieux",
        "ça ne change rien",
        "ça ne donne rien",
        "cela ne résout rien",
        "ça n'aide pas",
        "c'est pareil",
        "c'est toujours pareil",
        "c'est encore la même chose",
        "toujours pas",
        "j'ai déjà essayé",
        "je l'ai déjà fait",
        "j'ai déjà vérifié ça",
        "vous avez une autre idée ?",
        "autre chose ?",
        "autre chose à vérifier ?",
        "il n'y a pas d'autre solution ?",
        "rien n'y fait",
        "et sinon ?",
        "sinon je fais quoi ?",
    ],
)
def test_not_enough(question: str) -> None:
    """The caller says that the advice did not help: the question before is asked again."""
    assert is_not_enough(question)
    assert resolved(question, EARLIER, PRODUCTS) == EARLIER


@pytest.mark.parametrize(
    "question",
    [
        "comment nettoyer le filtre",
        "où est le sel",
        "merci c'est bon",
        "ça marche",
        "ça y est c'est fait",
        "c'est la première fois",
        "mon lave-linge ne marche pas",
        "le programme ne marche plus",
        "l'essorage ne marche pas",
        "j'ai déjà un lave-linge LV450 et il fuit",
        "et pour le four ?",
        "et pour la pompe ?",
        "est-ce que je peux mettre autre chose que du sel",
        "et sinon comment détartrer le fer",
        "ça ne marche pas quand je lance le programme coton à soixante degrés le matin",
        "",
    ],
)
def test_a_question_of_its_own(question: str) -> None:
    """It names what does not work, or asks something new, or is long."""
    assert not is_not_enough(question)


@pytest.mark.parametrize(
    ("question", "earlier", "product"),
    [
        ("et pour le four ?", EARLIER, OVEN),
        ("Et pour le four ?", EARLIER, OVEN),
        ("et sur le four", EARLIER, OVEN),
        ("et le four ?", EARLIER, OVEN),
        ("oui et pour le lave-vaisselle ?", EARLIER, DISHWASHER),
        ("Ouais, et pour le lave-vaisselle.", EARLIER, DISHWASHER),
        ("D'accord, merci. Et pour le lave-vaisselle ?", EARLIER, DISHWASHER),
        ("alors et pour mon lave-vaisselle", EARLIER, DISHWASHER),
        ("et avec le frigo ?", EARLIER, FRIDGE),
        ("et mon frigo ?", EARLIER, FRIDGE),
        ("et la machine à laver ?", "comment changer l'ampoule du four", WASHER),
        ("et pour le VS320 ?", EARLIER, DISHWASHER),
        # The appliance that the first question named in other words is replaced as well.
        ("et pour le four ?", "comment nettoyer le filtre de la machine à laver", OVEN),
        ("et pour le lave-linge ?", "comment régler la température du frigo", WASHER),
        ("et pour le four ?", "comment nettoyer le filtre du LV450", OVEN),
    ],
)
def test_another_appliance(question: str, earlier: str, product: Product) -> None:
    """The question before, about the appliance that is named now."""
    asked = resolved(question, earlier, PRODUCTS)
    assert asked.endswith(question)
    assert asked.startswith(" ".join(earlier.split()[:3]))
    assert named_product(asked, PRODUCTS) == product


@pytest.mark.parametrize(
    ("question", "earlier", "asked"),
    [
        ("et pour le four ?", EARLIER, "comment nettoyer le filtre et pour le four ?"),
        ("et pour le four ?", "quelle est la hauteur du lave-vaisselle",
         "quelle est la hauteur et pour le four ?"),
        ("et mon frigo ?", "à quoi sert la touche Départ", "à quoi sert la touche Départ et mon"
         " frigo ?"),
    ],
)  # fmt: skip
def test_words_of_another_appliance(question: str, earlier: str, asked: str) -> None:
    """The earlier appliance is taken out, the rest stays as it was said."""
    assert resolved(question, earlier, PRODUCTS) == asked


@pytest.mark.parametrize(
    "question",
    [
        "comment régler l'heure du four",
        "et pour la pompe ?",
        "et le sèche-linge ?",  # none of the client's
        "et pour le four comment changer l'ampoule de la lampe",
        "et pour le four est-ce qu'il faut aussi nettoyer le filtre tous les mois",
        "le four",
        "",
    ],
)
def test_what_stands_for_itself(question: str) -> None:
    """Nothing is added to a question that is whole, or that names no appliance of the client."""
    assert resolved(question, EARLIER, PRODUCTS) == question


@pytest.mark.parametrize("question", ["et si ça ne suffit pas ?", "et pour le four ?", "oui", ""])
def test_nothing_before(question: str) -> None:
    """The first question of a call leans on nothing."""
    assert resolved(question, "", PRODUCTS) == question

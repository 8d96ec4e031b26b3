"""A yes is a yes only if nothing takes it back; a refusal is heard as one."""

from __future__ import annotations

import pytest

from agent.call.capture.replies import cannot_say, refuses, reply_in

YES = (
    "oui|Oui.|oui oui|ouais|c'est ça|oui c'est ça|Oui, c'est bien ça.|exactement|tout à fait"
    "|c'est exact|oui, merci|voilà|parfait|c'est bon|d'accord|c'est bien mon numéro|je confirme"
    "|oui c'est le bon numéro|oui madame|absolument|euh oui|ah oui c'est ça|vous avez bien compris"
    "|oui parfait merci beaucoup|c'est tout bon|c'est bien ça oui|très bien|impeccable"
).split("|")
NOT_YES = (
    "non|oui mais non|oui, enfin presque|oui, sauf le dernier|presque|c'est presque ça|oui alors"
    "|oui euh|oui allô ?|oui ?|mouais|pas exactement|c'est pas bon|oui et|je crois|oui je crois"
    "|hein|pardon ?|répétez|merci|bonjour|oui bonjour|oui comment|c'est ça que je demande|bof"
    "|oui c'est ça mais il manque un chiffre|je ne sais pas|oui non|non non c'est ça|c'est faux"
    "|d'accord mais c'est pas ça|bien sûr que non|oui à part la fin|ok attendez|c'est ça ou pas"
    "|oui je vous écoute|c'est bon je rappellerai|où est-ce ça|mon numéro|il y a une erreur"
).split("|")


@pytest.mark.parametrize("text", YES)
def test_yes(text: str) -> None:
    """A yes and nothing that could take it back."""
    assert reply_in(text) == "yes"


@pytest.mark.parametrize("text", NOT_YES)
def test_no_yes(text: str) -> None:
    """Hedged, cut short, or about something else: no yes."""
    assert reply_in(text) != "yes"


@pytest.mark.parametrize(
    "text",
    ["je préfère pas", "non merci", "je ne veux pas le donner", "ça ne vous regarde pas",
     "laissez tomber", "c'est personnel", "tant pis"],
)  # fmt: skip
def test_refusal(text: str) -> None:
    """Whoever does not want to is not asked again."""
    assert refuses(text)


@pytest.mark.parametrize(
    ("text", "cannot"),
    [("je ne sais pas", True), ("je l'ai pas sous les yeux", True), ("j'en ai pas", True),
     ("je n'ai pas d'adresse mail", True), ("je ne m'en souviens plus", True),
     ("aucune idée", True), ("c'est effacé", True), ("je n'ai pas la facture", True),
     ("j'ai pas compris", False), ("j'ai pas fini", False), ("c'est pas ça", False)],
)  # fmt: skip
def test_caller_who_does_not_have_it(text: str, cannot: bool) -> None:
    """Whoever does not have it is not asked again; who did not understand is."""
    assert cannot_say(text) is cannot

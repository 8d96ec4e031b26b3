"""A surname is understood said, spelled or both."""

from __future__ import annotations

import pytest

from agent.call.capture.name import amend, read, said

NAMES = [
    ("Martin", "Martin"),
    ("je m'appelle Martin", "Martin"),
    ("C'est madame Martin", "Martin"),
    ("Oui bonjour, alors c'est monsieur Bernard", "Bernard"),
    ("M. Dupuis", "Dupuis"),
    ("Bonjour, c'est Monsieur Petit à l'appareil", "Petit"),
    ("Mon nom de famille c'est Rousseau et j'habite à Lyon", "Rousseau"),
    ("c'est au nom de mon mari, Perrin", "Perrin"),
    ("Martin, M-A-R-T-I-N.", "Martin"),
    ("M A R T I N", "Martin"),
    ("elle comme Louis, A, U, R comme Robert, E, N, T comme Thomas", "Laurent"),
    ("Maurain M O R I N", "Morin"),
    ("Dupont, D U P O N D", "Dupond"),
    ("D U P O N T, T comme Thérèse", "Dupont"),
    ("B E deux R E T", "Berret"),
    ("je m'appelle Leroy L E R O I grec", "Leroy"),
    ("c'est au nom de Lefèvre, L E F E V R E", "Lefèvre"),
    ("Mme Le Goff, L E espace G O F F", "Le Goff"),
    ("Le Bihan, L E plus loin B I H A N", "Le Bihan"),
    ("LE GOFF", "Le Goff"),
    ("Martin-Durand", "Martin-Durand"),
    ("D'Angelo", "D'Angelo"),
    ("N'Diaye", "N'Diaye"),
    ("de la Tour", "De La Tour"),
    ("Martin, non pardon, Martel, M A R T E L", "Martel"),
    ("Madame Lambert, L comme Lucie", "Lambert"),
]

RESPELLED = [
    ("Martin avec deux n", "Martinn"),
    ("Dupond avec un T à la fin", "Dupont"),
    ("Girard avec un T", "Girart"),
    ("Lopès avec un Z à la fin", "Lopèz"),
]

NO_NAMES = [
    "je ne sais pas",
    "je préfère ne pas le dire",
    "mon lave-linge ne marche plus",
    "vous êtes un robot ?",
    "c'est moi",
    "bonne journée",
    "d'accord",
    "oui",
    "M A",
    "",
]


@pytest.mark.parametrize(("heard", "name"), NAMES)
def test_name(heard: str, name: str) -> None:
    """Titles and greetings go; what is spelled counts more than what was heard."""
    reading = read(heard)
    assert (reading.value, reading.complete, reading.doubtful) == (name, True, False)


@pytest.mark.parametrize(("heard", "name"), RESPELLED)
def test_name_with_its_letters_described(heard: str, name: str) -> None:
    """« avec deux N », « un T à la fin »: done, with doubt."""
    reading = read(heard)
    assert (reading.value, reading.complete, reading.doubtful) == (name, True, True)


@pytest.mark.parametrize("heard", NO_NAMES)
def test_no_name(heard: str) -> None:
    """Sentences, refusals and reactions are no names."""
    assert not read(heard).complete


@pytest.mark.parametrize(
    ("value", "heard", "corrected"),
    [
        ("Martin", "non, avec deux n", "Martinn"),
        ("Jean Morel", "non avec deux L", "Jean Morell"),
        ("Renne", "non, un seul n", "Rene"),
        ("Durant", "non avec un d à la fin", "Durand"),
        ("Dupond", "non, un T pas un D à la fin", "Dupont"),
        ("Morin", "c'est avec un Y", "Moryn"),
        ("Bernard", "non, sans D", "Bernar"),
        ("Lefèvre", "non, sans accent", ""),
        ("Martin", "non", ""),
    ],
)
def test_letters_corrected_after_the_read_back(value: str, heard: str, corrected: str) -> None:
    """One letter is doubled, replaced or dropped where there is just one that fits."""
    assert amend(value, heard).value == corrected


@pytest.mark.parametrize(
    ("value", "text"),
    [("Martin", "Martin, M A R T I N"), ("Le Goff", "Le Goff, L E, G O deux F"),
     ("Lefèvre", "Lefèvre, L E F E V R E")],
)  # fmt: skip
def test_name_as_it_is_said(value: str, text: str) -> None:
    """The name, then its letters: the ear alone does not tell Dupont from Dupond."""
    assert said(value) == text

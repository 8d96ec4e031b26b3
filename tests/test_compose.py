"""Passages become what is said: exact texts, one step at a time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from knowledge.compose import OPENINGS, clean, opening_of, speech_of, step_parts, topic_of
from knowledge.passages import Passage

ROW = Passage(
    passage_id="28fd2f73a41abe2b",
    manual="lave-linge-lv450.pdf",
    page=14,
    language="fr",
    kind="error_code",
    product="lave-linge LV450",
    heading="Codes d’erreur > Tableau des codes d’erreur",
    title="Vidange impossible ou trop lente",
    text="E20. Vidange impossible ou trop lente.",
    code="E20",
    causes="Filtre de la pompe encrassé.",
    steps=(
        "Redressez le tuyau de vidange et vérifiez sa hauteur (60 à 100 cm).",
        "Videz l’eau et nettoyez le filtre (8.2).",
        "Relancez le programme 13.",
    ),
)
PROCEDURE = replace(
    ROW,
    passage_id="00000000000000a0",
    kind="procedure",
    code="",
    title="Retirer les vis",
    steps=("Débranchez l’appareil.", "Ôtez les 4 vis (voir 13.1, page 18). Gardez-les."),
    warnings=("ATTENTION – Ne soulevez pas seul.", "DANGER – Coupez le courant."),
)


def test_error_code() -> None:
    """The opening, the code and its meaning with the first step; then a part for each step."""
    assert speech_of(ROW) == (
        "D'accord, j'ai trouvé ce code. Le code E20 veut dire : vidange impossible ou trop lente. "
        "Redressez le tuyau de vidange et vérifiez sa hauteur (60 à 100 cm).",
        "Videz l’eau et nettoyez le filtre.",
        "Relancez le programme 13.",
    )


def test_procedure_says_its_warning_first() -> None:
    """One step a part, a step of two sentences whole; a later warning comes at the end."""
    assert speech_of(PROCEDURE) == (
        "D'accord, je vous guide pas à pas. Ne soulevez pas seul. Débranchez l’appareil.",
        "Ôtez les 4 vis. Gardez-les. Coupez le courant.",
    )


def test_trouble_says_one_sentence_at_a_time() -> None:
    """Each remedy is tried before the next."""
    trouble = replace(
        ROW,
        kind="trouble",
        code="",
        steps=("Retirez les 4 vis (2.2). Remettez à niveau (2.4). Répartissez le linge.",),
    )
    assert speech_of(trouble) == (
        "Alors, voici quoi vérifier. Retirez les 4 vis.",
        "Remettez à niveau.",
        "Répartissez le linge.",
    )


def test_plain_text_is_cut_between_sentences() -> None:
    """Parts of at most 260 characters, where sentences end."""
    sentence = "Cette phrase fait soixante-dix caractères, ou presque, pour le test."
    text = replace(ROW, kind="text", code="", text=" ".join([sentence] * 5))
    first, second = speech_of(text)
    assert first == f"D'accord, j'ai trouvé dans la notice. {' '.join([sentence] * 3)}"
    assert second == f"{sentence} {sentence}"


def test_code_without_steps_is_still_said() -> None:
    """The meaning alone."""
    assert speech_of(replace(ROW, steps=())) == (
        "D'accord, j'ai trouvé ce code. Le code E20 veut dire : vidange impossible ou trop lente.",
    )


@pytest.mark.parametrize("kind", ["error_code", "procedure", "trouble", "table_row", "text"])
def test_opening_is_one_of_the_prepared_ones(kind: str) -> None:
    """Always the same for a passage, so that it can be rendered beforehand."""
    passage = replace(ROW, kind=kind)  # type: ignore[arg-type]
    choices = OPENINGS.get(kind, OPENINGS["other"])
    assert {opening_of(replace(passage, passage_id=f"{i:016x}")) for i in range(8)} == set(choices)
    assert opening_of(passage) == opening_of(replace(passage, text="autre"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Nettoyez le joint (8.6) et le filtre (8.2).", "Nettoyez le joint et le filtre."),
        ("Conservez les 4 vis (voir 13.1, page 18).", "Conservez les 4 vis."),
        ("Dosez (chapitre 7).", "Dosez."),
        ("Appelez le service (chapitre 14, page 18).", "Appelez le service."),
        ("Réglez (cf. § 3.2, p. 7)", "Réglez."),
        ("Fermez la porte, voir aussi le paragraphe 6.5.", "Fermez la porte."),
        ("Réglez la hauteur (60 à 100 cm).", "Réglez la hauteur (60 à 100 cm)."),
        ("Une ampoule (E14) neuve", "Une ampoule (E14) neuve."),
        ("Ouvrez 2 fois ;", "Ouvrez 2 fois."),
        ("Attendez  deux\nminutes", "Attendez deux minutes."),
        ("(4.1)", ""),
        ("", ""),
    ],
)
def test_clean(text: str, said: str) -> None:
    """Cross references go, measures stay, a full stop ends it."""
    assert clean(text) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "Remplacer l’ampoule : Fréquence : Quand elle est grillée ; Voir : 8.8, page 11.",
            "Remplacer l’ampoule : Fréquence : Quand elle est grillée.",
        ),
        ("Quand elles sont sales ; Voir : 8.5 et 8.6, page 11.", "Quand elles sont sales."),
        ("Four préchauffé. Sigles : voir 5.1, page 6.", "Four préchauffé."),
        ("Voir 8.5, page 13.", ""),
    ],
)
def test_clean_column_of_references(text: str, said: str) -> None:
    """Cause: « Voir : 8.8, page 11 », a column of a table, was read to callers."""
    assert clean(text) == said


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Un. Deux. Trois !", ["Un.", "Deux.", "Trois !"]),
        ("Attendez 15 min. puis ouvrez. Fermez.", ["Attendez 15 min. puis ouvrez.", "Fermez."]),
        ("ATTENTION – Ne touchez pas. C'est chaud.", ["Ne touchez pas.", "C'est chaud."]),
        ("", []),
    ],
)
def test_step_parts(text: str, parts: list[str]) -> None:
    """Sentences, the signal word gone."""
    assert step_parts(text) == parts


@pytest.mark.parametrize(
    ("passage", "topic"),
    [
        (ROW, "vidange impossible ou trop lente, pour le lave-linge LV450"),
        (replace(ROW, title="Coton"), "tableau des codes d’erreur, pour le lave-linge LV450"),
        (
            replace(ROW, title="", heading=""),
            "e20. Vidange impossible ou trop lente, pour le lave-linge LV450",
        ),
        (
            replace(ROW, product="hotte HT60"),
            "vidange impossible ou trop lente, pour la hotte HT60",
        ),
        (
            replace(ROW, product="aspirateur AS1"),
            "vidange impossible ou trop lente, pour l'aspirateur AS1",
        ),
    ],
)
def test_topic(passage: Passage, topic: str) -> None:
    """What is asked back: a title of two words or more, else the heading, else the words."""
    assert topic_of(passage) == topic

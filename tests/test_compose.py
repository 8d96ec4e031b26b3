"""Passages become what is said: exact texts, one step at a time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from knowledge.compose import (
    OPENINGS,
    PART_CHARACTERS,
    clean,
    opening_of,
    speech_of,
    step_parts,
    topic_of,
)
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


def test_procedure_says_its_warnings_first() -> None:
    """All of them before the step that they belong to; a step of two sentences stays whole."""
    assert speech_of(PROCEDURE) == (
        "D'accord, je vous guide pas à pas. Ne soulevez pas seul. Coupez le courant. "
        "Débranchez l’appareil.",
        "Ôtez les 4 vis. Gardez-les.",
    )
    assert speech_of(replace(PROCEDURE, warned=(0, 1))) == (
        "D'accord, je vous guide pas à pas. Ne soulevez pas seul. Débranchez l’appareil.",
        "Coupez le courant. Ôtez les 4 vis. Gardez-les.",
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
        "Alors, voici quoi vérifier. Cause possible : filtre de la pompe encrassé. Retirez les 4 "
        "vis.",
        "Remettez à niveau.",
        "Répartissez le linge.",
    )


@pytest.mark.parametrize(
    ("causes", "said"),
    [
        ("Mode démonstration actif", "Cause possible : mode démonstration actif. Mettez C9 sur 0."),
        ("Poudre non dissoute ; surcharge",
         "Causes possibles : poudre non dissoute, ou surcharge. Mettez C9 sur 0."),
        ("Le filtre est bouché.", "Si le filtre est bouché, mettez C9 sur 0."),
        ("Un long récit de tout ce qui peut bien arriver à un appareil que personne ne nettoie "
         "jamais, été comme hiver", "Mettez C9 sur 0."),
    ],
)  # fmt: skip
def test_a_remedy_comes_with_its_cause(causes: str, said: str) -> None:
    """« Mettez C9 sur 0 » alone tells nobody what is wrong."""
    trouble = replace(ROW, kind="trouble", code="", causes=causes, steps=("Mettez C9 sur 0.",))
    assert speech_of(trouble) == (f"Alors, voici quoi vérifier. {said}",)


def test_what_a_procedure_says_first_is_said() -> None:
    """Not its title again, nor its warnings, nor half a sentence."""
    procedure = replace(
        PROCEDURE, title="Filtre de sortie", steps=("Tournez la couronne.", "Remettez-la."),
        warnings=(), warned=(),
        text="Filtre de sortie. Ce filtre ne se lave pas . Une fois par mois : Tournez la couronne."
        " Remettez-la.",
    )  # fmt: skip
    first, second = speech_of(procedure)
    assert first.endswith("Ce filtre ne se lave pas. Tournez la couronne.")
    assert second == "Remettez-la."


def test_first_words_alone_are_not_said() -> None:
    """A row that only points to another page leaves nothing to say."""
    trouble = replace(ROW, kind="trouble", code="", causes="", steps=("Voir page 8.",))
    assert speech_of(trouble) == ()


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
        ("Dosez peu. Que faire si cela est arrivé : page 14, message iF0.", "Dosez peu."),
        ("Appelez le service, page 14, rubrique Contacts.", "Appelez le service."),
        ("Voir page 13, code dE.", ""),
        ("page 13, code dE", ""),
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


@pytest.mark.parametrize(
    ("attribute", "values", "model", "said"),
    [
        ("Poids net", (("LV450", "68 kg"), ("LV450X", "73 kg")), None,
         "Poids net : 68 kg pour le LV450, 73 kg pour le LV450X."),
        ("Poids net", (("LV450", "68 kg"), ("LV450X", "73 kg")), "LV450X",
         "Le poids net du LV450X est de 73 kg."),
        ("Hauteur", (("LV450", "85 cm"), ("LV450X", "85 cm")), None, "La hauteur est de 85 cm."),
        ("Masse (kg)", (("ND945", "38"), ("ND945i", "34")), "nd945I",
         "La masse du ND945i est de 34 kg."),
        ("Classe énergétique", (("", "D"),), None, "La classe énergétique est D."),
        ("Autonomie", (("", "20 h"),), None, "L'autonomie est de 20 h."),
        ("Alimentation", (("", "230 V, 50 Hz"),), None, "Alimentation : 230 V, 50 Hz."),
        ("Hauteur (cm)", (("", "85 (82,5 sans dessus)"),), None,
         "Hauteur : 85 cm (82,5 sans dessus)."),
    ],
)  # fmt: skip
def test_specification(
    attribute: str, values: tuple[tuple[str, str], ...], model: str | None, said: str
) -> None:
    """The caller's model, else one value for all, else each."""
    row = replace(ROW, kind="specification", code="", attribute=attribute, values=values)
    (part,) = speech_of(row, model)
    assert part.removeprefix(opening_of(row)).strip() == said


def test_trouble_cause_by_cause() -> None:
    """A clause becomes « Si … », anything else a possible cause."""
    pairs = (
        ("Le filtre est encrassé.", "Nettoyez-le (8.2)."),
        ("Fiche mal enfoncée", "Enfoncez-la à fond."),
        ("Il n'est pas de niveau", "Réglez les pieds, page 4."),
    )
    assert speech_of(replace(ROW, kind="trouble", code="", values=pairs)) == (
        "Alors, voici quoi vérifier. Si le filtre est encrassé, nettoyez-le.",
        "Autre cause possible : fiche mal enfoncée. Enfoncez-la à fond.",
        "S'il n'est pas de niveau, réglez les pieds.",
    )


def test_faq_says_the_answer_alone() -> None:
    """The caller has just asked the question."""
    faq = replace(ROW, kind="faq", code="", title="Et ?", text="Et ? Non.", steps=("Non, jamais.",))
    assert speech_of(faq) == ("D'accord, j'ai trouvé dans la notice. Non, jamais.",)


def test_lamp_and_signs() -> None:
    """A code that cannot be spelled is said in words; one of a model names it."""
    lamp = replace(ROW, code="voyant Départ clignote 3 fois", steps=())
    assert "Le voyant Départ clignote 3 fois : cela veut dire : vidange" in speech_of(lamp)[0]
    assert "Le code deux tirets veut dire" in speech_of(replace(ROW, code="--"))[0]
    model = replace(ROW, code="dH", models=("HRC340NF",), title="HRC340NF : air très humide.")
    assert "Le code dH, sur HRC340NF, veut dire : air très humide." in speech_of(model)[0]


def test_parts_are_short() -> None:
    """A long step is said in several parts, cut where it can be."""
    step = "; ".join(["Tournez le bouton vers la gauche jusqu'au déclic"] * 12) + "."
    parts = speech_of(replace(PROCEDURE, steps=(step,), warnings=()))
    assert len(parts) > 1
    assert all(len(part) <= PART_CHARACTERS for part in parts)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Tournez le filtre (A) vers la gauche, cf. fig. 3.", "Tournez le filtre vers la gauche."),
        ("Ôtez la bride (fig. 1, repère 8).", "Ôtez la bride."),
        ("Nettoyez-le, page 9.", "Nettoyez-le."),
        ("Voir page 10.", ""),
        ("page 9", ""),
        ("Videz l'appareil comme il est dit en 6.7.", "Videz l'appareil."),
        ("Serrez la vis, repère 4, à fond.", "Serrez la vis, à fond."),
        ("Réglez-le comme indiqué ci-dessous.", "Réglez-le."),
        ("Le tableau suivant donne les doses. Dosez peu.", "Dosez peu."),
        ("La quantité figure page 16.", ""),
        ("Chargez 5 kg max. de linge.", "Chargez 5 kg maximum de linge."),
        ("Choisissez selon 3 degrés.", "Choisissez selon 3 degrés."),
    ],
)
def test_nothing_that_only_a_reader_can_use(text: str, said: str) -> None:
    """Figures, marks and pages of every kind."""
    assert clean(text) == said

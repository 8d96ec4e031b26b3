"""Blocks become passages: rows, procedures and warnings of the samples and of made documents."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.documents import Block, Document, Page
from knowledge.documents.pdf import read_pdf
from knowledge.passages import Passage, passage_as_json, passage_from_json, passages_of
from knowledge.products import Product, appliance_in, named_product, product_of, with_article
from tests.conftest import SAMPLES

WASHER = Product("lave-linge", ("LV450", "LV450X"))
OVEN = Product("four", ("FR610", "FR610P"))
DISHWASHER = Product("lave-vaisselle", ("VS320",))
ROWS = tuple[tuple[str, ...], ...]


def _read(name: str) -> list[Passage]:
    file = SAMPLES[0].parent / name
    document = read_pdf(file)
    return passages_of(document, name, product_of(document))


@pytest.fixture(scope="module")
def washer() -> list[Passage]:
    """The washing machine's passages."""
    return _read("lave-linge-lv450.pdf")


@pytest.fixture(scope="module")
def dishwasher() -> list[Passage]:
    """The dishwasher's passages."""
    return _read("lave-vaisselle-vs320.pdf")


def _made(*blocks: Block, page: int = 2) -> list[Passage]:
    """The passages of one made page."""
    document = Document("Lave-linge ZX100", (Page(page, "fr", blocks),))
    return passages_of(document, "notice.pdf", Product("lave-linge", ("ZX100",)))


def _table(rows: ROWS) -> Block:
    return Block("table", "", 2, rows=rows)


def test_row_of_an_error_code(washer: list[Passage]) -> None:
    """E20 of the washing machine, whole."""
    (row,) = [p for p in washer if p.code == "E20"]
    assert row == Passage(
        passage_id="28fd2f73a41abe2b",
        manual="lave-linge-lv450.pdf",
        page=14,
        language="fr",
        kind="error_code",
        product="lave-linge LV450",
        heading="Codes d’erreur > Tableau des codes d’erreur",
        title="Vidange impossible ou trop lente",
        text="E20. Vidange impossible ou trop lente. Filtre de la pompe encrassé. Tuyau de vidange "
        "plié ou bouché. Vidange à plus de 100 cm de haut. Objet dans la pompe. 1. Redressez le "
        "tuyau de vidange et vérifiez sa hauteur (60 à 100 cm). 2. Attendez que l’eau soit à moins "
        "de 40 °C, videz-la et nettoyez le filtre de la pompe (8.2). 3. Relancez le programme 13.",
        code="E20",
        causes="Filtre de la pompe encrassé. Tuyau de vidange plié ou bouché. Vidange à plus de "
        "100 cm de haut. Objet dans la pompe.",
        steps=(
            "Redressez le tuyau de vidange et vérifiez sa hauteur (60 à 100 cm).",
            "Attendez que l’eau soit à moins de 40 °C, videz-la et nettoyez le filtre de la pompe "
            "(8.2).",
            "Relancez le programme 13.",
        ),
    )


def test_codes_of_a_table_over_two_pages(washer: list[Passage]) -> None:
    """Every row has its code and its own page."""
    assert [(p.code, p.page) for p in washer if p.kind == "error_code"] == [
        *((code, 14) for code in "E10 E11 E18 E20 E24 E36 E38 E41 E42 E50".split()),
        *((code, 15) for code in "E60 E71 E90".split()),
    ]


def test_codes_of_both_languages(dishwasher: list[Passage]) -> None:
    """The English table stands apart from the French one."""
    rows = [(p.language, p.page) for p in dishwasher if p.code == "E24"]
    assert rows == [("fr", 12), ("en", 19)]


def test_procedure_with_its_warning_and_all_its_steps_in_order(washer: list[Passage]) -> None:
    """Lines before the steps, the warning, then the steps."""
    (found,) = [
        p for p in washer if p.kind == "procedure" and p.title == "Retirer les vis de transport"
    ]
    assert (found.page, found.heading) == (4, "Installation > Retirer les vis de transport")
    assert found.warnings == (
        "ATTENTION – Un essorage avec les vis de transport en place provoque de fortes vibrations "
        "et endommage la suspension. Ces dommages ne sont pas couverts par la garantie.",
    )
    assert found.steps == (
        "Débranchez l’appareil et accédez à la face arrière.",
        "Desserrez les 4 vis avec une clé plate de 10 mm, dans le sens inverse des aiguilles d’une "
        "montre.",
        "Tirez chaque vis vers vous avec sa douille en caoutchouc et son entretoise en plastique. "
        "Chaque ensemble mesure environ 12 cm : vérifiez qu’il est complet.",
        "Enfoncez les 4 caches en plastique du sachet d’accessoires dans les trous, jusqu’au "
        "déclic.",
        "Conservez les 4 vis complètes : elles sont indispensables pour tout transport (voir 13.1, "
        "page 18).",
    )
    assert found.text.startswith("Quatre vis de transport, à l’arrière, immobilisent le tambour")


def test_row_of_troubleshooting(washer: list[Passage]) -> None:
    """Symptom, causes and remedy."""
    (row,) = [p for p in washer if p.title == "Fortes vibrations à l’essorage"]
    assert (row.kind, row.page) == ("trouble", 16)
    assert row.causes == ("Vis de transport encore en place. Appareil mal calé. Linge en boule.")
    assert row.steps == (
        "Retirez les 4 vis (2.2). Remettez à niveau et bloquez les contre-écrous (2.4). "
        "Répartissez le linge.",
    )


def test_numbered_first_column_of_a_sample(washer: list[Passage]) -> None:
    """A row is named by its programme, not by its number."""
    (row,) = [p for p in washer if p.title == "Coton"]
    assert (row.kind, row.page) == ("table_row", 9)
    assert row.text == (
        "Coton : N° 1 ; Linge : Coton, lin blanc ou solide ; Température : 40 °C (froid à 90) ; "
        "Charge max. : 8 / 9 kg ; Essorage max. (tr/min) : 1 400 / 1 600 ; Durée : 2 h 50."
    )


def test_rows_stand_under_the_heading_of_their_own_column() -> None:
    """Cause: of two columns of tables, rows went under a heading of the other column."""
    places = {p.title: p.heading for p in _read("four-fr610.pdf") if p.page == 8}
    assert places["Poulet, 1,5 kg"] == "Guide de cuisson > Viandes et volailles"
    assert places["Poisson entier, 1 kg"] == "Guide de cuisson > Poissons et légumes"
    assert places["Pizza fraîche"] == "Guide de cuisson > Pains, pizzas et tartes"
    assert places["Quatre-quarts"] == "Guide de cuisson > Gâteaux"


def test_nothing_from_cover_and_contents(washer: list[Passage]) -> None:
    """Their words would match everything."""
    assert min(p.page for p in washer) == 3
    assert not [p for p in washer if "Sommaire" in p.heading or "Sommaire" in p.text]


def test_identifiers_are_stable_and_unique(washer: list[Passage]) -> None:
    """A second reading gives the same passages."""
    assert _read("lave-linge-lv450.pdf") == washer
    assert len({p.passage_id for p in washer}) == len(washer) == 236


def test_json_round_trip(washer: list[Passage]) -> None:
    """What is written is what is read."""
    assert [passage_from_json(passage_as_json(p)) for p in washer] == washer


def test_table_set_twice_side_by_side() -> None:
    """One row of the page is two rows of the table."""
    rows = (
        ("Plat", "Durée", "Plat", "Durée"),
        ("Poulet entier", "70 min", "Pain de campagne", "35 min"),
        ("Gigot d'agneau", "75 min", "", ""),
    )
    assert [p.text for p in _made(_table(rows))] == [
        "Poulet entier : 70 min.",
        "Pain de campagne : 35 min.",
        "Gigot d'agneau : 75 min.",
    ]


def test_numbered_first_column() -> None:
    """« 1 », « 2. » and « n° 3 » are numbers, not names."""
    rows = (
        ("N°", "Programme", "Durée", "Charge"),
        ("1", "Coton", "170 min", "8 kg"),
        ("2.", "Rapide", "30 min", ""),
    )
    passages = _made(_table(rows))
    assert [p.title for p in passages] == ["Coton", "Rapide"]
    assert [p.text for p in passages] == [
        "Coton : N° 1 ; Durée : 170 min ; Charge : 8 kg.",
        "Rapide : N° 2. ; Durée : 30 min.",
    ]


def test_merged_cell_of_a_symptom() -> None:
    """An empty cell goes on with the symptom above it."""
    rows = (
        ("Symptôme", "Cause", "Solution"),
        ("La porte reste bloquée", "Eau encore présente", "Lancez une vidange."),
        ("", "Coupure de courant", "Attendez deux minutes."),
    )
    first, second = _made(_table(rows))
    assert first.title == second.title == "La porte reste bloquée"
    assert first.text == ("La porte reste bloquée. Eau encore présente. Lancez une vidange.")
    assert second.text == "La porte reste bloquée. Coupure de courant. Attendez deux minutes."
    assert (second.causes, second.steps) == ("Coupure de courant", ("Attendez deux minutes.",))


def test_two_codes_in_one_cell() -> None:
    """Each code finds the row."""
    rows = (
        ("Code", "Signification", "Que faire"),
        ("E 05 / E-06", "Sonde en défaut", "• Débranchez. • Appelez le service."),
    )
    passages = _made(_table(rows))
    assert [p.code for p in passages] == ["E05", "E06"]
    assert passages[0].steps == ("Débranchez.", "Appelez le service.")
    assert passages[0].title == "Sonde en défaut"


def test_two_procedures_under_one_heading() -> None:
    """A new « 1. » begins another one."""
    passages = _made(
        Block("heading", "3.1 Filtre", 2, 1),
        Block("step", "Ouvrez la trappe doucement.", 2, 1),
        Block("step", "Dévissez le filtre.", 2, 2),
        Block("step", "Revissez le filtre ensuite.", 2, 1),
    )
    assert [(p.kind, p.title, p.steps) for p in passages] == [
        ("procedure", "Filtre", ("Ouvrez la trappe doucement.", "Dévissez le filtre.")),
        ("procedure", "Filtre", ("Revissez le filtre ensuite.",)),
    ]


def test_contents_are_skipped_up_to_the_next_heading() -> None:
    """« Sommaire » and what stands under it."""
    passages = _made(
        Block("heading", "Sommaire", 2, 1),
        Block("paragraph", "Installation page quatre, entretien page douze.", 2),
        Block("heading", "1. Installation", 2, 1),
        Block("paragraph", "Posez l'appareil sur un sol dur.", 2),
    )
    assert [p.text for p in passages] == ["Posez l'appareil sur un sol dur."]


def test_short_first_page_is_a_cover() -> None:
    """The same words on a later page are text."""
    block = Block("paragraph", "Lisez cette notice avant usage.", 1)
    assert _made(block, page=1) == []
    assert len(_made(block, page=2)) == 1


@pytest.mark.parametrize(
    ("name", "product"),
    [
        ("lave-linge-lv450.pdf", WASHER),
        ("four-fr610.pdf", OVEN),
        ("lave-vaisselle-vs320.pdf", DISHWASHER),
    ],
)
def test_products_of_the_samples(name: str, product: Product) -> None:
    """Kind and references, from the cover; part numbers and the manual's own are left out."""
    assert product_of(read_pdf(SAMPLES[0].parent / name)) == product


@pytest.mark.parametrize(
    ("text", "appliance"),
    [
        ("ma machine à laver fuit", "lave-linge"),
        ("ma machine à laver la vaisselle", "lave-vaisselle"),
        ("le frigo", "réfrigérateur"),
        ("mon four à micro-ondes", "micro-ondes"),
        ("le lave linge et le four", "lave-linge"),
        ("mon lavelange ne tourne plus", "lave-linge"),
        ("l'ave linge en panne", "lave-linge"),
        ("le lave vaicelle", "lave-vaisselle"),
        ("il y a de l'eau par terre", None),
    ],
)
def test_appliance_in_a_question(text: str, appliance: str | None) -> None:
    """Also misheard; the first one named counts."""
    assert appliance_in(text) == appliance


@pytest.mark.parametrize(
    ("question", "product"),
    [
        ("mon LV450X fuit", WASHER),
        ("mon LV450 fuit", WASHER),
        ("mon lave-linge fuit", WASHER),
        ("le VS320 ne démarre pas", DISHWASHER),
        ("mon frigo", None),
        ("ça fuit", None),
    ],
)
def test_named_product(question: str, product: Product | None) -> None:
    """By reference, else by kind."""
    assert named_product(question, [OVEN, WASHER, DISHWASHER]) == product


def test_kind_alone_does_not_choose_between_two_of_a_kind() -> None:
    """With two washing machines, only the reference tells."""
    other = Product("lave-linge", ("LV600",))
    assert named_product("mon lave-linge fuit", [WASHER, other]) is None
    assert named_product("mon lave-linge LV600 fuit", [WASHER, other]) == other


@pytest.mark.parametrize(
    ("product", "said"),
    [
        ("lave-linge LV450", "le lave-linge LV450"),
        ("aspirateur AS10", "l'aspirateur AS10"),
        ("appareil", "l'appareil"),
        ("hotte HT60", "la hotte HT60"),
        ("plaque de cuisson PC4", "la plaque de cuisson PC4"),
        ("cave à vin CV2", "la cave à vin CV2"),
    ],
)
def test_with_article(product: str, said: str) -> None:
    """Cause: « l'hotte » and « le plaque de cuisson » were asked about."""
    assert with_article(product) == said


def test_sample_files_are_three() -> None:
    """The tables above name them all."""
    assert [Path(file).name for file in SAMPLES] == [
        "four-fr610.pdf",
        "lave-linge-lv450.pdf",
        "lave-vaisselle-vs320.pdf",
    ]

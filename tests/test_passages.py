"""Blocks become passages: rows, procedures and warnings of the samples and of made documents."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.documents import Block, Document, Page
from knowledge.documents.pdf import read_pdf
from knowledge.passages import Passage, passage_as_json, passage_from_json, passages_of
from knowledge.products import Product, appliance_in, named_product, product_of, with_article
from tests.conftest import SAMPLES

WASHER = Product("lave-linge", ("LV450", "LV450X"), "Orvane")
OVEN = Product("four", ("FR610", "FR610P"), "Orvane")
DISHWASHER = Product("lave-vaisselle", ("VS320",), "Orvane")
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


@pytest.mark.parametrize("name", ["lave-vaisselle-vs320.pdf", "four-fr610.pdf"])
def test_what_to_do_about_a_code_may_name_other_codes(name: str) -> None:
    """Cause: « Relancez P2. Si E24 revient … » in most rows made a column of codes of the remedies.

    The caller then heard what a code means and nothing of what to do.
    """
    rows = [p for p in _read(name) if p.kind == "error_code" and p.language == "fr"]
    codes = {p.code for p in rows if "Tableau" in p.heading or p.heading.startswith("Codes")}
    assert len(codes) >= 10
    assert not [p.code for p in rows if p.causes and not p.steps]
    assert len({p.code for p in rows}) == len([p for p in rows if p.steps or not p.causes])


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
    """Every row has its code and its own page; what the display shows besides is found, too."""
    assert [(p.code, p.page) for p in washer if p.kind == "error_code"] == [
        *((code, 6) for code in "CLE PAU End dEM".split()),
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
    """An empty cell goes on with the symptom above it: one passage, its causes in order."""
    rows = (
        ("Symptôme", "Cause", "Solution"),
        ("La porte reste bloquée", "Eau encore présente", "Lancez une vidange."),
        ("", "Coupure de courant", "Attendez deux minutes."),
    )
    (found,) = _made(_table(rows))
    assert (found.kind, found.title) == ("trouble", "La porte reste bloquée")
    assert found.text == (
        "La porte reste bloquée. Eau encore présente. Lancez une vidange. "
        "Coupure de courant. Attendez deux minutes."
    )
    assert found.causes == "Eau encore présente. Coupure de courant."
    assert found.values == (
        ("Eau encore présente", "Lancez une vidange."),
        ("Coupure de courant", "Attendez deux minutes."),
    )
    assert found.steps == (
        "Eau encore présente : Lancez une vidange.",
        "Coupure de courant : Attendez deux minutes.",
    )


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


def _one(*blocks: Block, kind: str) -> Passage:
    (found,) = [p for p in _made(*blocks) if p.kind == kind]
    return found


def test_older_index_is_read() -> None:
    """Cause: passages of an index written before have no models, values and so on."""
    data = passage_as_json(_one(Block("paragraph", "Posez l'appareil à plat.", 2), kind="text"))
    for name in ("models", "values", "attribute", "warned"):
        del data[name]
    assert passage_from_json(data).values == ()


def test_specification_of_two_models() -> None:
    """An attribute with the value of each model; a cell for all of them counts for each."""
    rows = (
        ("Caractéristique", "ZX100", "ZX100S"),
        ("Poids net", "70 kg", "72 kg"),
        ("Hauteur", "85 cm", ""),
    )
    document = Document("ZX", (Page(2, "fr", (_table(rows),)),))
    product = Product("lave-linge", ("ZX100", "ZX100S"))
    weight, height = passages_of(document, "notice.pdf", product)
    assert (weight.kind, weight.attribute) == ("specification", "Poids net")
    assert weight.values == (("ZX100", "70 kg"), ("ZX100S", "72 kg"))
    assert height.values == (("ZX100", "85 cm"), ("ZX100S", "85 cm"))
    assert height.text == "Hauteur : 85 cm."


def test_specification_without_a_header() -> None:
    """Under its heading, the first row is a row."""
    found = _made(
        Block("heading", "Caractéristiques techniques", 2, 1),
        _table((("Poids du produit", "70 kg"), ("Tension nominale", "230 V"))),
    )
    assert [(p.kind, p.attribute, p.values) for p in found] == [
        ("specification", "Poids du produit", (("", "70 kg"),)),
        ("specification", "Tension nominale", (("", "230 V"),)),
    ]


@pytest.mark.parametrize(
    "blocks",
    [
        (Block("paragraph", "Puis-je laver de la soie ? Oui, au programme 7.", 2),),
        (
            Block("heading", "Puis-je laver de la soie ?", 2, 2),
            Block("paragraph", "Oui, au programme 7.", 2),
        ),
        (
            Block("paragraph", "Q : Puis-je laver de la soie ?", 2),
            Block("paragraph", "R : Oui, au programme 7.", 2),
        ),
        (
            _table(
                (("Question", "Réponse"), ("Puis-je laver de la soie ?", "Oui, au programme 7."))
            ),
        ),
    ],
)
def test_question_and_answer(blocks: tuple[Block, ...]) -> None:
    """In a paragraph, under a heading, with Q and R, in a table."""
    found = _one(*blocks, kind="faq")
    assert (found.title, found.steps) == ("Puis-je laver de la soie ?", ("Oui, au programme 7.",))


def test_labelled_problem() -> None:
    """« Problème, cause, remède » as paragraphs, twice."""
    found = _made(
        Block("paragraph", "Problème : le tambour ne tourne pas", 2),
        Block("paragraph", "Cause possible : courroie rompue. Remède : Appelez le service.", 2),
        Block("paragraph", "Cause possible : porte ouverte. Remède : Fermez la porte.", 2),
        Block("paragraph", "Problème : il fuit. Solution : Serrez le tuyau.", 2),
    )
    assert [(p.kind, p.title) for p in found] == [
        ("trouble", "le tambour ne tourne pas"),
        ("trouble", "il fuit."),
    ]
    assert found[0].values == (
        ("courroie rompue.", "Appelez le service."),
        ("porte ouverte.", "Fermez la porte."),
    )
    assert found[1].steps == ("Serrez le tuyau.",)


def test_heading_per_symptom() -> None:
    """In a chapter on faults, a heading is a symptom and what stands under it the remedy."""
    found = _one(
        Block("heading", "Dépannage", 2, 1),
        Block("heading", "La machine ne vidange pas", 2, 2),
        Block("bullet", "Vérifiez le tuyau de vidange.", 2),
        Block("bullet", "Nettoyez le filtre.", 2),
        kind="trouble",
    )
    assert found.title == "La machine ne vidange pas"
    assert found.steps == ("Vérifiez le tuyau de vidange.", "Nettoyez le filtre.")


def test_codes_as_lines_and_as_headings() -> None:
    """« Err 3 : … » in a paragraph, « E20 – … » above its remedies."""
    found = _made(
        Block("heading", "Codes d'erreur", 2, 1),
        Block("paragraph", "Err 3 : Couvercle mal fermé. Appuyez fort au milieu.", 2),
        Block("bullet", "dH : Air très humide.", 2),
        Block("heading", "E20 – Vidange impossible", 2, 2),
        Block("step", "Redressez le tuyau de vidange.", 2, 1),
        Block("step", "Nettoyez le filtre de la pompe.", 2, 2),
    )
    assert [(p.code, p.title, p.steps) for p in found] == [
        ("Err 3", "Couvercle mal fermé.", ("Appuyez fort au milieu.",)),
        ("dH", "Air très humide.", ()),
        (
            "E20",
            "Vidange impossible",
            ("Redressez le tuyau de vidange.", "Nettoyez le filtre de la pompe."),
        ),
    ]


def test_what_a_display_writes_among_the_lamps() -> None:
    """« CLn » in a table of lamps is a code; a lamp that has a word for its name is none."""
    rows = (
        ("Voyant", "Signification", "Que faire"),
        ("Robinet", "L'eau n'arrive pas", "Ouvrez le robinet."),
        ("Étoile", "Liquide de rinçage épuisé", "Remplissez le réservoir."),
        ("CLn", "Rappel de nettoyage", "Lancez le programme P9."),
    )
    found = _made(Block("heading", "Voyants", 2, 1), _table(rows))
    assert {(p.kind, p.code, p.title) for p in found} == {
        ("error_code", "CLn", "Rappel de nettoyage"),
        ("table_row", "", "Robinet"),
        ("table_row", "", "Étoile"),
    }


def test_codes_of_two_models_in_two_columns() -> None:
    """A display on one model, lamps on the other."""
    rows = (
        ("ZX100S", "ZX100", "Cause et conduite à tenir"),
        ("Err 1", "voyant Départ clignote 1 fois", "L'eau ne vient pas. Ouvrir le robinet."),
    )
    page = Page(2, "fr", (Block("heading", "Tableau des défauts", 2, 1), _table(rows)))
    product = Product("lave-linge", ("ZX100", "ZX100S"))
    found = passages_of(Document("ZX", (page,)), "notice.pdf", product)
    assert [(p.code, p.models, p.title, p.steps) for p in found] == [
        ("Err 1", ("ZX100S",), "L'eau ne vient pas.", ("Ouvrir le robinet.",)),
        (
            "voyant Départ clignote 1 fois",
            ("ZX100",),
            "L'eau ne vient pas.",
            ("Ouvrir le robinet.",),
        ),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Comme suit. a) Ouvrir la trappe basse. b) Dévisser le filtre. c) Rincer le filtre.",
        "Comme suit. 1 - Ouvrir la trappe basse. 2 - Dévisser le filtre. 3 - Rincer le filtre.",
        "Comme suit. 1. Ouvrir la trappe basse. 2. Dévisser le filtre. 3. Rincer le filtre.",
        "Comme suit. Étape 1 : Ouvrir la trappe basse. Étape 2 : Dévisser le filtre. "
        "Étape 3 : Rincer le filtre.",
    ],
)
def test_steps_within_a_paragraph(text: str) -> None:
    """Lettered, numbered, named."""
    found = _one(Block("paragraph", text, 2), kind="procedure")
    assert found.steps == ("Ouvrir la trappe basse.", "Dévisser le filtre.", "Rincer le filtre.")


def test_figures_in_circles_are_steps() -> None:
    """Cause: each « 2 » set large was a heading of its own."""
    found = _one(
        Block("heading", "Nettoyer le filtre", 2, 2),
        Block("heading", "1", 2, 3),
        Block("paragraph", "Ouvrez la trappe basse.", 2),
        Block("heading", "2", 2, 3),
        Block("paragraph", "Dévissez le filtre.", 2),
        kind="procedure",
    )
    assert found.title == "Nettoyer le filtre"
    assert found.steps == ("Ouvrez la trappe basse.", "Dévissez le filtre.")


def test_numbered_headings_run_into_their_paragraph() -> None:
    """« 2.1 Déballage 2.1.1 Socle L'appareil … »."""
    (found,) = _made(
        Block("heading", "2 MISE EN PLACE", 2, 1),
        Block("paragraph", "2.1 Déballage 2.1.1 Socle et cale L’appareil pèse 58 kg.", 2),
    )
    assert (found.heading, found.text) == (
        "MISE EN PLACE > Déballage > Socle et cale",
        "L’appareil pèse 58 kg.",
    )


def test_warning_is_placed_before_the_step_it_follows() -> None:
    """Heard after it, it would come too late; one after the last step is heard first."""
    found = _one(
        Block("heading", "Vidange de secours", 2, 1),
        Block("step", "Posez un récipient devant.", 2, 1),
        Block("step", "Dévissez le filtre.", 2, 2),
        Block("warning", "ATTENTION – L'eau peut être brûlante.", 2),
        Block("step", "Revissez le filtre.", 2, 3),
        Block("warning", "DANGER – Débranchez l'appareil.", 2),
        kind="procedure",
    )
    assert found.warned == (1, 0)


def test_table_goes_on_without_its_header() -> None:
    """A symptom's rows on the next page belong to it."""
    rows = (("Symptôme", "Cause", "Remède"), ("Il fuit", "Joint usé", "Changez le joint."))
    more = (("", "Tuyau desserré", "Serrez le tuyau."), ("Il vibre", "Pieds", "Réglez-les."))
    pages = (
        Page(2, "fr", (Block("table", "", 2, rows=rows),)),
        Page(3, "fr", (Block("table", "", 3, rows=more),)),
    )
    leak, shake = passages_of(Document("ZX", pages), "notice.pdf", Product("four", ()))
    assert leak.values == (
        ("Joint usé", "Changez le joint."),
        ("Tuyau desserré", "Serrez le tuyau."),
    )
    assert (leak.page, shake.page, shake.title) == (2, 3, "Il vibre")


@pytest.mark.parametrize(
    ("heading", "text", "models"),
    [
        ("Dégivrer (LV450)", "Posez une bassine d'eau chaude.", ("LV450",)),
        ("Dégivrer", "LV450X : rien à faire du tout.", ("LV450X",)),
        ("Dégivrer", "Sur le LV450X, rien à faire.", ("LV450X",)),
        ("Dégivrer", "Ventilateur bloqué (LV450X).", ("LV450X",)),
        ("Dégivrer", "LV450 : une fois l'an. LV450X : jamais.", ()),
        ("Dégivrer (LV450)", "Le LV450X ne se dégivre pas.", ()),
        ("LV450 et LV450X", "Posez une bassine d'eau chaude.", ()),
    ],
)
def test_models_for_which_a_passage_holds(heading: str, text: str, models: tuple[str, ...]) -> None:
    """Named by its heading or at its beginning, unless it names others, too."""
    blocks = (Block("heading", heading, 2, 1), Block("paragraph", text, 2))
    (found,) = passages_of(Document("", (Page(2, "fr", blocks),)), "a.pdf", WASHER)
    assert found.models == models


def test_warranty() -> None:
    """By its heading."""
    found = _one(
        Block("heading", "Garantie et service après-vente", 2, 1),
        Block("paragraph", "L'appareil est garanti deux ans.", 2),
        kind="warranty",
    )
    assert found.text == "L'appareil est garanti deux ans."


def test_codes_for_technicians_are_no_advice() -> None:
    """What only a technician may do with a code does not answer a caller."""
    found = _made(
        Block("heading", "Réservé au technicien", 2, 1),
        Block("paragraph", "E7 : contrôler le fusible de la carte.", 2),
    )
    assert [(p.kind, p.code) for p in found] == [("text", "")]

"""Products: read from covers of every look, and found in what callers say."""

from __future__ import annotations

import pytest

from knowledge.appliances import appliances_in, foreign_appliance, of_the, with_article
from knowledge.documents import Block, Document, Page
from knowledge.products import (
    Product,
    candidates,
    distinct,
    named_model,
    named_product,
    product_of,
    same_product,
)
from knowledge.references import is_only_references, references_in, written_references

FRIDGE = Product("réfrigérateur", ("HRC340", "HRC340NF"))
WASHER = Product("lave-linge", ("BT6512", "BT6514S"))
OTHER_WASHER = Product("lave-linge", ("LV450", "LV450X"))
DISHWASHER = Product("lave-vaisselle", ("ND945", "ND945i"))
HOOD = Product("hotte", ("NH90",))
ALL = [FRIDGE, WASHER, OTHER_WASHER, DISHWASHER, HOOD]


def _cover(*lines: str, title: str = "", body: str = "") -> Document:
    blocks = tuple(Block("heading", line, 1, 1) for line in lines)
    pages = [Page(1, "fr", blocks)]
    if body:
        pages.append(Page(2, "fr", (Block("paragraph", body, 2),)))
    return Document(title or lines[0], tuple(pages))


COVERS = [
    (
        ("Réfrigérateur-congélateur", "HRC340 / HRC340NF"),
        ("réfrigérateur", ("HRC340", "HRC340NF")),
    ),
    (("BT 6512 - BT 6514 S", "Lave-linge top"), ("lave-linge", ("BT6512", "BT6514S"))),
    (("Lave-vaisselle", "Modèle : ND945, ND945i"), ("lave-vaisselle", ("ND945", "ND945i"))),
    (("LAVE-LINGE HUBLOT", "LV450 | LV450X"), ("lave-linge", ("LV450", "LV450X"))),
    (("Hottes NH90 et NH60",), ("hotte", ("NH90", "NH60"))),
    (("Plaque à induction PI-604",), ("plaque de cuisson", ("PI604",))),
    (("Four encastrable FR 610 P",), ("four", ("FR610P",))),
    (("Cave à vin", "CV38 / CV38B"), ("cave à vin", ("CV38", "CV38B"))),
    (("Chauffe-eau électrique", "CE200/250"), ("chauffe-eau", ("CE200", "CE250"))),
    (("Micro-ondes MO25G",), ("micro-ondes", ("MO25G",))),
    (("Machine à café", "EX1200"), ("machine à café", ("EX1200",))),
    (("Lavante-séchante LS86",), ("lavante-séchante", ("LS86",))),
    (("Cuisinière gaz CG5060",), ("cuisinière", ("CG5060",))),
    (("Climatiseur mobile", "norme EN 60335", "CM09"), ("climatiseur", ("CM09",))),
    (("Aspirateur robot AR30",), ("aspirateur robot", ("AR30",))),
    (("Mode d'emploi",), ("appareil", ())),
]


@pytest.mark.parametrize(("lines", "product"), COVERS)
def test_cover(lines: tuple[str, ...], product: tuple[str, tuple[str, ...]]) -> None:
    """Kind and all models; standards are left out."""
    found = product_of(_cover(*lines))
    assert (found.appliance, found.references) == product


@pytest.mark.parametrize(
    ("file", "text", "references"),
    [
        ("hotte-nh90-codes.xlsx", "Code Sens Action", ("NH90",)),
        ("lave-linge-lv450x.csv", "Question Réponse", ("LV450X",)),
        ("codes-nd945i.xlsx", "Codes du ND945i", ("ND945i",)),
        ("tarifs-2024.csv", "Question Réponse", ()),
    ],
)
def test_sheet_is_named_by_its_file(file: str, text: str, references: tuple[str, ...]) -> None:
    """A sheet of codes has no cover; the text's spelling wins over the file's."""
    table = Block("table", text, 1, rows=(("Code", "Sens"), ("E1", text)))
    document = Document("Codes", (Page(1, "fr", (table, Block("paragraph", text, 1))),))
    assert product_of(document, file).references == references


def test_appliance_of_a_sheet_stands_in_its_file_name() -> None:
    """Where neither title nor text says it."""
    document = Document("Codes", (Page(1, "fr", (Block("paragraph", "Code Sens", 1),)),))
    assert product_of(document, "hotte-nh90-codes.xlsx") == Product("hotte", ("NH90",))


def test_override_is_taken_as_it_is() -> None:
    """What was entered by hand."""
    assert product_of(_cover("Four FR610"), "x.pdf", WASHER) == WASHER


@pytest.mark.parametrize(
    ("cover", "body", "brand"),
    [
        ("N O R D A L E C", "Chez Nordalec, la garantie Nordalec est de deux ans.", "Nordalec"),
        ("Brévia", "La cuve est en inox.", "Brévia"),
        ("Notice", "Lisez la notice avant usage.", ""),
        ("Lave-linge LV450", "Le lave-linge est garanti.", ""),
    ],
)
def test_brand(cover: str, body: str, brand: str) -> None:
    """A proper name of the cover, also with spaced letters."""
    assert product_of(_cover(cover, "Hotte NH90", body=body)).brand == brand


QUESTIONS = [
    ("mon HRC340 fait du bruit", FRIDGE),
    ("le 340 no frost ne fait plus de froid", FRIDGE),
    ("HRC trois cent quarante", FRIDGE),
    ("j'ai un HRT340", FRIDGE),
    ("mon RC340 ne refroidit plus", FRIDGE),
    ("mon frigo", FRIDGE),
    ("le congélateur ne gèle plus", FRIDGE),
    ("le BT 6514 ne s'ouvre pas", WASHER),
    ("la 6512 fuit", WASHER),
    ("mon lave-linge LV450", OTHER_WASHER),
    ("LV450X", OTHER_WASHER),
    ("le ND945i", DISHWASHER),
    ("mon nd 945 i", DISHWASHER),
    ("le lave-vaisselle", DISHWASHER),
    ("ma hotte aspirante", HOOD),
    ("mon lave-linge fuit", None),
    ("ça fuit", None),
    ("un essorage à 1400 tours", None),
    ("LV451", None),
]


@pytest.mark.parametrize(("question", "product"), QUESTIONS)
def test_named_product(question: str, product: Product | None) -> None:
    """In part or with a misheard letter, but never with another figure."""
    assert named_product(question, ALL) == product


def test_candidates_for_a_clarifying_question() -> None:
    """Those of the kind; all if none is named."""
    assert candidates("ma machine à laver fuit", ALL) == [WASHER, OTHER_WASHER]
    assert candidates("ça fuit", ALL) == ALL


def test_a_manual_and_its_sheets_are_one_product() -> None:
    """The file that covers most models names it."""
    manual = Product("hotte", ("NH90", "NH60"), "Nordalec")
    assert same_product(HOOD, manual)
    assert distinct([HOOD, FRIDGE, manual]) == [manual, FRIDGE]
    assert named_product("ma hotte", [HOOD, manual, HOOD]) == manual


MODELS = [
    ("mon HRC340", FRIDGE, "HRC340"),
    ("mon HRC340NF", FRIDGE, "HRC340NF"),
    ("le 340 no frost", FRIDGE, "HRC340NF"),
    ("HRC 340 NF", FRIDGE, "HRC340NF"),
    ("le 340", FRIDGE, None),
    ("mon frigo", FRIDGE, None),
    ("le 6514", WASHER, "BT6514S"),
    ("BT 6514 S", WASHER, "BT6514S"),
    ("ND945i", DISHWASHER, "ND945i"),
    ("c'est un ND945", DISHWASHER, "ND945"),
    ("elle vé quatre cent cinquante ixe", OTHER_WASHER, "LV450X"),
]


@pytest.mark.parametrize(("question", "product", "model"), MODELS)
def test_named_model(question: str, product: Product, model: str | None) -> None:
    """As the manual writes it; open where two fit."""
    assert named_model(question, product) == model


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("ma gazinière", ("cuisinière",)),
        ("le cumulus", ("chauffe-eau",)),
        ("mon lave linge séchant", ("lavante-séchante",)),
        ("la cafetière et le grille-pain", ("machine à café", "grille-pain")),
        ("ma clim", ("climatiseur",)),
        ("l'air fryer", ("friteuse",)),
        ("la plaque signalétique", ()),
        ("les plaques", ("plaque de cuisson",)),
        ("le robot aspirateur", ("aspirateur robot",)),
        ("la centrale vapeur", ("centrale vapeur",)),
    ],
)
def test_callers_words(text: str, kinds: tuple[str, ...]) -> None:
    """Every kind has the words that callers have for it."""
    assert appliances_in(text) == kinds


@pytest.mark.parametrize(
    ("question", "foreign"),
    [
        ("mon sèche-linge ne sèche plus", "sèche-linge"),
        ("ma cafetière fuit", "machine à café"),
        ("mon frigo", None),
        ("mon congélateur", None),
        ("puis-je poser un micro-ondes dessus", None),
        ("l'eau du radiateur", None),
        ("à côté du four", None),
        ("mon lave-linge est sous la plaque", "lave-linge"),
        ("ça fuit", None),
    ],
)
def test_foreign_appliance(question: str, foreign: str | None) -> None:
    """What the question is about, not what stands beside it."""
    assert foreign_appliance(question, {"réfrigérateur"}) == foreign


def test_articles() -> None:
    """« la », « le », « l' », « du » and so on."""
    assert with_article("machine à café EX1") == "la machine à café EX1"
    assert with_article("cuisinière CG5") == "la cuisinière CG5"
    assert [of_the(n) for n in ("four F1", "hotte H1", "aspirateur A1")] == [
        "du four F1",
        "de la hotte H1",
        "de l'aspirateur A1",
    ]


def test_references_in_a_text() -> None:
    """Whole words, however spaced; the longer one first."""
    family = ("HRC340", "HRC340NF")
    assert references_in("Sur la HRC 340 NF, la paroi est sèche", family) == ("HRC340NF",)
    assert references_in("HRC340 et HRC340NF", family) == family
    assert is_only_references("HRC340 / HRC340NF", family)
    assert not is_only_references("Essorage HRC340", family)
    assert list(written_references("norme EN 60335, IP44, LV450")) == ["LV450"]

"""PDFs become pages of blocks: the sample manuals, and small files made on the fly."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from knowledge.documents import Block, Document
from knowledge.documents.language import language_of
from knowledge.documents.pdf import _readable, read_pdf
from knowledge.documents.text import block_of
from knowledge.errors import DocumentError
from tests.builders import CODES, PdfBuilder
from tests.conftest import SAMPLES

FOLDER = SAMPLES[0].parent


@pytest.fixture(scope="module")
def washer() -> Document:
    """The washing machine's manual, read."""
    return read_pdf(FOLDER / "lave-linge-lv450.pdf")


@pytest.fixture(scope="module")
def oven() -> Document:
    """The oven's manual, read."""
    return read_pdf(FOLDER / "four-fr610.pdf")


@pytest.fixture(scope="module")
def dishwasher() -> Document:
    """The dishwasher's manual, read: its last pages are in English."""
    return read_pdf(FOLDER / "lave-vaisselle-vs320.pdf")


def _texts(document: Document, page: int, kind: str) -> list[str]:
    return [block.text for block in document.pages[page - 1].blocks if block.kind == kind]


def test_pages_are_numbered_from_one_and_blocks_know_theirs(washer: Document) -> None:
    """A citation names the page of the file."""
    assert [page.number for page in washer.pages] == list(range(1, 19))
    assert all(block.page == page.number for page in washer.pages for block in page.blocks)


def test_headings_by_depth(washer: Document) -> None:
    """Larger type stands above smaller type."""
    headings = [b for b in washer.pages[13].blocks if b.kind == "heading"]
    assert [heading.text for heading in headings] == [
        "9. Codes d’erreur",
        "9.1 Que faire quand un code s’affiche",
        "9.2 Tableau des codes d’erreur",
    ]
    assert headings[0].level < headings[1].level == headings[2].level


def test_steps_keep_their_numbers_and_lose_them_in_the_text(washer: Document) -> None:
    """« 2. Consultez… » is the step 2, « Consultez… »."""
    steps = [block for block in washer.pages[13].blocks if block.kind == "step"]
    assert [step.level for step in steps] == [1, 2, 3, 4]
    assert steps[0].text == "Notez le code et l’étape du programme en cours."
    assert steps[1].text == "Consultez le tableau et faites les actions indiquées."


def test_a_step_over_two_lines_is_one_step(washer: Document) -> None:
    """A hanging line goes on with its step."""
    steps = [block for block in washer.pages[3].blocks if block.kind == "step"]
    assert (
        "Tirez chaque vis vers vous avec sa douille en caoutchouc et son entretoise en plastique. "
        "Chaque ensemble mesure environ 12 cm : vérifiez qu’il est complet."
    ) in [step.text for step in steps]


def test_warnings(washer: Document) -> None:
    """A framed warning is a block of its own kind, whole."""
    assert _texts(washer, 4, "warning")[1] == (
        "ATTENTION – Un essorage avec les vis de transport en place provoque de fortes vibrations "
        "et endommage la suspension. Ces dommages ne sont pas couverts par la garantie."
    )


def test_bullets_lose_their_mark(washer: Document) -> None:
    """The mark is not a word."""
    assert _texts(washer, 4, "bullet")[0] == (
        "Choisissez un sol dur, plan et sec. Évitez la moquette épaisse, les planchers souples "
        "et les estrades."
    )


def test_table_of_error_codes_cell_by_cell(washer: Document) -> None:
    """Each cell is one text, its line breaks gone; the header is the first row."""
    table = next(block for block in washer.pages[13].blocks if block.kind == "table")
    assert table.rows[0] == ("Code", "Signification", "Causes possibles", "Que faire")
    assert [row[0] for row in table.rows[1:]] == ("E10 E11 E18 E20 E24 E36 E38 E41 E42 E50".split())
    assert table.rows[4] == (
        "E20",
        "Vidange impossible ou trop lente",
        "Filtre de la pompe encrassé. Tuyau de vidange plié ou bouché. Vidange à plus de 100 cm "
        "de haut. Objet dans la pompe.",
        "1. Redressez le tuyau de vidange et vérifiez sa hauteur (60 à 100 cm). 2. Attendez que "
        "l’eau soit à moins de 40 °C, videz-la et nettoyez le filtre de la pompe (8.2). "
        "3. Relancez le programme 13.",
    )


def test_table_goes_on_after_its_page_with_its_header(washer: Document) -> None:
    """The rest of the table is a table of the next page."""
    table = next(block for block in washer.pages[14].blocks if block.kind == "table")
    assert table.rows[0][0] == "Code"
    assert [row[0] for row in table.rows[1:]] == ["E60", "E71", "E90"]


def test_words_of_a_table_stand_nowhere_else(washer: Document) -> None:
    """Cells are not read a second time as lines."""
    rest = " ".join(b.text for b in washer.pages[13].blocks if b.kind != "table")
    assert "Redressez" not in rest


def test_two_columns_of_tables_left_one_first(oven: Document) -> None:
    """Cause: tables were placed by height alone, under the headings of the other column."""
    outline = [
        block.text if block.kind == "heading" else block.rows[1][0]
        for block in oven.pages[7].blocks
        if block.kind in ("heading", "table")
    ]
    assert outline == [
        "6. Guide de cuisson",
        "6.1 Gradins et sigles",
        "6.2 Viandes et volailles",
        "Poulet, 1,5 kg",
        "6.3 Poissons et légumes",
        "Poisson entier, 1 kg",
        "6.4 Pains, pizzas et tartes",
        "Pain",
        "6.5 Gâteaux",
        "Quatre-quarts",
        "6.6 Consommations indicatives",
        "Préchauffage à 180 °C",
    ]


def test_two_columns_of_text_left_one_first(tmp_path: Path) -> None:
    """Lines at the same height are not read across the gutter."""
    pdf = PdfBuilder(tmp_path / "deux.pdf")
    pdf.heading("1. À gauche")
    for number in range(1, 9):
        pdf.text(f"Phrase {number} de la colonne de gauche.")
    pdf.column(330)
    pdf.heading("2. À droite")
    for number in range(1, 9):
        pdf.text(f"Phrase {number} de la colonne de droite.")
    blocks = read_pdf(pdf.save()).pages[0].blocks
    assert [block.text for block in blocks] == [
        "1. À gauche",
        *(f"Phrase {number} de la colonne de gauche." for number in range(1, 9)),
        "2. À droite",
        *(f"Phrase {number} de la colonne de droite." for number in range(1, 9)),
    ]


def test_three_columns_of_text(tmp_path: Path) -> None:
    """Cause: safety advice in three columns was read across them, a fragment of each."""
    pdf = PdfBuilder(tmp_path / "trois.pdf")
    for x in (40, 220, 400):
        pdf.column(x)
        pdf.text(*(f"Texte {x}, ligne {number} de sa colonne" for number in range(1, 9)))
    (page,) = read_pdf(pdf.save()).pages
    wanted = [f"Texte {x}, ligne {n} de sa colonne" for x in (40, 220, 400) for n in range(1, 9)]
    assert " ".join(block.text for block in page.blocks) == " ".join(wanted)


def test_table_counts_as_lines_of_its_column(tmp_path: Path) -> None:
    """Cause: beside a column that is mostly a table, text was read across the gutter."""
    pdf = PdfBuilder(tmp_path / "tableau.pdf")
    pdf.heading("Voyant du chargeur")
    pdf.table([["Voyant", "Sens"], *([f"Vert {n}", "En charge"] for n in range(1, 7))], [80, 120])
    pdf.text("L'appareil pulse : le passage d'air", "est bouché par un objet.")
    pdf.column(320)
    for number in range(1, 9):
        pdf.text(f"Conseil {number} de la colonne de droite.")
    texts = [block.text for block in read_pdf(pdf.save()).pages[0].blocks]
    assert texts[2] == "L'appareil pulse : le passage d'air est bouché par un objet."
    assert texts[3:] == [f"Conseil {number} de la colonne de droite." for number in range(1, 9)]


def test_columns_in_a_part_of_the_page(tmp_path: Path) -> None:
    """Where the rest of the page has one column, two columns are still read one by one."""
    pdf = PdfBuilder(tmp_path / "bande.pdf")
    whole = "Cette phrase va d'un bord à l'autre de la page, ce qui n'est pas rare dans une notice."
    pdf.text(*[whole] * 12)
    for x, side in ((60, "gauche"), (320, "droite")):
        pdf.column(x, top=500)
        pdf.text(*(f"Voici une ligne de la colonne de {side}" for _ in range(5)))
    texts = [block.text for block in read_pdf(pdf.save()).pages[0].blocks]
    for side in ("gauche", "droite"):
        assert " ".join([f"Voici une ligne de la colonne de {side}"] * 5) in " ".join(texts)


def test_two_cells_beside_each_other_are_no_columns(tmp_path: Path) -> None:
    """Short cells do not fill a column: name and value stay on one line."""
    pdf = PdfBuilder(tmp_path / "valeurs.pdf")
    names = ("Tension", "Puissance", "Poids", "Hauteur", "Largeur", "Profondeur de l'appareil")
    pdf.text(*["Une phrase qui va d'un bord à l'autre de la page, comme dans toute notice."] * 9)
    pdf.column(60, top=500)
    pdf.text(*names)
    pdf.column(320, top=500)
    pdf.text("230 V", "2 000 W", "34 kg", "85 cm", "60 cm", "58 cm sans la prise de courant")
    text = " ".join(block.text for block in read_pdf(pdf.save()).pages[0].blocks)
    assert "Tension 230 V" in text


def test_sentence_that_goes_on_over_the_page(tmp_path: Path) -> None:
    """It is whole, on the page that has most of it; a whole sentence takes nothing in."""
    pdf = PdfBuilder(tmp_path / "suite.pdf")
    pdf.text("Pour une absence de plus de quatre jours, videz le réfrigérateur et")
    pdf.page()
    pdf.text("touchez Absence pendant 2 secondes.")
    pdf.text("le haut reste froid.")
    pages = read_pdf(pdf.save()).pages
    assert [[block.text for block in page.blocks] for page in pages] == [
        [
            "Pour une absence de plus de quatre jours, videz le réfrigérateur et touchez Absence "
            "pendant 2 secondes."
        ],
        ["le haut reste froid."],
    ]


def test_sentence_that_mostly_stands_on_the_next_page(tmp_path: Path) -> None:
    """That page is cited."""
    pdf = PdfBuilder(tmp_path / "suite.pdf")
    pdf.text("L'appareil fermé a une hauteur de 90 cm de")
    pdf.page()
    pdf.text("haut, mais il faut 132 cm sous une étagère pour lever le couvercle en entier.")
    assert [[block.page for block in page.blocks] for page in read_pdf(pdf.save()).pages] == [
        [], [2]
    ]  # fmt: skip


def test_labels_of_a_figure_do_not_complete_a_sentence(tmp_path: Path) -> None:
    """They stand between its halves; digits alone are none of it."""
    pdf = PdfBuilder(tmp_path / "figure.pdf")
    pdf.text("Sur cet appareil, on règle la fin du cycle, de 3 à")
    pdf.text("4 5 6 7 8")
    pdf.text("19 heures plus tard.")
    texts = [block.text for block in read_pdf(pdf.save()).pages[0].blocks]
    assert texts[0] == "Sur cet appareil, on règle la fin du cycle, de 3 à 19 heures plus tard."


def test_words_that_a_change_of_type_has_parted(tmp_path: Path) -> None:
    """Small capitals, and a stop after a word in bold, are one word; a bold word is its own."""
    pdf = PdfBuilder(tmp_path / "capitales.pdf")
    pdf.styled(("C", "Helvetica-Bold", 16), ("ONGÉLATEUR", "Helvetica-Bold", 12))
    pdf.text("Un texte qui donne la taille du corps, assez long pour la donner à lui seul.")
    pdf.styled(
        ("Ce filtre ", "Helvetica", 10),
        ("ne se lave pas", "Helvetica-Bold", 10),
        (". Frappez-le.", "Helvetica", 10),
    )
    texts = [block.text for block in read_pdf(pdf.save()).pages[0].blocks]
    assert texts[0] == "CONGÉLATEUR"
    assert texts[2] == "Ce filtre ne se lave pas. Frappez-le."


def test_bullet_that_the_file_does_not_name(tmp_path: Path) -> None:
    """pdfminer writes « (cid:127) » for it, within a line too."""
    pdf = PdfBuilder(tmp_path / "puces.pdf")
    pdf.text("• Videz le bac", "• Rincez le filtre • puis séchez-le")
    blocks = read_pdf(pdf.save()).pages[0].blocks
    assert [(block.kind, block.text) for block in blocks] == [
        ("bullet", "Videz le bac"), ("bullet", "Rincez le filtre • puis séchez-le"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("word", "read"),
    [("(cid:127)", "•"), ("(cid:190)", "(cid:190)"), ("fi(cid:12)ltre", "filtre"), ("sel", "sel")],
)
def test_glyphs_that_a_file_does_not_name(word: str, read: str) -> None:
    """One alone may be a bullet of another type, which blocks know; within a word it is nothing."""
    assert _readable(word) == read
    assert block_of("(cid:190) Videz le bac.", 1).kind == "bullet"


def test_list_beside_text_is_no_table(tmp_path: Path) -> None:
    """Cause: the bullets of a list were taken for a table's column, its first line for titles."""
    pdf = PdfBuilder(tmp_path / "liste.pdf")
    whole = "Cette phrase va d'un bord à l'autre de la page, ce qui n'est pas rare dans une notice."
    pdf.text(*[whole] * 9)
    pdf.column(60, top=500)
    pdf.text("Remède et cause", "Ne pas trop charger", "Le tambour", "Sortir le linge")
    pdf.column(300, top=500)
    pdf.text(*"••••")
    pdf.column(320, top=500)
    pdf.text("Action et durée", "Baisser à 30 degrés", "Remplir le tambour", "Sécher au fil")
    (page,) = read_pdf(pdf.save()).pages
    assert "table" not in {block.kind for block in page.blocks}


def test_running_lines_are_dropped_even_from_two_columns(oven: Document) -> None:
    """Cause: over two columns the header came in two pieces, and one was read as a step."""
    for page in oven.pages:
        lines = [block.text for block in page.blocks if block.kind != "table"]
        assert not [line for line in lines if re.match(r"Orvane FR610 / FR610P\b", line)]
        assert not [line for line in lines if re.fullmatch(r"(?:Page )?\d+(?: / \d+)?", line)]
    assert not _texts(oven, 8, "step")


def test_running_lines_of_a_made_file(tmp_path: Path) -> None:
    """What stands in a margin of most pages goes; a line of one page stays."""
    pdf = PdfBuilder(tmp_path / "notice.pdf")
    for number in range(1, 5):
        pdf.running("Marque ZX100", f"page {number}")
        pdf.text(f"Voici le texte de la feuille {number}.")
        pdf.page()
    assert [[block.text for block in page.blocks] for page in read_pdf(pdf.save()).pages] == [
        [f"Voici le texte de la feuille {number}."] for number in range(1, 5)
    ]


def test_margin_line_of_one_page_stays(tmp_path: Path) -> None:
    """It does not run."""
    pdf = PdfBuilder(tmp_path / "notice.pdf")
    pdf.text("Un texte au milieu de la feuille.")
    pdf.running("Une note en haut", "Une note en bas")
    texts = [block.text for block in read_pdf(pdf.save()).pages[0].blocks]
    assert texts == ["Une note en haut", "Un texte au milieu de la feuille.", "Une note en bas"]


def test_contents_with_dotted_lines_are_dropped(tmp_path: Path) -> None:
    """A page of titles with leaders and numbers holds nothing to answer from."""
    pdf = PdfBuilder(tmp_path / "notice.pdf")
    for number in range(1, 6):
        pdf.text(f"Chapitre {number} ....................... {number + 2}")
    pdf.page()
    pdf.text("Le premier chapitre commence ici.")
    pages = read_pdf(pdf.save()).pages
    assert pages[0].blocks == ()
    assert [block.text for block in pages[1].blocks] == ["Le premier chapitre commence ici."]


def test_table_of_a_made_file(tmp_path: Path) -> None:
    """Rows are exact, and the blocks around stay in their order."""
    pdf = PdfBuilder(tmp_path / "notice.pdf")
    pdf.text("Avant le tableau.")
    pdf.table(CODES, [40, 110, 300])
    pdf.text("Après le tableau.")
    before, table, after = read_pdf(pdf.save()).pages[0].blocks
    assert (before.text, after.text) == ("Avant le tableau.", "Après le tableau.")
    assert table == Block(
        "table",
        "\n".join(" | ".join(row) for row in CODES),
        1,
        rows=tuple(tuple(row) for row in CODES),
    )


def test_file_with_nothing_but_a_table(tmp_path: Path) -> None:
    """Cause: a sheet whose words all stand in a table was said to hold no text."""
    pdf = PdfBuilder(tmp_path / "codes.pdf")
    pdf.table(CODES, [40, 110, 300])
    (table,) = read_pdf(pdf.save()).pages[0].blocks
    assert table.rows[1] == ("E1", *CODES[1][1:])


def test_file_with_tables_and_running_lines_only(tmp_path: Path) -> None:
    """Cause: with every line dropped there was no size of the body, and an IndexError."""
    pdf = PdfBuilder(tmp_path / "codes.pdf")
    for number in range(1, 4):
        pdf.running("Marque ZX100", f"page {number}")
        pdf.table(CODES, [40, 110, 300])
        pdf.page()
    assert [[b.kind for b in page.blocks] for page in read_pdf(pdf.save()).pages] == [["table"]] * 3


def test_hyphenated_word_is_joined(tmp_path: Path) -> None:
    """A word cut at the end of a line is whole again."""
    pdf = PdfBuilder(tmp_path / "notice.pdf")
    pdf.text("Nettoyez régulièrement le compar-", "timent de la lessive.")
    (block,) = read_pdf(pdf.save()).pages[0].blocks
    assert block.text == "Nettoyez régulièrement le compartiment de la lessive."


def test_languages_of_pages(washer: Document, dishwasher: Document) -> None:
    """The dishwasher's last five pages are the English part."""
    assert {page.language for page in washer.pages} == {"fr"}
    assert [page.language for page in dishwasher.pages] == ["fr"] * 15 + ["en"] * 5
    assert _texts(dishwasher, 17, "heading")[0] == "1. Safety"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Ouvrez la porte et retirez le filtre avec les deux mains pour le nettoyer.", "fr"),
        ("Open the door and remove the filter with both hands in order to clean it.", "en"),
        ("Öffnen Sie die Tür und nehmen Sie das Sieb mit beiden Händen aus der Maschine.", "de"),
        ("Abra la puerta y saque el filtro con las dos manos para limpiar los restos.", "es"),
        ("Aprire la porta e togliere il filtro con le mani per la pulizia della vasca.", "it"),
        ("Open de deur en neem het filter met twee handen uit de machine voor het spoelen.", "nl"),
        ("Open the door.", "fr"),
        ("", "fr"),
    ],
)
def test_language_of(text: str, language: str) -> None:
    """By the most frequent words; French where there are too few."""
    assert language_of(text) == language


def test_titles_of_covers(washer: Document, oven: Document, dishwasher: Document) -> None:
    """The largest lines of the cover, from top to bottom."""
    assert washer.title == "Orvane Lave-linge à chargement frontal LV450 / LV450X"
    assert oven.title == "Orvane Four encastrable multifonction FR610 / FR610P"
    assert dishwasher.title == "Orvane Lave-vaisselle 13 couverts VS320"


MANUALS = FOLDER.parents[1] / "evals" / "data" / "manuals"


def _tables(document: Document, page: int) -> list[tuple[tuple[str, ...], ...]]:
    return [block.rows for block in document.pages[page - 1].blocks if block.kind == "table"]


@pytest.fixture(scope="module")
def top_loader() -> Document:
    """A manual of one size of text, numbered headings and tables without rules."""
    return read_pdf(MANUALS / "brevia" / "lave-linge-top-bt6512.pdf")


@pytest.fixture(scope="module")
def fridge() -> Document:
    """A manual of two columns, coloured boxes, large step digits and striped tables."""
    return read_pdf(MANUALS / "hestaline" / "refrigerateur-hrc340.pdf")


def test_table_without_rules(top_loader: Document) -> None:
    """Error codes by alignment alone; a word cut at the end of a line is whole; so is its page."""
    (first,), (second, troubles) = _tables(top_loader, 11), _tables(top_loader, 12)
    assert first[0] == second[0] == ("BT6514S", "BT6512", "Cause et conduite à tenir")
    assert [row[0] for row in (*first[1:], *second[1:])] == [f"Err {n}" for n in range(1, 13)]
    assert first[2] == (
        "Err 2",
        "voyant Départ clignote 2 fois",
        "L’eau ne s’en va pas en 4 minutes. Nettoyer le filtre (6.3), voir si le tuyau de vidange "
        "est plié ou plus haut que 90 cm.",
    )
    assert troubles[3] == (
        "Se remplit et se vide sans arrêt",
        "Crosse au-dessous de 65 cm ou tuyau trop enfoncé (2.5).",
    )


def test_headings_by_numbering_where_all_text_has_one_size(top_loader: Document) -> None:
    """« 2.1.1 » stands under « 2.1 », and letters number steps."""
    blocks = top_loader.pages[3].blocks[:6]
    assert [(b.kind, b.text[:22]) for b in blocks] == [
        ("heading", "2 MISE EN PLACE"),
        ("heading", "2.1 Déballage"),
        ("heading", "2.1.1 Socle et cale"),
        ("paragraph", "L’appareil pèse 58 kg "),
        ("step", "Couper les feuillards "),
        ("step", "Pencher l’appareil en "),
    ]
    assert blocks[0].level < blocks[1].level < blocks[2].level
    assert [b.level for b in blocks[4:6]] == [1, 2]


def test_contents_go_and_the_rest_of_their_page_stays(top_loader: Document) -> None:
    """Cause: a note below the table of contents went with it."""
    (note,) = top_loader.pages[1].blocks
    assert note.text.startswith("N.B. Cette brochure vaut pour deux appareils.")


def test_striped_table_with_its_first_and_last_row(fridge: Document) -> None:
    """Rows outside of the stripes are rows too."""
    (noises,) = [rows for rows in _tables(fridge, 14) if rows[0][0] == "Bruit"]
    assert noises[0] == ("Bruit", "Explication")
    assert noises[-1] == (
        "Grésillement une à deux fois par jour",
        "HRC340NF : des gouttes tombent sur la résistance de dégivrage.",
    )


def test_large_step_digits_and_drawn_bullets(fridge: Document) -> None:
    """A digit larger than its text numbers a step; over two columns, in order."""
    steps = [b for b in fridge.pages[3].blocks if b.kind == "step"]
    assert [step.level for step in steps] == [2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6]
    assert steps[8].text == "Enlevez la charnière médiane, puis la porte du congélateur."
    assert _texts(fridge, 3, "bullet")[2] == "N'y rangez pas d'aérosol à gaz propulseur."


def test_coloured_boxes_are_warnings(fridge: Document) -> None:
    """A sign beside the text, or a warm ground, makes a warning."""
    assert [text.partition(".")[0] for text in _texts(fridge, 3, "warning")] == [
        "Gaz inflammable",
        "Risque électrique",
        "Risque de gelure",
    ]


def test_two_headings_side_by_side_are_no_table(fridge: Document) -> None:
    """Cause: headings of two columns at one height were taken for a header."""
    assert len(_tables(fridge, 5)) == 1
    assert "SuperFroid et SuperGel" in _texts(fridge, 5, "heading")


def test_hyphens_of_compounds_stay(tmp_path: Path) -> None:
    """A line's end after « après- » or « Enfoncez- » cuts no word."""
    pdf = PdfBuilder(tmp_path / "notice.pdf")
    pdf.text("Enfoncez-", "la à fond, puis appelez le service après-", "vente.")
    (block,) = read_pdf(pdf.save()).pages[0].blocks
    assert block.text == "Enfoncez-la à fond, puis appelez le service après-vente."


def _missing(file: Path) -> None:
    """There is no such file."""


def _text_file(file: Path) -> None:
    file.write_text("Bonjour tout le monde.\n" * 40, "utf-8")


def _truncated(file: Path) -> None:
    whole = (FOLDER / "lave-linge-lv450.pdf").read_bytes()
    file.write_bytes(whole[: len(whole) * 6 // 10])


def _truncated_at_the_end(file: Path) -> None:
    whole = (FOLDER / "lave-linge-lv450.pdf").read_bytes()
    file.write_bytes(whole[: len(whole) * 97 // 100])


def _garbage(file: Path) -> None:
    file.write_bytes(b"%PDF-1.4\n" + bytes(range(256)) * 40)


def _encrypted(file: Path) -> None:
    pdf = PdfBuilder(file, password="secret")
    pdf.text("Un texte que personne ne lit sans mot de passe.")
    pdf.save()


def _drawing(file: Path) -> None:
    pdf = PdfBuilder(file)
    pdf.drawing()
    pdf.save()


def _empty(file: Path) -> None:
    file.write_bytes(b"")


UNREADABLE = "n'est pas un PDF lisible ; exportez-le de nouveau."


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (_missing, "Il n'y a pas de fichier {folder}/notice.pdf ; vérifiez le nom."),
        (_text_file, f"notice.pdf {UNREADABLE}"),
        (_truncated, f"notice.pdf {UNREADABLE}"),
        (_truncated_at_the_end, f"notice.pdf {UNREADABLE}"),
        (_garbage, f"notice.pdf {UNREADABLE}"),
        (_empty, f"notice.pdf {UNREADABLE}"),
        (
            _encrypted,
            "notice.pdf est protégé par un mot de passe ; enregistrez-le sans protection.",
        ),
        (
            _drawing,
            "notice.pdf ne contient pas de texte (pages numérisées ?) ; "
            "fournissez un PDF avec du texte.",
        ),
    ],
)
def test_bad_files_say_what_to_do(tmp_path: Path, make: object, sentence: str) -> None:
    """One French sentence each, and no other kind of error."""
    assert callable(make)
    file = tmp_path / "notice.pdf"
    make(file)
    with pytest.raises(DocumentError) as caught:
        read_pdf(file)
    assert str(caught.value) == sentence.format(folder=tmp_path)

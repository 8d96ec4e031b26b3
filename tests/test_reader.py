"""Files of each kind, read through the child process as an upload is."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import docx
import openpyxl
import pytest
from docx.enum.text import WD_BREAK

from evals.hostile import CLASSES
from knowledge.documents import Block, Document
from knowledge.documents.language import language_of
from knowledge.documents.reader import read_document, read_in_child
from knowledge.errors import DocumentError
from tests.builders import CODES, PdfBuilder
from tests.conftest import SAMPLES

ROWS = tuple(tuple(row) for row in CODES)


def _blocks(file: Path) -> list[tuple[str, int, str]]:
    document = read_document(file)
    return [(b.kind, b.level, b.text) for page in document.pages for b in page.blocks]


def _table(document: Document) -> Block:
    return next(b for page in document.pages for b in page.blocks if b.kind == "table")


def test_pdf_through_the_child_is_the_same_as_in_this_process() -> None:
    """Nothing is lost on the way, and progress comes page by page."""
    from knowledge.documents.pdf import read_pdf

    seen: list[tuple[int, int]] = []
    document = read_document(SAMPLES[0], lambda done, total: seen.append((done, total)))
    assert document == read_pdf(SAMPLES[0])
    pages = len(document.pages)
    assert seen == [(number, pages) for number in range(pages + 1)]


def test_word_document(tmp_path: Path) -> None:
    """Headings by style, numbered and marked lists, tables, pages by breaks."""
    made = docx.Document()
    made.add_heading("Entretien", 1)
    made.add_heading("Le filtre", 2)
    for text in ("Fermez le robinet.", "Dévissez le filtre."):
        made.add_paragraph(text, style="List Number")
    made.add_paragraph("Ne le brossez pas.", style="List Bullet")
    made.add_paragraph("ATTENTION : l'eau peut être chaude.")
    made.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
    table = made.add_table(rows=0, cols=3)
    for row in CODES:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    made.save(str(tmp_path / "notice.docx"))
    document = read_document(tmp_path / "notice.docx")
    assert [[(b.kind, b.level, b.text) for b in page.blocks][:6] for page in document.pages] == [
        [
            ("heading", 1, "Entretien"),
            ("heading", 2, "Le filtre"),
            ("step", 1, "Fermez le robinet."),
            ("step", 2, "Dévissez le filtre."),
            ("bullet", 0, "Ne le brossez pas."),
            ("warning", 0, "ATTENTION : l'eau peut être chaude."),
        ],
        [("table", 0, "\n".join(" | ".join(row) for row in CODES))],
    ]
    assert _table(document).rows == ROWS and _table(document).page == 2


def test_merged_cells_of_a_word_table(tmp_path: Path) -> None:
    """A cell over two rows is blank in the second: the rows below inherit nothing here."""
    made = docx.Document()
    made.add_paragraph("Que faire en cas de panne.")
    table = made.add_table(rows=3, cols=2)
    for y, row in enumerate([("Symptôme", "Remède"), ("Bruit", "Vissez."), ("", "Calez.")]):
        for x, text in enumerate(row):
            table.cell(y, x).text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    made.save(str(tmp_path / "notice.docx"))
    assert _table(read_document(tmp_path / "notice.docx")).rows == (
        ("Symptôme", "Remède"),
        ("Bruit", "Vissez."),
        ("", "Calez."),
    )


def test_workbook_with_titles_above_its_header(tmp_path: Path) -> None:
    """The header is found; numbers are shown as in the sheet; hidden sheets are left out."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Codes"
    sheet.append(["Liste des codes du lave-linge ZX100"])
    sheet.append([])
    sheet.append(["Code", "Signification", "Pression (bar)", "Part"])
    sheet.append([5, "Pas d'eau", 0.5, 0.25])
    sheet.append([12, "Vidange\nPompe", 10, 1])
    for cell in ("A4", "A5"):
        sheet[cell].number_format = '"E"00'
    for cell in ("D4", "D5"):
        sheet[cell].number_format = "0%"
    book.create_sheet("Brouillon").append(["secret", "interne"])
    book["Brouillon"].sheet_state = "hidden"
    book.create_sheet("FAQ").append(["Question", "Réponse"])
    book["FAQ"].append(["Où est le filtre ?", "En bas à droite."])
    book.save(tmp_path / "codes-zx100.xlsx")
    document = read_document(tmp_path / "codes-zx100.xlsx")
    assert document.title == "Liste des codes du lave-linge ZX100 – codes ZX100"
    assert [page.number for page in document.pages] == [1, 3]
    assert [(b.kind, b.level, b.text) for b in document.pages[0].blocks[:2]] == [
        ("heading", 1, "Codes"),
        ("heading", 2, "Liste des codes du lave-linge ZX100"),
    ]
    assert _table(document).rows == (
        ("Code", "Signification", "Pression (bar)", "Part"),
        ("E05", "Pas d'eau", "0,5", "25 %"),
        ("E12", "Vidange. Pompe", "10", "100 %"),
    )
    assert document.pages[1].blocks[1].rows[1] == ("Où est le filtre ?", "En bas à droite.")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_csv(tmp_path: Path, encoding: str, delimiter: str) -> None:
    """Whatever its encoding and delimiter."""
    lines = [delimiter.join(f'"{cell}"' for cell in row) for row in CODES]
    (tmp_path / "codes.csv").write_text("\r\n".join(lines), encoding)
    assert _table(read_document(tmp_path / "codes.csv")).rows == ROWS


def test_html(tmp_path: Path) -> None:
    """Headings, lists, tables with spans, warnings by class; scripts and hidden parts are gone."""
    (tmp_path / "notice.html").write_text(
        """<!doctype html><html><head><title>Four ZX</title><style>p{}</style></head><body>
        <nav>Accueil Contact</nav><h1>Entretien</h1><p>Laissez <b>refroidir</b> le four.</p>
        <div class="warning"><p>⚠ Coupez le courant.</p></div>
        <ol start="3"><li>Ouvrez.<ul><li>À droite.</li></ul></li><li><p>Fermez.</p></li></ol>
        <p style="display:none">caché</p><script>alert(1)</script>
        <table><tr><th>Code</th><th>Cause</th></tr><tr><td rowspan=2>E1</td><td>Eau<br>Pompe</td>
        </tr><tr><td>Filtre</td></tr></table>
        <dl><dt>Puis-je laver la grille ?</dt><dd>Oui, à la main.</dd></dl></body></html>""",
        "utf-8",
    )
    document = read_document(tmp_path / "notice.html")
    assert document.title == "Four ZX"
    assert _blocks(tmp_path / "notice.html") == [
        ("heading", 1, "Entretien"),
        ("paragraph", 0, "Laissez refroidir le four."),
        ("warning", 0, "Coupez le courant."),
        ("step", 3, "Ouvrez."),
        ("bullet", 0, "À droite."),
        ("step", 4, "Fermez."),
        ("table", 0, "Code | Cause\nE1 | Eau. Pompe\n | Filtre"),
        ("heading", 6, "Puis-je laver la grille ?"),
        ("paragraph", 0, "Oui, à la main."),
    ]


def test_markdown(tmp_path: Path) -> None:
    """CommonMark with tables; the front matter is no text."""
    (tmp_path / "notice.md").write_text(
        "---\ntitle: x\n---\n# Lave-linge ZX100\n\n## Filtre\n\n1. Ouvrez.\n2. Rincez.\n\n"
        "- Sans brosse.\n\n> **ATTENTION** eau chaude.\n\n"
        "| Code | Cause |\n|---|---|\n| E1 | Eau |\n",
        "utf-8",
    )
    assert read_document(tmp_path / "notice.md").title == "Lave-linge ZX100"
    assert _blocks(tmp_path / "notice.md") == [
        ("heading", 1, "Lave-linge ZX100"),
        ("heading", 2, "Filtre"),
        ("step", 1, "Ouvrez."),
        ("step", 2, "Rincez."),
        ("bullet", 0, "Sans brosse."),
        ("warning", 0, "ATTENTION eau chaude."),
        ("table", 0, "Code | Cause\nE1 | Eau"),
    ]


def test_plain_text(tmp_path: Path) -> None:
    """Headings by underlining and numbering, steps, joined lines; Latin-1 as well."""
    (tmp_path / "notice.txt").write_text(
        "Réfrigérateur ZX100\n===================\n\n2.1 Dégivrer\n\n"
        "Avant tout, débranchez l'appa-\n"
        "reil.\na) Videz-le.\nb) Laissez\nfondre.\n",
        "latin-1",
    )
    assert _blocks(tmp_path / "notice.txt") == [
        ("heading", 1, "Réfrigérateur ZX100"),
        ("heading", 2, "2.1 Dégivrer"),
        ("paragraph", 0, "Avant tout, débranchez l'appareil."),
        ("step", 1, "Videz-le."),
        ("step", 2, "Laissez fondre."),
    ]


def test_content_counts_before_the_extension(tmp_path: Path) -> None:
    """A Word document that is called .pdf is read as what it is."""
    made = docx.Document()
    made.add_paragraph("Nettoyez le filtre.")
    made.save(str(tmp_path / "notice.pdf"))
    assert _blocks(tmp_path / "notice.pdf") == [("paragraph", 0, "Nettoyez le filtre.")]


def _zip(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "a")


def _locked(file: Path) -> None:
    pdf = PdfBuilder(file, password="secret")
    pdf.text("Un texte.")
    pdf.save()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("vide.pdf", b"", "vide.pdf est vide ; envoyez de nouveau le fichier."),
        (
            "photo.jpg",
            b"\xff\xd8\xff\xe0" + bytes(99),
            "photo.jpg n'est pas un manuel lisible ; fournissez un PDF, un DOCX, un XLSX, "
            "un CSV, une page HTML, du Markdown ou du texte.",
        ),
        (
            "archive.docx",
            _zip,
            "archive.docx n'est pas un fichier DOCX lisible ; exportez-le de nouveau.",
        ),
        (
            "clos.pdf",
            _locked,
            "clos.pdf est protégé par un mot de passe ; enregistrez-le sans protection.",
        ),
        (
            "page.pdf",
            b"<html>Connectez-vous</html>",
            "page.pdf n'est pas un PDF lisible ; exportez-le de nouveau.",
        ),
        (
            "ligne.csv",
            b"a;b\n" + b"c" * 1_000_001,
            "ligne.csv contient une ligne de plus d'un million de caractères ; "
            "vérifiez que c'est bien un manuel.",
        ),
        ("rien.txt", b" \n\n", "rien.txt ne contient pas de texte ; fournissez le manuel entier."),
    ],
)
def test_refusals_are_one_sentence(
    tmp_path: Path, name: str, content: object, sentence: str
) -> None:
    """It names the file and says what the client can do."""
    file = tmp_path / name
    file.write_bytes(content) if isinstance(content, bytes) else content(file)  # type: ignore[operator]
    with pytest.raises(DocumentError) as caught:
        read_document(file)
    assert str(caught.value) == sentence


def test_missing_file(tmp_path: Path) -> None:
    """It is told before any child is started."""
    with pytest.raises(DocumentError, match=r"Il n'y a pas de fichier .*absent\.pdf ; vérifiez"):
        read_document(tmp_path / "absent.pdf")


def test_a_file_too_large_is_not_opened(tmp_path: Path) -> None:
    """Its size alone is enough."""
    file = tmp_path / "gros.pdf"
    with file.open("wb") as handle:
        handle.truncate(200_000_001)
    with pytest.raises(DocumentError, match=r"^gros\.pdf dépasse 200 Mo ; partagez-le"):
        read_document(file)


def test_scan_without_tesseract_names_the_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cause: a server without text recognition gave an empty manual."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DocumentError) as caught:
        read_document(_scan(tmp_path / "scan.pdf", tmp_path))
    assert str(caught.value) == (
        "scan.pdf contient des pages numérisées ; installez tesseract-ocr et tesseract-ocr-fra "
        "sur le serveur, ou fournissez un PDF avec du texte."
    )


def _scan(target: Path, folder: Path, angle: float = 0.7) -> Path:
    """A page of text, printed, and scanned somewhat crookedly."""
    import pypdfium2
    from PIL import Image

    pdf = PdfBuilder(folder / "propre.pdf")
    pdf.heading("8.2 Nettoyer le filtre")
    pdf.text("Nettoyez le filtre de la pompe tous les trois mois.")
    pdf.text("1. Fermez le robinet et débranchez l'appareil.")
    pdf.text("2. Dévissez le filtre vers la gauche.")
    pdf.table(CODES, [60, 130, 260])
    clean = pypdfium2.PdfDocument(pdf.save())
    picture = clean[0].render(scale=200 / 72, grayscale=True).to_pil().convert("L")
    turned = picture.rotate(angle, resample=Image.Resampling.BICUBIC, fillcolor=255)
    turned.save(target, "PDF", resolution=200)
    return target


def test_scanned_page(tmp_path: Path) -> None:
    """Heading, steps and the ruled table of a page that is only a picture."""
    document = read_document(_scan(tmp_path / "scan.pdf", tmp_path))
    blocks = [(b.kind, b.text) for b in document.pages[0].blocks if b.kind != "table"]
    assert blocks == [
        ("heading", "8.2 Nettoyer le filtre"),
        ("paragraph", "Nettoyez le filtre de la pompe tous les trois mois."),
        ("step", "Fermez le robinet et débranchez l'appareil."),
        ("step", "Dévissez le filtre vers la gauche."),
    ]
    found = tuple(tuple(cell.rstrip(". ") for cell in row) for row in _table(document).rows)
    assert found == tuple(tuple(cell.rstrip(". ") for cell in row) for row in ROWS)


def test_child_inherits_no_open_file(tmp_path: Path) -> None:
    """A call's sockets are none of its business, and it can write no file."""
    reading, writing = os.pipe()
    os.set_inheritable(writing, True)
    file = tmp_path / "notice.txt"
    file.write_text("Nettoyez le filtre. " * 20, "utf-8")
    assert read_in_child(file).code == 0
    os.close(writing)
    assert os.read(reading, 1) == b""  # nobody else holds the other end
    os.close(reading)


def test_hostile_files(tmp_path: Path) -> None:
    """A file of each class: refused or read in time and memory, no crash, nothing left behind."""
    command = [sys.executable, "-m", "evals.hostile", "--files", str(len(CLASSES)), "--seed", "7"]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    # From a process of its own: what a child's peak counts begins with its parent's memory.
    ran = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Feche a torneira e retire o filtro com as mãos para limpar os restos da máquina.", "pt"),
        ("HRC340 HRC340NF Doc. HS-RC34-FR-02 230 V 50 Hz 10 A Mode d'emploi 2024 rev A B", "fr"),
    ],
)
def test_languages_at_the_edges(text: str, language: str) -> None:
    """Another language needs several of its frequent words."""
    assert re.search(r"\w", text) and language_of(text) == language

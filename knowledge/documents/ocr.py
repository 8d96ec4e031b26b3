"""Scanned pages: rendered, straightened, read by Tesseract as words with their places."""

from __future__ import annotations

import csv
import shutil
import subprocess
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from types import TracebackType

import numpy as np
import pypdfium2
from PIL import Image

from knowledge.documents.scan import Bitmap, page_of, rules_of, straightened
from knowledge.documents.words import Content
from knowledge.errors import DocumentError

DPI = 260
MAX_SIDE_PX = 4_400
LANGUAGE = "fra"
LONGEST_S = 60
BEAT_S = 5
"""How often the caller is told that a page is still being read."""


class RecognitionMissingError(DocumentError):
    """Text recognition, or its French data, is not installed: scanned pages stay unread."""


class Recogniser:
    """Reads the scanned pages of one PDF.

    Args:
        path: The PDF.
        beat: Called every few seconds while a page is read.
    """

    def __init__(self, path: Path, beat: Callable[[], None]) -> None:
        self._path = path
        self._beat = beat
        self._pdf: pypdfium2.PdfDocument | None = None

    def __enter__(self) -> Recogniser:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pdf is not None:
            self._pdf.close()

    def read(self, index: int) -> Content | None:
        """The content of a page, from 0; None where pdfium cannot render it.

        Raises:
            RecognitionMissingError: Text recognition, or its French data, is not installed.
        """
        if self._pdf is None:
            self._check()
            self._pdf = pypdfium2.PdfDocument(self._path)
        try:
            image, scale = self._rendered(self._pdf, index)
        except pypdfium2.PdfiumError:
            return None
        self._beat()
        bitmap = straightened(image)
        rules, clean = rules_of(bitmap)
        rows = self._recognised(clean)
        self._beat()
        return page_of(index + 1, rows, rules, bitmap, scale)

    def _check(self) -> None:
        program = shutil.which("tesseract")
        listed = ""
        if program:
            listed = subprocess.run(
                [program, "--list-langs"], capture_output=True, text=True, check=False, timeout=20
            ).stdout
        if LANGUAGE not in listed.split():
            package = "tesseract-ocr-fra" if program else "tesseract-ocr et tesseract-ocr-fra"
            raise RecognitionMissingError(
                f"{self._path.name} contient des pages numérisées ; installez {package} sur le "
                "serveur, ou fournissez un PDF avec du texte."
            )

    @staticmethod
    def _rendered(pdf: pypdfium2.PdfDocument, index: int) -> tuple[Bitmap, float]:
        """A page in grey, 0 to 255, and its pixels a point."""
        page = pdf[index]
        try:
            longest = max(page.get_width(), page.get_height(), 1.0)
            scale = min(DPI / 72, MAX_SIDE_PX / longest)
            rendered = page.render(scale=scale, grayscale=True).to_numpy()
            return np.array(rendered).reshape(rendered.shape[:2]), scale
        finally:
            page.close()

    def _recognised(self, bitmap: Bitmap) -> list[dict[str, str]]:
        """Tesseract's words and lines, as rows of its table."""
        picture = BytesIO()
        Image.fromarray(bitmap).save(picture, "BMP")
        command = ["tesseract", "stdin", "stdout", "-l", LANGUAGE, "--psm", "11",
                   "--dpi", str(DPI), "tsv"]  # fmt: skip
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as running:
            given: bytes | None = picture.getvalue()
            for _ in range(LONGEST_S // BEAT_S):
                try:
                    out, _ = running.communicate(given, timeout=BEAT_S)
                except subprocess.TimeoutExpired:
                    given = None
                    self._beat()
                else:
                    break
            else:
                running.kill()
                raise DocumentError(
                    f"{self._path.name} contient une page numérisée trop longue à lire ; "
                    "numérisez-la de nouveau, en noir et blanc."
                )
        text = out.decode("utf-8", "replace")
        return list(csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))

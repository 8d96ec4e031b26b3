"""A page's picture: straightened, its rules found, its recognised words placed in points. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from knowledge.documents.words import Content, Rule, Word, settle_marks

Bitmap = NDArray[np.uint8]
"""Grey values of a page, 0 black to 255 white, rows by columns."""

DARK, FAINT = 150, 195
"""Grey below which a point is ink, and a point of a thin rule."""

_CODE = re.compile(r"[A-Z]{1,3}-?\d{1,3}|\d{1,3}")

STEEPEST_DEG = 3.0
LEAST_CONFIDENCE = 25.0
LEAST_OF_LINE = 45.0
LEAST_OF_SHORT_LINE = 75.0
"""Of Tesseract, percent: a sign below the first, and a line below the others, is dirt."""

RULE_SHARE = 0.045
"""Shortest rule, as a share of the page's width."""

THICKEST_RULE_PX = 12
ASCENDER, X_HEIGHT, DESCENDER, LINE = 0.74, 0.54, 0.21, 1.16
"""Heights of tall letters, of low ones, of what hangs below, and of a line, in sizes of type."""

_LOW = frozenset("acemnorsuvwxzgpqyœæı.,;:-–—~»«")
_HANGING = frozenset("gjpqyç,;()[]Q")

SIZES = (0.7, 1.0, 1.45, 1.9, 2.5, 3.3, 4.4)
"""Sizes of type that a scan tells apart, as shares of the most frequent one."""

BOLD = 1.3
"""Strokes this much thicker than most of the page's are bold."""


def straightened(image: Bitmap) -> Bitmap:
    """The page turned so that its lines are level (projection profile, Postl 1986)."""
    small = np.asarray(
        Image.fromarray(image).resize((image.shape[1] // 4, image.shape[0] // 4)), dtype=np.uint8
    )
    ink = Image.fromarray(np.where(small < DARK, 255, 0).astype(np.uint8))

    def sharpness(angle: float) -> float:
        profile = np.asarray(ink.rotate(angle), dtype=np.float64).sum(axis=1)
        return float(np.square(np.diff(profile)).sum())

    best = max(np.arange(-STEEPEST_DEG, STEEPEST_DEG + 0.1, 0.5), key=sharpness)
    best = max(np.arange(best - 0.4, best + 0.41, 0.1), key=sharpness)
    if abs(best) < 0.15:
        return image
    turned = Image.fromarray(image).rotate(
        float(best), resample=Image.Resampling.BICUBIC, fillcolor=255
    )
    return np.array(turned, dtype=np.uint8)


def rules_of(image: Bitmap) -> tuple[list[tuple[int, int, int]], Bitmap]:
    """Horizontal rules as (left, right, row) in pixels, and the page without any rule."""
    dark = image < FAINT
    shortest = max(40, int(RULE_SHARE * image.shape[1]))
    level = _runs(dark, shortest)
    upright = _runs(dark.T, shortest).T
    clean = image.copy()
    rules: list[tuple[int, int, int]] = []
    start = 0
    filled = np.asarray(level.any(axis=1))
    for y in range(len(filled) + 1):
        if y < len(filled) and filled[y]:
            continue
        if y > start:
            if y - start <= THICKEST_RULE_PX:
                rules += _spans(np.asarray(level[start:y].any(axis=0)), (start + y) // 2, shortest)
                clean[start:y][level[start:y]] = 255
            elif y - start < 200:  # a dark stripe: its edges are rules
                wide = level[start:y].mean(axis=0) > 0.4
                for left, right, _ in _spans(wide, start, shortest):
                    rules += [(left, right, start), (left, right, y)]
                    clean[start:y, left:right] = 255 - clean[start:y, left:right]  # white letters
        start = y + 1
    thin = upright & ~_thick(upright)
    clean[thin] = 255
    return rules, clean


def _runs(dark: NDArray[np.bool_], length: int) -> NDArray[np.bool_]:
    """Where dark runs of this length lie along the rows, small gaps allowed."""
    sums = np.cumsum(np.pad(dark, ((0, 0), (1, 0))), axis=1, dtype=np.int32)
    full = sums[:, length:] - sums[:, :-length] >= 0.93 * length
    marks = np.zeros((dark.shape[0], dark.shape[1] + 1), dtype=np.int32)
    marks[:, : full.shape[1]] += full
    marks[:, length : length + full.shape[1]] -= full[:, : marks.shape[1] - length]
    return (np.cumsum(marks, axis=1)[:, : dark.shape[1]] > 0) & dark


def _thick(upright: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Upright runs that are wide: letters' strokes do not come so long, filled areas do."""
    sums = np.cumsum(np.pad(upright, ((0, 0), (1, 0))), axis=1, dtype=np.int32)
    wide = np.zeros_like(upright)
    size = THICKEST_RULE_PX + 2
    wide[:, size // 2 : size // 2 + sums.shape[1] - size] = sums[:, size:] - sums[:, :-size] >= size
    return wide


def _spans(columns: NDArray[np.bool_], y: int, shortest: int) -> list[tuple[int, int, int]]:
    """Runs along a rule, gaps up to a hundredth of the page closed."""
    edges = np.flatnonzero(columns)
    if not edges.size:
        return []
    breaks = np.flatnonzero(np.diff(edges) > max(12, len(columns) // 100))
    starts = np.concatenate(([0], breaks + 1))
    ends = np.concatenate((breaks, [edges.size - 1]))
    return [
        (int(edges[a]), int(edges[b]), y)
        for a, b in zip(starts, ends, strict=True)
        if edges[b] - edges[a] >= shortest
    ]


def page_of(
    number: int,
    rows: Sequence[dict[str, Any]],
    rules: Sequence[tuple[int, int, int]],
    image: Bitmap,
    scale: float,
) -> Content:
    """A page of recognised words.

    Args:
        number: Of the page, from 1.
        rows: Tesseract's table.
        rules: Left, right and row of each, pixels.
        image: The straightened page, for the weight of its letters.
        scale: Pixels a point.
    """
    lines: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for row in rows:
        text = (row.get("text") or "").strip(" |[]_=~")
        sure = float(row.get("conf") or 0) >= LEAST_CONFIDENCE
        if row.get("level") != "5" or not text or not (sure or text.isalnum() or len(text) > 3):
            continue
        row["text"] = text
        key = (row["block_num"], row["par_num"], row["line_num"])
        lines.setdefault(key, []).append(row)
    # Judged by lines: a word that was hard to read is still a word, of a line that is dirt none is.
    found = [_LineOf(words, image) for words in lines.values() if _is_text(words)]
    heights = [line.height for line in found for _ in line.texts]
    strokes = [line.stroke for line in found for _ in line.texts if line.stroke]
    usual, weight = median(heights or [1.0]), median(strokes or [1.0])
    words: list[Word] = []
    for line in found:
        ratio = line.height / usual
        step = min(SIZES, key=lambda share: abs(share - ratio))
        size = usual * step / scale
        bold = line.stroke > BOLD * weight * max(1.0, ratio)
        bottom = line.baseline / scale + DESCENDER * size
        words += [  # as high as its size, like the words of a text layer
            Word(
                text,
                left / scale,
                right / scale,
                bottom - LINE * size,
                bottom,
                round(size * 2) / 2,
                bold,
            )
            for left, right, text in line.texts
        ]
    placed = tuple(Rule(a / scale, b / scale, y / scale) for a, b, y in rules)
    height, width = image.shape
    return Content(number, width / scale, height / scale, tuple(settle_marks(words, ())), placed)


def _is_text(words: Sequence[dict[str, Any]]) -> bool:
    """Whether a line is read with some confidence: a short one with more of it."""
    letters = [(len(str(word["text"])), float(word["conf"])) for word in words]
    total = sum(count for count, _ in letters)
    sure = sum(count * confidence for count, confidence in letters) / total
    short = total < 4 and not _CODE.fullmatch(str(words[0]["text"]))
    return sure > (LEAST_OF_SHORT_LINE if short else LEAST_OF_LINE)


def _height(text: str) -> float:
    """How high a word stands, in sizes of its type, by the letters it has."""
    letters = set(text)
    return (X_HEIGHT if letters <= _LOW else ASCENDER) + (DESCENDER if _HANGING & letters else 0)


class _LineOf:
    """A recognised line: its words, size of type, baseline and thickness of strokes, pixels."""

    def __init__(self, words: list[dict[str, Any]], image: Bitmap) -> None:
        boxes = [(int(w["left"]), int(w["top"]), int(w["width"]), int(w["height"])) for w in words]
        self.texts = [
            (x, x + wide, str(w["text"]).strip())
            for (x, _, wide, _), w in zip(boxes, words, strict=True)
        ]
        sizes = [
            high / _height(text) for (*_, high), (_, _, text) in zip(boxes, self.texts, strict=True)
        ]
        self.height = float(median(sizes))
        self.baseline = median(
            y + high - (DESCENDER * self.height if _HANGING & set(text) else 0)
            for (_, y, _, high), (_, _, text) in zip(boxes, self.texts, strict=True)
        )
        runs = ink = 0
        for x, y, wide, high in boxes:
            dark = image[y : y + high, x : x + wide] < DARK
            if dark.size and dark.mean() < 0.6:  # white letters on a dark ground are left out
                ink += int(dark.sum())
                runs += int((np.diff(dark.astype(np.int8), axis=1) == 1).sum())
        self.stroke = ink / runs if runs else 0.0

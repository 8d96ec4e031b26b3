"""Line drawings of the sample manuals: cover pictures and control panels."""

from __future__ import annotations

from typing import Any

from reportlab.lib.colors import HexColor, white
from reportlab.platypus import Flowable

INK = HexColor("#1d3344")
ACCENT = HexColor("#b5532d")
PALE = HexColor("#e9eef2")


def appliance(canvas: Any, kind: str, x: float, y: float, size: float) -> None:
    """Draw the front of an appliance (washer, dishwasher or oven) in a square."""
    canvas.saveState()
    canvas.setStrokeColor(INK)
    canvas.setLineWidth(2)
    canvas.setFillColor(white)
    canvas.roundRect(x, y, size, size, size * 0.03, fill=1)
    canvas.setFillColor(PALE)
    canvas.rect(x, y + size * 0.84, size, size * 0.16, fill=1)
    canvas.setFillColor(INK)
    canvas.rect(x + size * 0.42, y + size * 0.885, size * 0.2, size * 0.07, fill=1)
    for i in range(4):
        canvas.circle(x + size * (0.7 + 0.07 * i), y + size * 0.92, size * 0.015, fill=1)
    canvas.setFillColor(white)
    if kind == "washer":
        canvas.circle(x + size * 0.3, y + size * 0.92, size * 0.05, fill=1)
        for radius in (0.31, 0.26, 0.2):
            canvas.circle(x + size * 0.5, y + size * 0.45, size * radius, fill=1)
        canvas.rect(x + size * 0.8, y + size * 0.03, size * 0.13, size * 0.07)
    elif kind == "dishwasher":
        canvas.roundRect(x + size * 0.3, y + size * 0.73, size * 0.4, size * 0.045, 4, fill=1)
        canvas.line(x, y + size * 0.1, x + size, y + size * 0.1)
    else:
        for shift in (0.1, 0.27):
            canvas.circle(x + size * shift, y + size * 0.92, size * 0.045, fill=1)
        canvas.roundRect(x + size * 0.1, y + size * 0.72, size * 0.8, size * 0.035, 4, fill=1)
        canvas.setFillColor(PALE)
        canvas.roundRect(x + size * 0.15, y + size * 0.14, size * 0.7, size * 0.48, 6, fill=1)
        for level in (0.26, 0.36, 0.46):
            canvas.line(x + size * 0.18, y + size * level, x + size * 0.82, y + size * level)
    canvas.restoreState()


class Panel(Flowable):  # type: ignore[misc]
    """A control panel: a row of knobs, displays and keys with numbered callouts."""

    def __init__(self, parts: str, width: float) -> None:
        """Take the parts from left to right, for instance "knob display key key"."""
        super().__init__()
        self.parts = parts.split()
        self.width = width
        self.height = 92.0

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        """Return the fixed size of the drawing."""
        return self.width, self.height

    def draw(self) -> None:
        """Draw the panel on the current canvas."""
        canvas = self.canv
        canvas.setStrokeColor(INK)
        canvas.setFillColor(PALE)
        canvas.roundRect(0, 8, self.width, 56, 5, fill=1)
        unit = self.width / sum(2.0 if part == "display" else 1.0 for part in self.parts)
        left = 0.0
        for number, part in enumerate(self.parts, 1):
            span = unit * (2.0 if part == "display" else 1.0)
            centre = left + span / 2
            canvas.setFillColor(INK if part == "display" else white)
            if part == "knob":
                canvas.circle(centre, 36, 20, fill=1)
                canvas.line(centre, 44, centre, 56)
            elif part == "display":
                canvas.rect(left + 8, 20, span - 16, 32, fill=1)
            else:
                canvas.roundRect(centre - 12, 29, 24, 14, 4, fill=1)
            canvas.line(centre, 60, centre, 72)
            canvas.setFillColor(white)
            canvas.circle(centre, 80, 8, fill=1)
            canvas.setFillColor(INK)
            canvas.setFont("Helvetica-Bold", 9)
            canvas.drawCentredString(centre, 77, str(number))
            left += span

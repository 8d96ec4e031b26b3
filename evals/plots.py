"""Plots of rates and waits as SVG, for the pages that `--html` writes."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Rate:
    """A measured value with its 95 % interval, and of how many it is made."""

    value: float
    low: float
    high: float
    count: int

    def __str__(self) -> str:
        if not self.count:
            return "      –      "
        return f"{self.value:.2f} [{self.low:.2f} {self.high:.2f}]"


def bars(names: Sequence[str], series: Mapping[str, Sequence[Rate]], label: str) -> str:
    """Horizontal bars with intervals, one group a name, one colour a series."""
    import matplotlib.pyplot as plt

    height = 0.8 / max(1, len(series))
    figure, axes = plt.subplots(figsize=(5.6, 1.2 + 0.32 * len(names)))
    for index, (title, rates) in enumerate(series.items()):
        at = np.arange(len(names)) + (index - (len(series) - 1) / 2) * height
        known = [rate.count > 0 for rate in rates]
        values = np.array([rate.value if rate.count else 0.0 for rate in rates])
        spread = np.array(
            [[rate.value - rate.low, rate.high - rate.value] if rate.count else [0.0, 0.0]
             for rate in rates]
        ).T  # fmt: skip
        axes.barh(at[known], values[known], height, label=title,
                  xerr=np.maximum(0.0, spread[:, known]), ecolor="grey",
                  error_kw={"linewidth": 0.8})  # fmt: skip
    axes.set_yticks(np.arange(len(names)), names, fontsize=8)
    axes.invert_yaxis()
    axes.set_xlabel(label)
    axes.set_xlim(left=0)
    if len(series) > 1:
        axes.legend(fontsize=8)
    return svg(figure)


def points(
    curves: Mapping[str, Sequence[tuple[float, float, str]]], across: str, upwards: str
) -> str:
    """Curves of labelled points: (x, y, what is written beside the point)."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(5.6, 4))
    for title, curve in curves.items():
        axes.plot([x for x, *_ in curve], [y for _, y, _ in curve], marker="o", label=title)
        for x, y, note in curve:
            axes.annotate(note, (x, y), textcoords="offset points", xytext=(5, 5), fontsize=8)
    axes.set(xlabel=across, ylabel=upwards)
    axes.set_ylim(bottom=0)
    axes.legend(fontsize=8)
    return svg(figure)


def histogram(values: Sequence[float], across: str, mark: float | None = None) -> str:
    """How often each value came, with a line at a target."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(5.6, 3.2))
    axes.hist(list(values), bins=20)
    if mark is not None:
        axes.axvline(mark, color="tab:red", linewidth=0.8, linestyle="--")
    axes.set(xlabel=across, ylabel="how many")
    return svg(figure)


def svg(figure: Any) -> str:
    """A figure's SVG element; the figure is closed."""
    import matplotlib.pyplot as plt

    out = io.StringIO()
    figure.tight_layout()
    figure.savefig(out, format="svg")
    plt.close(figure)
    text = out.getvalue()
    return text[text.index("<svg") :]

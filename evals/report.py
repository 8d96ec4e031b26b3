"""The figures as an HTML page with plots: `permanence eval … --html FILE`."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from evals.cases import Case
from evals.decisions import confidences, reliability, similarities
from evals.learning import risk_coverage
from evals.plots import svg
from knowledge.evidence import Calibration

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;"
    "color:#1c2530}pre{background:#f3f5f8;padding:1rem;overflow-x:auto;font-size:13px}"
    "figure{display:inline-block;margin:0 1rem 1rem 0;width:29rem}"
    "figure svg{width:100%;height:auto}"
)


def risk_plot(cases: Sequence[Case]) -> str:
    """Risk against coverage: the gate and the raw score, as SVG."""
    import matplotlib.pyplot as plt

    right = np.array([float(case.right) for case in cases])
    figure, axes = plt.subplots(figsize=(5, 3.6))
    for name, scores in (("gate", confidences(cases)), ("similarity alone", similarities(cases))):
        coverage, risk = risk_coverage(scores, right)
        axes.plot(coverage, risk, label=name)
    axes.axhline(0.03, color="grey", linewidth=0.8, linestyle=":")
    axes.set(xlabel="share of all questions answered", ylabel="wrong among answered", ylim=(0, 0.7))
    axes.legend()
    return svg(figure)


def reliability_plot(cases: Sequence[Case], gate: Calibration) -> str:
    """Probability against the share that was right, in bins of equal size, as SVG."""
    import matplotlib.pyplot as plt

    bins = reliability(cases)
    figure, axes = plt.subplots(figsize=(5, 3.6))
    axes.plot([0, 1], [0, 1], color="grey", linewidth=0.8, linestyle=":")
    axes.plot([mean for mean, *_ in bins], [share for _, share, _ in bins], marker="o")
    for at in (gate.answer_from, gate.confirm_from):
        axes.axvline(at, color="tab:red", linewidth=0.8, linestyle="--")
    axes.set(xlabel="probability", ylabel="share right", xlim=(0, 1), ylim=(0, 1))
    return svg(figure)


def page(title: str, sections: Sequence[tuple[str, str]], plots: Sequence[tuple[str, str]]) -> str:
    """A whole page.

    Args:
        title: Of the page.
        sections: Heading and text of each table.
        plots: Caption and SVG of each plot.
    """
    drawn = "".join(
        f"<figure>{svg}<figcaption>{html.escape(caption)}</figcaption></figure>"
        for caption, svg in plots
    )
    told = "".join(
        f"<h2>{html.escape(heading)}</h2><pre>{html.escape(text)}</pre>"
        for heading, text in sections
    )
    return (
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>{html.escape(title)}</title>"
        f"<style>{STYLE}</style><h1>{html.escape(title)}</h1>{drawn}{told}</html>"
    )


def write(file: Path, text: str) -> None:
    """Write the page; its folder is made."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")

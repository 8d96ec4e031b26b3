"""What `permanence eval hearing` found, as tables and plots."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from evals import invented, plots
from evals.arrived import Row, Take, measured, rate_of_sums, word_errors
from evals.callers import ACCENTED, NATIVE
from evals.invented import Invented
from evals.plots import Rate
from evals.utterances import Lexicon

SPEAKERS = (NATIVE, *ACCENTED)


@dataclass
class Findings:
    """Everything that was heard.

    Attributes:
        takes: Each utterance under each condition.
        nothing: Clips without speech.
        prompts: (errors, words) of each real recording.
        figures: Whether telephone numbers and codes in a person's recorded words arrived.
        notes: What could not be measured, and why.
    """

    lexicons: Mapping[str, Lexicon]
    takes: list[Take] = field(default_factory=list)
    nothing: list[Invented] = field(default_factory=list)
    prompts: list[tuple[int, int]] = field(default_factory=list)
    figures: dict[str, list[bool]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def rows(self) -> dict[tuple[str, bool], Row]:
        """The measures by condition and bias."""
        groups = list(dict.fromkeys((take.condition, take.biased) for take in self.takes))
        return {
            group: measured(
                [t for t in self.takes if (t.condition, t.biased) == group], self.lexicons
            )
            for group in groups
        }

    def sections(self) -> list[tuple[str, str]]:
        """Heading and text of each table."""
        rows = self.rows()
        return [
            ("Words and domain words", "\n".join(_word_lines(rows))),
            ("Codes, references, telephone numbers", "\n".join(_exact_lines(rows))),
            ("Word errors by voice", "\n".join(self._voice_lines())),
            *self._by_voice(),
            ("Words invented where nobody speaks", "\n".join(invented.lines(self.nothing))),
            ("Real speech", self._prompt_line()),
            *([("Not measured", "\n".join(self.notes))] if self.notes else []),
        ]

    def drawings(self) -> list[tuple[str, str]]:
        """Caption and SVG of each plot."""
        rows = self.rows()
        names = list(dict.fromkeys(name for name, _ in rows))
        none = Rate(0.0, 0.0, 0.0, 0)

        def of(pick: Callable[[Row], Rate], biased: bool = True) -> list[Rate]:
            return [pick(rows[name, biased]) if (name, biased) in rows else none for name in names]

        errors = {"with the client's words": of(lambda r: r.words),
                  "without": of(lambda r: r.words, False)}  # fmt: skip
        exact = {
            "code looked up": of(lambda r: r.code_looked_up),
            "reference": of(lambda r: r.reference),
            "number": of(lambda r: r.number),
        }
        return [
            ("Word errors by line", plots.bars(names, errors, "word error rate")),
            ("Domain words missed", plots.bars(names, {"": of(lambda r: r.terms)}, "share missed")),
            ("Exact things that arrive", plots.bars(names, exact, "share right")),
        ]

    def _voice_lines(self) -> list[str]:
        told = [f"{'condition':26}" + "".join(f"{speaker:>20}" for speaker in SPEAKERS)]
        for name in dict.fromkeys(take.condition for take in self.takes):
            parts = []
            for speaker in SPEAKERS:
                asked = [
                    word_errors(t.utterance.text, t.best)
                    for t in self.takes
                    if t.condition == name and t.biased and t.speaker == speaker
                    and t.utterance.kind == "question"
                ]  # fmt: skip
                parts.append(f"{rate_of_sums(asked)!s:>20}")
            told.append(f"{name:26}" + "".join(parts))
        return told

    def _by_voice(self) -> list[tuple[str, str]]:
        """All measures by voice, on an ordinary telephone line if that was measured."""
        names = list(dict.fromkeys(take.condition for take in self.takes))
        name = "telephone" if "telephone" in names else next(iter(names), "")
        own = [take for take in self.takes if take.condition == name and take.biased]
        rows = {
            (speaker, True): measured([t for t in own if t.speaker == speaker], self.lexicons)
            for speaker in SPEAKERS
        }
        told = [*_word_lines(rows)[:-1], "", *_exact_lines(rows)[:-1]]
        return [(f"By voice: {name}", "\n".join(told))] if name else []

    def _prompt_line(self) -> str:
        if not self.prompts:
            return "Asterisk's French prompts: not measured"
        rate = rate_of_sums(self.prompts)
        figures = "".join(
            f"\n{kind} in her recorded figures, word by word: {sum(right)} of {len(right)}"
            for kind, right in self.figures.items()
        )
        return (
            f"Asterisk's French prompts (a Canadian speaker, 8 kHz A-law): {len(self.prompts)} "
            f"recordings, {rate.count} words, word error rate {rate}\n"
            f"The spelling mistakes of their texts count as errors.{figures}"
        )


def _word_lines(rows: Mapping[tuple[str, bool], Row]) -> list[str]:
    told = [f"{'':26} {'bias':4} {'word error rate':>18} {'words':>6} "
            f"{'domain words missed':>20} {'in no reading':>18} {'words':>6}"]  # fmt: skip
    for (name, biased), row in rows.items():
        told.append(
            f"{name:26} {'on' if biased else 'off':4} {row.words!s:>18} {row.words.count:6d} "
            f"{row.terms!s:>20} {row.terms_any!s:>18} {row.terms.count:6d}"
        )
    told.append("domain words: appliances and nouns of the client's manuals, compared by stem")
    return told


def _exact_lines(rows: Mapping[tuple[str, bool], Row]) -> list[str]:
    columns = ("code", "in any reading", "looked up", "reference", "in any reading", "number")
    told = [f"{'':26} bias " + "".join(f"{column:>19}" for column in columns)]
    for (name, biased), row in rows.items():
        rates = (row.code, row.code_any, row.code_looked_up, row.reference, row.reference_any,
                 row.number)  # fmt: skip
        mark = "on" if biased else "off"
        told.append(f"{name:26} {mark:4} " + "".join(f"{rate!s:>19}" for rate in rates))
    counts = next(iter(rows.values()), None)
    if counts is not None:
        told.append(f"of {counts.code.count} codes, {counts.reference.count} references, "
                    f"{counts.number.count} numbers")  # fmt: skip
    return told

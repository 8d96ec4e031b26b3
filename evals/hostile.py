"""Three hundred broken or hostile files, read as a client's upload would be: all must be refused,
or read, within 20 s and 512 MB, and no reading child may crash.

    python -m evals.hostile [--files 300] [--seed 1]
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from evals import hostile_office, hostile_pdf, hostile_text
from knowledge.documents.reader import Reading, read_in_child

LONGEST_S = 20.0
MOST_BYTES = 512 * 1024 * 1024

CLASSES: dict[str, tuple[Callable[[random.Random], bytes], str, str]] = {
    **hostile_pdf.CLASSES, **hostile_office.CLASSES, **hostile_text.CLASSES,
}  # fmt: skip
"""Name -> what makes the file's bytes, its file name's ending, "refused", "read" or "either"."""


@dataclass(frozen=True)
class Trial:
    """One file and what came of it.

    Attributes:
        kind: Its class.
        outcome: "refused" or "read".
        seconds: Wall clock.
        reading: What the reader returned.
    """

    kind: str
    outcome: str
    seconds: float
    reading: Reading

    @property
    def fault(self) -> str:
        """What is wrong with it, "" if nothing."""
        expected = CLASSES[self.kind][2]
        sentence = self.reading.refusal
        if self.seconds > LONGEST_S:
            return f"took {self.seconds:.1f} s"
        if self.reading.peak_bytes > MOST_BYTES:
            return f"took {self.reading.peak_bytes >> 20} MB"
        if self.reading.code not in (0, -9):
            return f"the child crashed: {self.reading.code}"
        if expected not in ("either", self.outcome):
            return f"was {self.outcome}: {sentence}"
        if self.outcome == "refused" and (not sentence.endswith(".") or "\n" in sentence):
            return f"is told badly: {sentence!r}"
        return ""


def trials(count: int, seed: int, folder: Path) -> Iterator[Trial]:
    """Make `count` files, class after class, and have each read."""
    names = list(CLASSES)
    for number in range(count):
        kind = names[number % len(names)]
        make, ending, _ = CLASSES[kind]
        file = folder / f"{kind}-{number}{ending}"
        file.write_bytes(make(random.Random(f"{seed}-{number}")))
        started = monotonic()
        reading = read_in_child(file)
        seconds = monotonic() - started
        file.unlink()
        yield Trial(kind, "refused" if reading.document is None else "read", seconds, reading)


def main() -> int:
    """Run, print a line a class, and return 1 if any file is a fault."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=300, help="how many files (default: 300)")
    parser.add_argument("--seed", type=int, default=1, help="seed of their bytes (default: 1)")
    args = parser.parse_args()
    found: dict[str, list[Trial]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for done, trial in enumerate(trials(args.files, args.seed, Path(folder)), start=1):
            found.setdefault(trial.kind, []).append(trial)
            print(f"\r{done}/{args.files}", end="", file=sys.stderr, flush=True)
        left = list(Path(folder).iterdir())
    print("\n", file=sys.stderr)
    print(f"{'class':26} {'refused':>7} {'read':>5} {'longest s':>9} {'peak MB':>8}")
    for kind, group in found.items():
        refused = sum(trial.outcome == "refused" for trial in group)
        longest = max(trial.seconds for trial in group)
        peak = max(trial.reading.peak_bytes for trial in group) >> 20
        print(f"{kind:26} {refused:7} {len(group) - refused:5} {longest:9.1f} {peak:8}")
    faults = [trial for group in found.values() for trial in group if trial.fault]
    for trial in faults:
        print(f"FAULT {trial.kind}: {trial.fault}")
    everything = [trial for group in found.values() for trial in group]
    print(
        f"{len(everything)} files, {sum(t.outcome == 'refused' for t in everything)} refused, "
        f"longest {max(t.seconds for t in everything):.1f} s, "
        f"peak {max(t.reading.peak_bytes for t in everything) >> 20} MB, "
        f"{len(faults)} faults, {len(left)} files left behind"
    )
    return 1 if faults or left else 0


if __name__ == "__main__":
    sys.exit(main())

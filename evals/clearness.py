"""What the recogniser's log-probability tells of a question: `python -m evals.clearness`.

The first sentences of the scripted conversations, of five words or more, each by its synthetic
caller on the telephone: under the dialogue's limit and above it, how many came out wrong.
"""

from __future__ import annotations

from agent.call.guiding import BADLY_HEARD_LOGPROB
from agent.settings import load_settings
from evals.arrived import word_errors
from evals.scripts import read_scripts
from evals.spoken_clips import heard

SHORTEST = 5
WRONG = 0.2
"""Share of its words from which a sentence was misheard."""

VOCABULARY = ("lave-linge", "lave-vaisselle", "four", "LV450", "VS320", "FR610", "FR610P",
              "code d'erreur.")  # fmt: skip


def main() -> None:
    """Hear all of them and tell."""
    lines = dict.fromkeys(line for script in read_scripts() for line in script.lines)
    said = [line for line in lines if len(line.split()) >= SHORTEST and not line.startswith("<")]
    transcripts = heard(load_settings(), said, VOCABULARY)
    doubtful: list[bool] = []
    clear: list[bool] = []
    for line in said:
        found = transcripts[line]
        wrong, count = word_errors(line, found.text)
        group = doubtful if found.logprob < BADLY_HEARD_LOGPROB else clear
        group.append(wrong / count > WRONG)
    for name, group in (("under", doubtful), ("above", clear)):
        print(f"{name} {BADLY_HEARD_LOGPROB}: {len(group)} sentences, misheard {sum(group)}")


if __name__ == "__main__":
    main()

"""Manuals' sentences made speakable, spoken and transcribed back: `permanence eval read-aloud`.

Two questions. Does what is written survive being made speakable (by text, every sentence of the
evaluation brands' manuals)? Is what the voice says then understood (a thousand of them, through the
installed voice and recogniser, clean, 16 kHz)?
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agent.audio import RECOGNISER_RATE_HZ
from agent.opening import open_transcriber, open_voice
from agent.settings import Settings
from evals.arrived import rate_of_sums, word_errors
from evals.bench import brands, open_bench
from evals.bounded import each
from evals.plots import Rate
from knowledge.safety import fold
from voices.french import sentences, speakable

SHORTEST, LONGEST = 3, 30
"""Words of a sentence."""

SAID_OTHERWISE = frozenset(
    "cm kg min mm ml wh hz max temp tr bar ref fig pa cf cl ah an env prog www mbar mm kw mah"
    " er db dm ha km mg nb ex art tel chap vol puiss".split()
)
"""Folded pieces of units and abbreviations, which are said in full."""

DOUBTFUL = 0.34
"""Word error rate from which a sentence is listed."""

LISTED = 30


@dataclass(frozen=True)
class Read:
    """A sentence as written, as spoken and as heard."""

    written: str
    spoken: str
    heard: str

    @property
    def errors(self) -> tuple[int, int]:
        """Words wrong, and words."""
        return word_errors(self.spoken, self.heard)

    @property
    def rate(self) -> float:
        """Word error rate."""
        wrong, count = self.errors
        return wrong / max(1, count)


@dataclass(frozen=True)
class Findings:
    """What was found.

    Attributes:
        written: How many sentences were made speakable.
        lost: Word → sentences in which it is not said, written and spoken.
        read: Those that were spoken and heard.
    """

    written: int
    lost: dict[str, list[tuple[str, str]]]
    read: list[Read]

    def word_error_rate(self) -> Rate:
        """Of all that was spoken."""
        return rate_of_sums([one.errors for one in self.read])

    def sections(self) -> list[tuple[str, str]]:
        """Heading and text of each table."""
        worst = sorted(self.read, key=lambda one: -one.rate)
        doubtful = [one for one in worst if one.rate >= DOUBTFUL]
        heard = [f"{len(self.read)} sentences, word error rate {self.word_error_rate()}, "
                 f"{len(doubtful)} with {DOUBTFUL:.0%} of their words or more"]  # fmt: skip
        for one in worst[:LISTED]:
            heard.append(f"{one.rate:.2f}  {one.written}\n      said  {one.spoken}\n"
                         f"      heard {one.heard}")  # fmt: skip
        told = [f"{len(self.lost)} words in {self.written} sentences are not said as written"]
        for word, places in sorted(self.lost.items(), key=lambda item: -len(item[1])):
            written, spoken = places[0]
            told.append(f"{word} ({len(places)})  {written}\n      said  {spoken}")
        return [("Words lost in being made speakable", "\n".join(told)),
                ("Spoken and transcribed back", "\n".join(heard))]  # fmt: skip


def run(settings: Settings, count: int) -> Findings:
    """Read the manuals, speak some of their sentences and listen (blocks; half an hour)."""
    texts = manual_sentences(settings)
    drawn = sorted(texts, key=lambda text: hashlib.sha256(text.encode()).digest())[:count]
    return Findings(len(texts), lost_words(texts), asyncio.run(_read(settings, drawn)))


def manual_sentences(settings: Settings) -> list[str]:
    """Every different sentence of the evaluation brands' manuals."""
    library = open_bench(settings)
    found: dict[str, None] = {}
    try:
        for brand in brands():
            for passage in library.shelf(brand).retriever.collection.passages:
                for text in re.split(r"(?<=[.!?])\s+|\n+", passage.text):
                    if SHORTEST <= len(text.split()) <= LONGEST:
                        found.setdefault(text.strip())
    finally:
        library.close()
    return list(found)


def lost_words(texts: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """Words that are not said in the sentence that holds them, with where."""
    lost: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for text in texts:
        spoken = speakable(text)
        said = set(re.findall("[a-z]+", fold(spoken)))
        for word in re.findall(r"[a-zà-ÿœ]{2,}|[A-ZÀ-Ý][a-zà-ÿœ]+", text):
            for piece in re.findall("[a-z]+", fold(word)):
                if piece not in said and piece not in SAID_OTHERWISE:
                    lost[piece].append((text, spoken))
    return dict(lost)


async def _read(settings: Settings, texts: Sequence[str]) -> list[Read]:
    voice, transcriber = open_voice(settings), open_transcriber(settings)
    done = 0

    async def one(text: str) -> Read:
        nonlocal done
        heard = []
        for sentence in sentences(text):
            samples = await voice.speak(sentence, RECOGNISER_RATE_HZ)
            heard.append((await transcriber.transcribe(samples, RECOGNISER_RATE_HZ)).text)
        done += 1
        if done % 100 == 0:
            print(f"  {done} of {len(texts)} sentences", flush=True)
        return Read(text, speakable(text), " ".join(heard))

    try:
        return await each(texts, one, settings.transcriber_workers)
    finally:
        voice.close()
        transcriber.close()

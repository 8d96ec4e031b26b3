"""The same questions written and spoken: what the telephone costs. `python -m evals.by_phone`.

Questions of a split, drawn by their text, are put to the evaluation brands twice: as text, as
`permanence ask` does, and spoken by a synthetic caller into a server of its own, as `permanence
call` does (8 kHz A-law, recogniser, end of turn and all). Counted by what the first piece of
evidence stands on: here the page alone, without the facts, on both sides.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Any

from agent.audio import TELEPHONE_RATE_HZ, Samples
from agent.log import hush_pipecat
from agent.opening import open_database
from agent.settings import Settings, load_settings
from agent.store.clients import ClientStore
from agent.telephony.recorded_caller import RecordedCaller
from agent.web.server import running_server
from evals.bench import brands, open_bench
from evals.callers import NATIVE, caller_voice
from evals.noise import speaker_of
from evals.questions import SPLITS, Question, read_split
from knowledge.answer import Inquiry
from knowledge.library import Library
from voices.french import speakable


def main() -> None:
    """Read the command line, ask twice, print."""
    parser = argparse.ArgumentParser(description="Decisions on written and on spoken questions.")
    parser.add_argument("--split", choices=SPLITS, default="test")
    parser.add_argument("--count", type=int, default=60)
    given = parser.parse_args()
    hush_pipecat()
    settings = load_settings()
    questions = drawn(read_split(given.split), given.count)
    home = settings.home / "cache" / "evals" / settings.embedding
    library = open_bench(settings)
    try:
        written = [by_text(library, question) for question in questions]
    finally:
        library.close()
    clips = rendered(settings, questions)  # before the server: espeak is not started twice at once
    serving = settings.model_copy(update={"home": home, "port": 0})
    _add_clients(serving)
    spoken = []
    with running_server(serving) as server:
        address = f"{server.url.replace('http', 'ws', 1)}/media"
        for number, question in enumerate(questions):
            spoken.append(asyncio.run(by_voice(address, clips[question.text], question)))
            if number % 10 == 9:
                print(f"  {number + 1} of {len(questions)}", flush=True)
    native = [speaker_of(question.text) == NATIVE for question in questions]
    tell("as text", questions, written)
    tell("spoken", questions, spoken)
    for name, wanted in (("native voice", True), ("accented voices", False)):
        chosen = [i for i, one in enumerate(native) if one == wanted]
        for side, outcomes in (("as text", written), ("spoken", spoken)):
            tell(f"{name}, {side}", [questions[i] for i in chosen], [outcomes[i] for i in chosen])


def drawn(questions: Sequence[Question], count: int) -> list[Question]:
    """As many questions, two thirds of them answerable, drawn by a hash of their text."""
    order = sorted(questions, key=lambda q: hashlib.sha256(q.text.encode()).hexdigest())
    able = [q for q in order if q.answerable and not q.danger][: 2 * count // 3]
    return [*able, *[q for q in order if not q.answerable][: count - len(able)]]


def by_text(library: Library, question: Question) -> str:
    """answer right | answer wrong | confirm right | … of a written question."""
    answer = library.answer(question.client, Inquiry(question.text))
    places = [(one.manual, one.page) for one in answer.evidence]
    return outcome(question, answer.decision, places)


def rendered(settings: Settings, questions: Sequence[Question]) -> dict[str, Samples]:
    """Each question as its caller says it, 8 kHz; one voice after the other."""
    clips: dict[str, Samples] = {}
    for speaker in dict.fromkeys(speaker_of(question.text) for question in questions):
        voice = caller_voice(settings, speaker)
        for question in questions:
            if speaker_of(question.text) == speaker:
                said = voice.speak(speakable(question.text), TELEPHONE_RATE_HZ)
                clips[question.text] = asyncio.run(said)
        voice.close()
    return clips


async def by_voice(address: str, samples: Samples, question: Question) -> str:
    """The same of a question that is said on the telephone and nothing else."""
    caller = RecordedCaller(address, question.client, [samples], realtime=False)
    call = (await caller.run()).as_json()
    turns = [turn for turn in call["turns"] if turn["decision"]]
    if not turns:
        return "not understood"
    first: dict[str, Any] = turns[0]
    places = [(one["manual"], one["page"]) for one in first["evidence"]]
    return outcome(question, first["decision"], places)


def outcome(question: Question, decision: str, places: Sequence[tuple[str, int]]) -> str:
    """The decision, and for answers and confirmations whether the page is right."""
    if decision not in ("answer", "confirm"):
        return decision
    return f"{decision} {'right' if places and places[0] in question.places else 'wrong'}"


def tell(title: str, questions: Sequence[Question], outcomes: Sequence[str]) -> None:
    """Print how many of each outcome, answerable questions and near misses apart."""
    for answerable, name in ((True, "answerable"), (False, "near misses")):
        counts = Counter(
            outcome
            for question, outcome in zip(questions, outcomes, strict=True)
            if question.answerable == answerable
        )
        told = ", ".join(f"{key} {count}" for key, count in sorted(counts.items()))
        print(f"{title}: {sum(counts.values())} {name}: {told}")


def _add_clients(settings: Settings) -> None:
    database = open_database(settings)
    try:
        clients = ClientStore(database)
        known = {client.slug for client in clients.list()}
        for slug in brands():
            if slug not in known:
                clients.add(slug, slug.capitalize())
    finally:
        database.close()


if __name__ == "__main__":
    main()

"""Every question of the new sets as the recogniser hears it on the telephone.

    python -m evals.noise

Each question is spoken by one of the synthetic callers (drawn by its text, two fifths the native
voice), sent through 8 kHz A-law and decoded as a call decodes it; the readings go to
evals/data/questions/heard.jsonl, so that retrieval can be measured without audio. Questions already
there are kept.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import defaultdict

from agent.audio import TELEPHONE_RATE_HZ, alaw_decode, alaw_encode, samples_of
from agent.call.transcriber import WhisperTranscriber
from agent.models import path as model_path
from agent.settings import load_settings
from evals.callers import ACCENTED, NATIVE, caller_voice
from evals.questions import SETS, read_heard, read_questions
from voices.french import speakable

VOCABULARY = {
    "orvane": ("four", "lave-linge", "lave-vaisselle", "code d'erreur."),
    "hestaline": ("réfrigérateur", "sèche-linge", "plaque de cuisson", "code d'erreur."),
    "brevia": ("lave-linge", "micro-ondes", "code d'erreur."),
    "nordalec": ("cave à vin", "hotte", "lave-vaisselle", "code d'erreur."),
}
"""What a call of each brand gives the recogniser (`Shelf.vocabulary`)."""


def speaker_of(text: str) -> str:
    """The caller who says a question: always the same one."""
    drawn = hashlib.sha256(text.encode()).digest()[0] % (len(ACCENTED) + 3)
    return NATIVE if drawn >= len(ACCENTED) else ACCENTED[drawn]


def main() -> None:
    """Speak, send, decode, write; one voice after the other."""
    settings = load_settings()
    known = read_heard()
    todo: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for split in ("development", "calibration", "test"):
        for question in read_questions(SETS / f"{split}.jsonl"):
            if question.text not in known:
                todo[speaker_of(question.text)].append((question.text, question.client))
    folder = model_path(settings, f"whisper-{settings.whisper}")
    transcriber = WhisperTranscriber(folder, workers=1, threads=1)
    with (SETS / "heard.jsonl").open("a", encoding="utf-8") as out:
        for speaker, questions in todo.items():
            voice = caller_voice(settings, speaker)
            for text, client in questions:
                samples = asyncio.run(voice.speak(speakable(text), TELEPHONE_RATE_HZ))
                line = samples_of(alaw_decode(alaw_encode(samples.tobytes())))
                words = VOCABULARY[client]
                heard = asyncio.run(transcriber.transcribe(line, TELEPHONE_RATE_HZ, words))
                readings = [[said, round(weight, 3)] for said, weight in heard.readings()]
                entry = {"question": text, "speaker": speaker, "readings": readings}
                out.write(json.dumps(entry, ensure_ascii=False) + "\n")
                out.flush()
            voice.close()
            print(f"{speaker}: {len(questions)} questions", flush=True)
    transcriber.close()


if __name__ == "__main__":
    main()

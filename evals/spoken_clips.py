"""Sentences as synthetic callers say them on the telephone, and as the recogniser hears them.

Each text has its own caller, drawn by the text, so that a run can be repeated; what was heard is
kept in the cache by text, voice, line and recogniser, because a thousand decodings take minutes.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from agent.audio import TELEPHONE_RATE_HZ, Samples
from agent.call.transcriber import Transcript, WhisperTranscriber
from agent.models import Catalogue
from agent.models import path as model_path
from agent.settings import Settings
from evals.callers import caller_voice
from evals.line import alaw
from evals.noise import speaker_of
from voices.french import speakable


def spoken(settings: Settings, texts: Sequence[str]) -> dict[str, Samples]:
    """Each text as its caller says it, 8 kHz A-law and back; one voice after the other."""
    clips: dict[str, Samples] = {}
    for speaker in dict.fromkeys(speaker_of(text) for text in texts):
        voice = caller_voice(settings, speaker)
        try:
            for text in texts:
                if speaker_of(text) == speaker:
                    said = speakable(text)
                    voice.prepare([said], TELEPHONE_RATE_HZ)  # kept on disk
                    clips[text] = alaw(asyncio.run(voice.speak(said, TELEPHONE_RATE_HZ)))
        finally:
            voice.close()
    return clips


def heard(
    settings: Settings, texts: Sequence[str], vocabulary: Sequence[str] = ()
) -> dict[str, Transcript]:
    """What the recogniser makes of each text said on the telephone."""
    file = _cache(settings, vocabulary)
    known = _read(file)
    missing = [text for text in dict.fromkeys(texts) if text not in known]
    if missing:
        clips = spoken(settings, missing)
        folder = model_path(settings, f"whisper-{settings.whisper}")
        transcriber = WhisperTranscriber(folder, workers=1, threads=2)
        try:
            for count, text in enumerate(missing, start=1):
                known[text] = asyncio.run(
                    transcriber.transcribe(clips[text], TELEPHONE_RATE_HZ, vocabulary)
                )
                if count % 50 == 0:
                    _write(file, known)  # a run that is stopped goes on from here
                    print(f"  {count} of {len(missing)} clips heard", flush=True)
        finally:
            transcriber.close()
        _write(file, known)
    return {text: known[text] for text in texts}


def _cache(settings: Settings, vocabulary: Sequence[str]) -> Path:
    code = Path(WhisperTranscriber.__init__.__code__.co_filename).read_bytes()
    edition = Catalogue.load().model(f"whisper-{settings.whisper}").edition
    about = repr((settings.whisper, edition, tuple(vocabulary)))
    key = hashlib.sha256(code + about.encode()).hexdigest()
    return settings.home / "cache" / "heard" / f"{key[:16]}.jsonl"


def _read(file: Path) -> dict[str, Transcript]:
    if not file.exists():
        return {}
    known = {}
    for line in file.read_text("utf-8").splitlines():
        entry = json.loads(line)
        known[entry["said"]] = Transcript(
            entry["text"], tuple(entry["alternatives"]), entry["logprob"], 0.0,
            tuple(entry["odds"]),
        )  # fmt: skip
    return known


def _write(file: Path, known: dict[str, Transcript]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = [
        json.dumps(
            {"said": said, "text": one.text, "alternatives": one.alternatives,
             "logprob": one.logprob, "odds": one.odds},
            ensure_ascii=False,
        )
        for said, one in known.items()
    ]  # fmt: skip
    part = file.with_suffix(".part")
    part.write_text("\n".join(lines) + "\n", "utf-8")
    part.replace(file)

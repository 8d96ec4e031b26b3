"""A person's French on the telephone: the prompts that Debian packages for Asterisk.

The only French telephone speech with its text that a package manager has: one Canadian speaker,
studio recordings at 8 kHz, Creative Commons BY-SA. Fetched when first asked for, kept in the
download cache, never part of this repository.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.audio import TELEPHONE_RATE_HZ, Samples, read_wav
from agent.errors import AudioFileError
from agent.settings import Settings

TESTED_WITH = ("asterisk-core-sounds-fr", "asterisk-core-sounds-fr-wav")
"""The texts, and the sound files that they belong to."""

FETCH_LIMIT_S = 120
FEWEST_WORDS = 3
LONGEST_S = 20.0


class RealSpeechMissingError(Exception):
    """The recordings are not here and cannot be fetched; says why."""


@dataclass(frozen=True)
class Prompt:
    """A recorded sentence and its text."""

    text: str
    samples: Samples


def read_prompts(settings: Settings, count: int) -> list[Prompt]:
    """As many prompts of three words or more, at 8 kHz, always the same ones (blocks).

    Raises:
        RealSpeechMissingError: The packages cannot be had here.
    """
    folder = fetched(settings.home / "cache" / "asterisk-fr", TESTED_WITH)
    texts = next(folder.rglob("core-sounds-fr.txt.gz"), None)
    if texts is None:
        raise RealSpeechMissingError("the packages hold no text of their recordings")
    said = transcripts(gzip.decompress(texts.read_bytes()).decode("utf-8"))
    files = {file.stem: file for file in folder.rglob("*.wav")}
    order = sorted(said.keys() & files, key=lambda one: hashlib.sha256(one.encode()).hexdigest())
    prompts: list[Prompt] = []
    for name in order:
        if len(prompts) == count:
            break
        try:
            samples = read_wav(files[name], TELEPHONE_RATE_HZ)
        except AudioFileError:
            continue
        if samples.size <= LONGEST_S * TELEPHONE_RATE_HZ:
            prompts.append(Prompt(said[name], samples))
    return prompts


def transcripts(listing: str) -> dict[str, str]:
    """Texts by file name, of those with words enough and without a sound described in brackets.

    Args:
        listing: Lines « name: text »; a semicolon begins a comment.
    """
    found: dict[str, str] = {}
    for line in listing.splitlines():
        name, colon, text = line.partition(":")
        text = re.sub(r"[“”\"]", "", text).strip()
        described = re.search(r"[\[\](){}<>]", text)
        long_enough = len(text.split()) >= FEWEST_WORDS
        if colon and long_enough and not described and not line.startswith(";"):
            found[name.strip()] = text
    return found


def fetched(folder: Path, packages: Sequence[str]) -> Path:
    """The folder with the packages' files, nothing of them installed or run (blocks).

    Raises:
        RealSpeechMissingError: They are not in the folder and cannot be had here.
    """
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            unpacked = Path(scratch) / "unpacked"
            unpacked.mkdir()
            _run(["apt-get", "download", *packages], unpacked)
            for package in unpacked.glob("*.deb"):
                _run(["dpkg-deb", "--extract", package.name, "."], unpacked)
                package.unlink()
            unpacked.replace(folder)
    except (OSError, subprocess.SubprocessError) as error:
        told = getattr(error, "stderr", "") or str(error)
        raise RealSpeechMissingError(str(told).strip().splitlines()[-1][:120]) from error
    return folder


def _run(command: list[str], folder: Path) -> None:
    subprocess.run(
        command, cwd=folder, check=True, capture_output=True, text=True, timeout=FETCH_LIMIT_S
    )

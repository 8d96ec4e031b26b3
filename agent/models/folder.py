"""A model folder: its manifest.json, and whether its files are those that were placed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.models.archives import sha256
from agent.models.catalogue import File, Model

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Problem:
    """What is wrong with one file of a model."""

    file: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}: {self.message}"


@dataclass(frozen=True)
class Placed:
    """A file as it was when the model was placed: size in bytes, time of change in ns."""

    name: str
    size: int
    sha256: str
    mtime_ns: int


def write_manifest(folder: Path, model: Model, source: str, files: list[File]) -> None:
    """Record what stands in `folder`; replaces the manifest in one move."""
    entries = [
        {
            "name": file.name,
            "size": file.size,
            "sha256": file.sha256,
            "mtime_ns": (folder / file.name).stat().st_mtime_ns,
        }
        for file in files
    ]
    content = {
        "model": model.name,
        "revision": model.edition,
        "source": source,
        "licence": model.licence,
        "files": entries,
    }
    part = folder / f".{MANIFEST}.part"
    part.write_text(json.dumps(content, indent=1, ensure_ascii=False), "utf-8")
    part.replace(folder / MANIFEST)


def read_manifest(folder: Path, model: Model) -> list[Placed]:
    """Files recorded in `folder`; empty if its manifest is missing, unreadable or out of date."""
    try:
        content: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
        if content.get("revision", 1) != model.edition:
            return []
        return [Placed(**entry) for entry in content["files"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def size_problems(folder: Path, files: list[Placed]) -> list[Problem]:
    """Compare sizes only: takes microseconds a file."""
    problems = []
    for file in files:
        try:
            size = (folder / file.name).stat().st_size
        except OSError:
            problems.append(Problem(file.name, "is missing"))
            continue
        if size != file.size:
            problems.append(Problem(file.name, f"has {size} bytes instead of {file.size}"))
    return problems


def untouched(folder: Path, files: list[Placed]) -> bool:
    """Whether sizes and times of change are still those recorded."""
    try:
        stats = [(folder / file.name).stat() for file in files]
    except OSError:
        return False
    return bool(files) and all(
        (stat.st_size, stat.st_mtime_ns) == (file.size, file.mtime_ns)
        for stat, file in zip(stats, files, strict=True)
    )


def content_problems(folder: Path, files: Sequence[Placed | File]) -> list[Problem]:
    """Compare sizes and SHA-256: reads every byte."""
    problems = []
    for file in files:
        target = folder / file.name
        if not target.is_file():
            problems.append(Problem(file.name, "is missing"))
        elif (size := target.stat().st_size) != file.size:
            problems.append(Problem(file.name, f"has {size} bytes instead of {file.size}"))
        elif sha256(target) != file.sha256:
            problems.append(Problem(file.name, "has other bytes than it should (SHA-256)"))
    return problems


def weigh(folder: Path, names: list[str]) -> list[File]:
    """Size and SHA-256 of files as they are now."""
    return [
        File(name=name, size=(folder / name).stat().st_size, sha256=sha256(folder / name))
        for name in names
    ]

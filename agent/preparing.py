"""The process that prepares one manual: `python -m agent.preparing`, started by `ManualDesk`.

It takes only the processor time that calls leave, and says on its standard output how far it is, a
line of JSON for each step. The last line holds "entry" (pages and passages of the manual) or
"refused", one sentence; where there is none, it was killed.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from agent.sealing.keys import Key
from agent.sealing.vault import Vault
from knowledge.embeddings import load_embedder
from knowledge.errors import KnowledgeError
from knowledge.prepare import prepare
from knowledge.vault import use_vault


@dataclass(frozen=True)
class Task:
    """What is asked for, on the standard input: no key stands in a command line.

    Attributes:
        data_dir: Under which files are sealed.
        client_dir, file: The client's folder, and the file within it.
        model, model_dir: Name and folder of the embedding model.
        keys: With which files are sealed, hexadecimal.
    """

    data_dir: str
    client_dir: str
    file: str
    model: str
    model_dir: str
    keys: tuple[str, ...] = ()

    def line(self) -> bytes:
        """As it is sent."""
        return json.dumps(asdict(self)).encode() + b"\n"


def main() -> None:
    """Prepare what is asked for."""
    task = Task(**json.loads(sys.stdin.readline()))
    yield_to_calls()
    _tell(stage="loading", done=0, total=1)
    keys = [Key(bytes.fromhex(key)) for key in task.keys]
    use_vault(Path(task.data_dir), Vault(keys))
    try:
        embedder = load_embedder(task.model, Path(task.model_dir), threads=1)
        entry = prepare(
            Path(task.client_dir), Path(task.file), embedder,
            lambda stage, done, total: _tell(stage=stage, done=done, total=total),
        )  # fmt: skip
    except KnowledgeError as error:
        _tell(refused=str(error))
    else:
        _tell(entry={"pages": entry.pages, "passages": entry.passages})


def yield_to_calls() -> None:
    """Take only the processor time that nobody else wants, as far as the system lets us."""
    os.nice(19)
    with suppress(OSError, AttributeError):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def _tell(**values: object) -> None:
    sys.stdout.write(json.dumps(values, ensure_ascii=True) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

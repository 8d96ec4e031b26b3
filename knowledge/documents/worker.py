"""The child process that reads one file: limits first, parsers after, JSON lines out."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from knowledge.documents.limits import confine, grant_cpu
from knowledge.errors import DocumentError


def main(path: Path) -> None:
    """Read a file and write what it holds to the standard output."""
    confine()
    grant_cpu()
    from knowledge.documents.kinds import parse  # its parsers are loaded within the limits
    from knowledge.documents.wire import pages_out

    def progress(done: int, total: int) -> None:
        grant_cpu()
        _write({"done": done, "total": total})

    try:
        for message in pages_out(parse(path, progress)):
            _write(message)
    except DocumentError as error:
        cause = error.__cause__
        _write({"refused": str(error), "cause": repr(cause)[:300] if cause else ""})
    except (MemoryError, RecursionError) as error:
        _write({"refused": f"{path.name} est trop lourd à lire ; partagez-le en plusieurs "
                "fichiers ou exportez-le de nouveau.", "cause": type(error).__name__})  # fmt: skip
    except BrokenPipeError:
        raise  # nobody reads any more
    except Exception as error:  # the call's boundary: a parser may fail in any way on a broken file
        _write({"refused": f"{path.name} est endommagé ; exportez-le de nouveau.",
                "cause": repr(error)[:300]})  # fmt: skip


def _write(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message, ensure_ascii=True) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)

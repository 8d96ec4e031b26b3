"""What is shown while a model is fetched: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars

WATCH_S = 0.25


class Progress(Protocol):
    """Told what happens to one model; may be called from another thread than the caller's."""

    def notice(self, text: str) -> None:
        """Show terms or an explanation."""

    def step(self, text: str, total: int = 0) -> None:
        """A new step begins; `total` is its bytes, 0 if unknown."""

    def advance(self, done: int) -> None:
        """`done` bytes of the step are there."""


class Silent:
    """Shows nothing."""

    def notice(self, text: str) -> None:
        """Show nothing."""

    def step(self, text: str, total: int = 0) -> None:
        """Show nothing."""

    def advance(self, done: int) -> None:
        """Show nothing."""


class _Lines:
    def __init__(self, name: str, console: Console) -> None:
        self._name, self._console = name, console

    def notice(self, text: str) -> None:
        self._console.print(text.strip(), highlight=False, soft_wrap=True)

    def step(self, text: str, total: int = 0) -> None:
        size = f" ({total / 1e6:.1f} MB)" if total else ""
        self._console.print(f"{self._name}: {text}{size}", highlight=False, soft_wrap=True)

    def advance(self, done: int) -> None:
        return


class _Bar:
    def __init__(self, name: str, bars: Bars) -> None:
        self._name, self._bars = name, bars
        self._task = bars.add_task(name, total=None)

    def notice(self, text: str) -> None:
        self._bars.console.print(text.strip(), highlight=False)

    def step(self, text: str, total: int = 0) -> None:
        self._bars.remove_task(self._task)
        self._task = self._bars.add_task(f"{self._name}: {text}", total=total or None)

    def advance(self, done: int) -> None:
        self._bars.update(self._task, completed=done)


@contextmanager
def console_progress(name: str, console: Console | None = None) -> Iterator[Progress]:
    """Show the progress of model `name` on standard error for as long as the block runs."""
    console = console or Console(stderr=True)
    if not console.is_terminal:
        yield _Lines(name, console)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=console, transient=True) as bars:
        yield _Bar(name, bars)


@contextmanager
def watch_bytes(folder: Path, seen: Callable[[int], None]) -> Iterator[None]:
    """Tell `seen` the bytes below `folder` while another program fills it."""
    stop = threading.Event()

    def look() -> None:
        while not stop.wait(WATCH_S):
            seen(_bytes_below(folder))

    thread = threading.Thread(target=look, name="download-watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _bytes_below(folder: Path) -> int:
    total = 0
    for file in folder.rglob("*"):
        try:
            total += file.stat().st_size if file.is_file() else 0
        except OSError:  # moved or removed meanwhile
            continue
    return total

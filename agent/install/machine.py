"""The machine: packages, models, disk, memory, clock, the reader of scanned pages."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from difflib import get_close_matches
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import Requirement

from agent.errors import ModelUnavailableError
from agent.install.finding import Finding, Site, fault, ok, warning
from agent.models import State, default_models, state, verify
from agent.settings import Settings

MEMORY_MB = 3600
"""What a machine that is called one of 4 GB has at least."""

AVAILABLE_MB = 300
DISK_MB = 2000
"""Under which a disk is soon full: a day of recordings and a backup."""

MEMINFO = Path("/proc/meminfo")
_PREFIX = "PERMANENCE_"
_NOT_SETTINGS = {"PERMANENCE_TEST_POSTGRESQL"}
_TIME_ERROR = 5
_TIMEX_BYTES = 256  # more than `struct timex` has anywhere


def names(_: Site) -> Iterator[Finding]:
    """Settings that nothing reads: mostly a letter is wrong."""
    known = [_PREFIX + name.upper() for name in Settings.model_fields]
    strange = [
        name for name in sorted(os.environ)
        if name.startswith(_PREFIX) and name not in known and name not in _NOT_SETTINGS
    ]  # fmt: skip
    for name in strange:
        near = get_close_matches(name, known, 1)
        meant = f"; did you mean {near[0]}?" if near else "; take it out."
        yield warning("settings", f"{name} is no setting of permanence{meant}")
    if not strange:
        yield ok("settings", "All can be used.")


def python(site: Site) -> Iterator[Finding]:
    """This Python, and every package that permanence needs."""
    wanted = [Requirement(one) for one in requires("permanence") or []]
    extra = "postgresql" if site.settings.database.startswith("postgresql") else ""
    broken = []
    for one in wanted:
        if one.marker is None or one.marker.evaluate({"extra": extra}):
            try:
                found = version(one.name)
            except PackageNotFoundError:
                broken.append(f"{one.name} is missing")
                continue
            if not one.specifier.contains(found, prereleases=True):
                broken.append(f"{one.name} is {found}, not {one.specifier}")
    if broken:
        told = f"permanence[{extra}]" if extra else "permanence"
        yield fault("packages", f"{'; '.join(broken)}: run pip install '{told}' again.")
    else:
        yield ok("packages", f"Python {sys.version.split()[0]} and {len(wanted)} packages.")


def models(site: Site) -> Iterator[Finding]:
    """The models in use: there, and every byte as it was pinned."""
    well = []
    for name in default_models(site.settings):
        try:
            found = state(site.settings, name)
            problems = verify(site.settings, name) if found is State.READY and site.thorough else []
        except ModelUnavailableError as error:
            yield fault("models", str(error))
            continue
        if found is not State.READY or problems:
            what = "is missing" if found is State.MISSING else "is damaged"
            yield fault("models", f"{name} {what}: run permanence models pull {name}.")
        else:
            well.append(name)
    if len(well) == len(default_models(site.settings)):
        how = "verified" if site.thorough else "there (not verified)"
        yield ok("models", f"{', '.join(well)}: {how}.")


def disk(site: Site) -> Iterator[Finding]:
    """Space where the data stand, and the backups."""
    wanted_mb = site.settings.min_free_mb
    for place in {site.settings.home, site.settings.data_dir, site.backups or site.settings.home}:
        if not place.is_dir():
            continue
        free_mb = shutil.disk_usage(place).free // 1_000_000
        if free_mb < wanted_mb:
            yield fault(
                "disk",
                f"{free_mb} MB are free at {place}, {wanted_mb} are needed: make room, for example"
                " by permanence recordings purge.",
            )
            return
        if free_mb < max(DISK_MB, wanted_mb):
            yield warning("disk", f"{free_mb} MB are free at {place}: make room before it is full.")
            return
    yield ok("disk", f"{shutil.disk_usage(site.settings.home).free // 1_000_000} MB are free.")


def memory(_: Site) -> Iterator[Finding]:
    """Memory of the machine, and what of it is left; its cores."""
    told = dict(re.findall(r"(?m)^(\w+): +(\d+) kB$", MEMINFO.read_text("ascii")))
    whole_mb, left_mb = (int(told[name]) // 1000 for name in ("MemTotal", "MemAvailable"))
    cores = len(os.sched_getaffinity(0))
    if whole_mb < MEMORY_MB:
        yield warning("memory", f"The machine has {whole_mb} MB, 4 GB are wanted: add memory.")
    elif left_mb < AVAILABLE_MB:
        yield warning(
            "memory", f"{left_mb} MB of memory are left: stop what takes it, or add memory."
        )
    elif cores < 2:
        yield warning("memory", "There is one core, two are wanted: set PERMANENCE_MAX_CALLS=2.")
    else:
        yield ok("memory", f"{left_mb} of {whole_mb} MB are left, {cores} cores.")


def clock(_: Site) -> Iterator[Finding]:
    """Whether somebody keeps the clock right: hours and due times hang on it."""
    if _clock_is_kept():
        yield ok("clock", "It is kept right by NTP.")
    else:
        yield warning(
            "clock",
            "Nothing keeps the clock right: apt-get install systemd-timesyncd (or chrony), then"
            " timedatectl set-ntp true.",
        )


def _clock_is_kept() -> bool:
    """What the kernel says of it, whichever program does so."""
    told = ctypes.create_string_buffer(_TIMEX_BYTES)
    return ctypes.CDLL(None).adjtimex(told) not in (-1, _TIME_ERROR)


def scans(_: Site) -> Iterator[Finding]:
    """Tesseract and its French, without which scanned manuals are refused."""
    program = shutil.which("tesseract")
    languages = ""
    if program:
        command = [program, "--list-langs"]
        languages = subprocess.run(command, capture_output=True, text=True, timeout=20).stdout
    if not re.search(r"(?m)^fra$", languages):
        yield warning(
            "scanned manuals",
            "They cannot be read: apt-get install tesseract-ocr tesseract-ocr-fra.",
        )
    else:
        yield ok("scanned manuals", "Tesseract reads French.")

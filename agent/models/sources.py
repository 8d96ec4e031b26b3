"""Where bytes come from: the model hub and the package registries, through their own clients."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Protocol

from agent.models.catalogue import HubSource
from agent.models.progress import watch_bytes

PROBE_S = 4.0
PACKAGE_S = 3600.0  # the longest that one package may take
HUB_ENVIRONMENT = {
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_XET": "1",  # plain HTTP resumes, and needs no second host
    "HF_HUB_DOWNLOAD_TIMEOUT": "20",
    "HF_HUB_ETAG_TIMEOUT": "5",
}


class SourceError(Exception):
    """This source did not yield the files; the next one may."""


class FetchPackage(Protocol):
    """Brings one package onto the disk."""

    def __call__(self, requirement: str, folder: Path, seen: Callable[[int], None]) -> Path:
        """Download the archive of `requirement` into `folder`, which is empty.

        Args:
            requirement: ``name==version``, or ``npm:name@version``.
            folder: Scratch folder on the disk of the downloads.
            seen: Told the bytes that are there.

        Raises:
            SourceError: The registry or its client refused.
        """


def fetch_package(requirement: str, folder: Path, seen: Callable[[int], None]) -> Path:
    """Fetch with pip or npm: see `FetchPackage`."""
    scratch = folder / "scratch"
    scratch.mkdir()
    if requirement.startswith("npm:"):
        command, environment = _npm(requirement.removeprefix("npm:"), folder), {}
    else:
        # Wheels only: the metadata of a source archive could only be had by running its code.
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--no-deps"]
        command += ["--only-binary=:all:", "--no-cache-dir", "--disable-pip-version-check"]
        command += ["--retries=2", "--dest", str(folder), requirement]
        environment = {"TMPDIR": str(scratch)}
    with watch_bytes(folder, seen):
        run(command, f"could not fetch {requirement}", environment=environment)
    shutil.rmtree(scratch)
    archives = [file for file in folder.iterdir() if file.suffix in {".whl", ".tgz"}]
    if len(archives) != 1:
        raise SourceError(f"{requirement} did not arrive as one archive")
    return archives[0]


def _npm(package: str, folder: Path) -> list[str]:
    npm = shutil.which("npm")
    if npm is None:
        raise SourceError(f"npm, which fetches {package}, is not installed")
    scratch = folder / "scratch"
    options = ["--silent", "--ignore-scripts", "--cache", str(scratch)]
    return [npm, "pack", package, "--pack-destination", str(folder), *options]


def run(
    command: list[str],
    failure: str,
    *,
    environment: Mapping[str, str] | None = None,
    log: Path | None = None,
    timeout_s: float = PACKAGE_S,
) -> None:
    """Run a program to its end, its output kept away from the terminal.

    Raises:
        SourceError: It failed or took too long; says `failure` and the program's last line.
    """
    try:
        done = subprocess.run(
            command,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise SourceError(f"{failure}: no end after {timeout_s:.0f} s") from error
    except OSError as error:
        raise SourceError(f"{failure}: {error}") from error
    if log is not None:
        log.write_text(done.stdout, "utf-8")
    if done.returncode:
        lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
        last = next((line for line in reversed(lines) if "ERROR" in line), "")
        last = last or (lines[-1] if lines else f"exit code {done.returncode}")
        raise SourceError(f"{failure}: {last.removeprefix('ERROR: ')[:200]}")


class FetchHub(Protocol):
    """Brings the files of a hub source onto the disk."""

    def __call__(self, source: HubSource, folder: Path, seen: Callable[[int], None]) -> None:
        """Download the files of `source` into `folder`, under their own names; resumes there.

        Raises:
            SourceError: The hub does not answer or has no such file.
        """


def fetch_hub(source: HubSource, folder: Path, seen: Callable[[int], None]) -> None:
    """Fetch with the hub's client: see `FetchHub`."""
    for key, value in HUB_ENVIRONMENT.items():  # the client reads these when first imported
        os.environ.setdefault(key, value)
    import huggingface_hub
    from huggingface_hub import constants

    if not _answers(constants.ENDPOINT):
        raise SourceError("the model hub does not answer")
    cache_folder = folder / "hub"
    with watch_bytes(folder, seen):
        for file in source.files:
            target = folder / file.name
            if target.is_file() and target.stat().st_size == file.size:
                continue  # from a try that was interrupted; its bytes are verified with the others
            try:
                found = huggingface_hub.hf_hub_download(
                    source.repo,
                    file.path or file.name,
                    revision=source.revision,
                    local_dir=cache_folder,
                    etag_timeout=5,
                    token=False,
                )
            # The client lets the errors of several HTTP libraries through: no common base.
            except Exception as error:
                reason = " ".join(str(error).split())[:200]
                raise SourceError(f"the model hub failed on {source.repo}: {reason}") from error
            Path(found).replace(target)


@cache
def _answers(endpoint: str) -> bool:
    """Whether the hub can be reached; asked once a process, within `PROBE_S` all told."""
    answered = threading.Event()

    def ask() -> None:
        request = urllib.request.Request(endpoint, method="HEAD")
        try:
            urllib.request.urlopen(request, timeout=PROBE_S).close()
        except OSError:  # a refusal too, for it is a proxy's
            return
        answered.set()

    # A thread of its own, for name resolution obeys no timeout.
    thread = threading.Thread(target=ask, name="hub-probe", daemon=True)
    thread.start()
    thread.join(PROBE_S)
    return answered.is_set()


def fresh_folder(parent: Path) -> Path:
    """An empty folder below `parent`, which is made if need be."""
    parent.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(dir=parent, prefix="fetch-"))

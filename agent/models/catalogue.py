"""The catalogue of models: models.toml, read and checked."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from agent.errors import ModelUnavailableError

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Bytes = Annotated[int, Field(ge=0)]


def _plain(name: str) -> str:
    """A file name that cannot lead out of its folder."""
    if name != PurePosixPath(name).name or name in {"", ".", "..", "manifest.json"}:
        raise ValueError(f"{name!r} is not a plain file name")
    return name


FileName = Annotated[str, AfterValidator(_plain)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class File(_Entry):
    """A file and the bytes that it must have."""

    name: FileName
    size: Bytes
    sha256: Sha256


class HubFile(File):
    """A file of a hub repository; `path` is its place there when its name differs."""

    path: str = ""


class JoinedFile(File):
    """A file joined from members of packages: (requirement, member), in order."""

    parts: tuple[tuple[str, str], ...] = Field(min_length=1)


class Build(_Entry):
    """A step that makes the model's files of a source's files.

    Attributes:
        script: Path of a script of ours under the folder that holds our packages.
        arguments: Its arguments; ``{inputs}``, ``{out}`` and ``{here}``, the script's own, are
            replaced by folders.
        reads: Files beside the script that go into the model → SHA-256; a model made of others
            counts as missing.
        requires: Requirements of a throw-away environment; none means the running Python.
        makes: Files that stand in ``{out}`` afterwards.
        size: What they weigh, about, bytes.
    """

    script: str
    arguments: tuple[str, ...]
    reads: dict[str, str] = {}
    requires: tuple[str, ...] = ()
    makes: tuple[FileName, ...]
    size: Bytes


class _Source(_Entry):
    files: tuple[File, ...]
    unzip: str = ""
    """A file of `files` that is unpacked beside them before the build."""
    needs: Bytes = 0
    """Bytes that must be free on the disk; 0 means what is downloaded and made of it."""
    build: Build | None = None
    model_json: dict[str, str | int] = {}
    """Content of a model.json written beside the files: what a loader must know of them."""

    @property
    def size(self) -> int:
        """Bytes of the files that this source yields (about, where they are built)."""
        return self.build.size if self.build else sum(file.size for file in self.files)

    @property
    def packed(self) -> int:
        """Bytes to download."""
        return sum(file.size for file in self.files)

    @property
    def disk(self) -> int:
        """Bytes that must be free on the disk before it is tried."""
        return self.needs or self.packed + self.size


class HubSource(_Source):
    """A repository of the model hub at one revision."""

    kind: Literal["hub"]
    repo: str
    revision: str
    files: tuple[HubFile, ...] = Field(min_length=1)


class PackageSource(_Source):
    """Packages of a registry, opened as archives of data, never installed.

    Attributes:
        packages: Requirement (``name==version``, or ``npm:name@version``) → packed size, bytes.
    """

    kind: Literal["packages"]
    packages: dict[str, Bytes]
    files: tuple[JoinedFile, ...] = Field(min_length=1)

    @property
    def packed(self) -> int:
        """Bytes to download."""
        return sum(self.packages.values())


class BundledSource(_Source):
    """Files that came with an installed Python package."""

    kind: Literal["bundled"]
    package: str

    @property
    def packed(self) -> int:
        """Bytes to download: none."""
        return 0


Source = Annotated[HubSource | PackageSource | BundledSource, Field(discriminator="kind")]


class Model(_Entry):
    """A model and where it can be had, in the order in which to try."""

    name: FileName
    kind: Literal["whisper", "voice", "embedding", "chat"]
    description: str
    licence: str
    notice: str = ""
    """Text that whoever downloads the model must be shown."""
    revision: int = 1
    """Raised when what is placed changes: a folder of another revision counts as missing."""
    sources: tuple[Source, ...] = Field(min_length=1)

    @property
    def edition(self) -> int | str:
        """The revision, with what of ours went into the model."""
        reads = {
            sha for source in self.sources if source.build for sha in source.build.reads.values()
        }
        return "-".join([str(self.revision), *sorted(reads)]) if reads else self.revision

    @property
    def bundled(self) -> BundledSource | None:
        """The installed package that holds this model, if that is where it comes from."""
        source = self.sources[0]
        return source if isinstance(source, BundledSource) else None


class Catalogue(_Entry):
    """Every model that permanence knows."""

    models: tuple[Model, ...]

    @staticmethod
    def load(file: Path | None = None) -> Catalogue:
        """Read `file`, by default the catalogue that comes with permanence.

        Raises:
            ModelUnavailableError: The file cannot be read as a catalogue.
        """
        return _read(file)

    def names(self) -> list[str]:
        """Names, in the catalogue's order."""
        return [model.name for model in self.models]

    def model(self, name: str) -> Model:
        """Return the model called `name`.

        Raises:
            ModelUnavailableError: There is none; the message lists those that there are.
        """
        for model in self.models:
            if model.name == name:
                return model
        raise ModelUnavailableError(
            f"There is no model {name!r}; choose one of: {', '.join(self.names())}."
        )


def _derived(table: dict[str, Any], tables: dict[str, Any]) -> dict[str, Any]:
    """A model's table; with `made_of`, its sources are another model's, built in its own way."""
    if "made_of" not in table:
        return table
    rest = {key: value for key, value in table.items() if key not in ("made_of", "build")}
    own = table.get("build", {})
    others = tables.get(table["made_of"], {}).get("sources", [])
    sources = [
        {**source, "build": {**source.get("build", {}), **own}}
        for source in others
        if "build" in source or "script" in own
    ]
    return {**rest, "sources": sources}


@cache
def _read(file: Path | None) -> Catalogue:
    where = file or resources.files(__package__) / "models.toml"
    try:
        tables = tomllib.loads(where.read_text("utf-8"))
        models = [{"name": name, **_derived(table, tables)} for name, table in tables.items()]
        return Catalogue.model_validate({"models": models})
    except (OSError, TypeError, tomllib.TOMLDecodeError, ValidationError) as error:
        reason = " ".join(str(error).split())
        raise ModelUnavailableError(
            f"The model catalogue {where} cannot be read ({reason}); install permanence again."
        ) from error


def model_names() -> list[str]:
    """Names of the models in permanence's own catalogue."""
    return Catalogue.load().names()

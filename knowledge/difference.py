"""What changes for callers when one version takes the place of another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from knowledge.code_edits import corrected
from knowledge.errors import IndexMissingError
from knowledge.passages import Passage
from knowledge.stored_passages import passages_of_part
from knowledge.versions import ManualEntry, read_meta


@dataclass(frozen=True)
class Change:
    """A value of a manual that changes."""

    manual: str
    before: str
    after: str


@dataclass(frozen=True)
class Difference:
    """From one version to another.

    Attributes:
        added, replaced, removed: File names of manuals; replaced: the file is another one.
        products: Appliances of manuals that are in both, as they are said.
        codes_added, codes_removed: Error codes, « E20 : Vidange impossible », by manual; what was
            hidden or corrected counts as removed, and what takes its place as added.
        passages_before, passages_after: How many passages callers are answered from.
    """

    added: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    products: tuple[Change, ...] = ()
    codes_added: tuple[tuple[str, str], ...] = ()
    codes_removed: tuple[tuple[str, str], ...] = ()
    passages_before: int = 0
    passages_after: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether callers would notice nothing."""
        return not (
            self.added or self.replaced or self.removed or self.products
            or self.codes_added or self.codes_removed
        )  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


def difference(client_dir: Path, before: Path | None, after: Path | None) -> Difference:
    """What changes from a version to another; None stands for no manual at all.

    Raises:
        IndexMissingError: One cannot be read.
    """
    try:
        old = {} if before is None else {m.file: m for m in read_meta(before)[1]}
        new = {} if after is None else {m.file: m for m in read_meta(after)[1]}
        olds = {name: _shown(client_dir, entry) for name, entry in old.items()}
        news = {
            name: olds[name] if _same(old.get(name), entry) else _shown(client_dir, entry)
            for name, entry in new.items()
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexMissingError(
            f"L'index de {client_dir.name} est endommagé ({error}) ; "
            f"lancez `permanence reindex {client_dir.name}`."
        ) from error
    both = [name for name in new if name in old]
    old_codes, new_codes = _codes(olds), _codes(news)
    return Difference(
        added=tuple(name for name in new if name not in old),
        replaced=tuple(name for name in both if old[name].sha256 != new[name].sha256),
        removed=tuple(name for name in old if name not in new),
        products=tuple(
            Change(name, _product(old[name]), _product(new[name]))
            for name in both
            if _product(old[name]) != _product(new[name])
        ),
        codes_added=tuple(code for code in new_codes if code not in old_codes),
        codes_removed=tuple(code for code in old_codes if code not in new_codes),
        passages_before=sum(map(len, olds.values())),
        passages_after=sum(map(len, news.values())),
    )


def _same(one: ManualEntry | None, other: ManualEntry) -> bool:
    return one is not None and (one.part, one.codes) == (other.part, other.codes) and bool(one.part)


def _shown(client_dir: Path, entry: ManualEntry) -> list[Passage]:
    found = passages_of_part(client_dir, entry)
    return [p for p in (corrected(one, entry.codes) for one in found) if p is not None]


def _product(entry: ManualEntry) -> str:
    product = entry.product
    return " ".join((product.brand, product.appliance, ", ".join(product.references))).strip()


def _codes(shown: Mapping[str, Sequence[Passage]]) -> dict[tuple[str, str], None]:
    return {
        (name, f"{passage.code} : {passage.title}" if passage.title else passage.code): None
        for name, passages in shown.items()
        for passage in passages
        if passage.code
    }

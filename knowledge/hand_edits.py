"""What a person has corrected about a manual's appliance: kept beside the manuals, never lost.

An edit survives a new edition of the file and the rebuilding of the index; it goes with the manual.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from knowledge.products import Product
from knowledge.versions import ManualEntry, write_durably

FILE = "products.json"


@dataclass(frozen=True)
class ProductEdit:
    """Values in place of those read from the manual; None leaves what was read.

    Attributes:
        appliance: Its kind, in French.
        references: Models that the manual covers, the one that is said first.
        brand: The brand.
    """

    appliance: str | None = None
    references: tuple[str, ...] | None = None
    brand: str | None = None

    def over(self, other: ProductEdit) -> ProductEdit:
        """This edit's values where given, the other's elsewhere."""
        return replace(other, **_given(self))

    def applied(self, product: Product) -> Product:
        """The product with this edit's values."""
        known = {field.name for field in fields(Product)}
        return replace(product, **{k: v for k, v in _given(self).items() if k in known})


def read_edits(client_dir: Path) -> dict[str, ProductEdit]:
    """All edits of a client, by file name of the manual."""
    try:
        data = json.loads((client_dir / FILE).read_text("utf-8"))
    except FileNotFoundError:
        return {}
    return {
        name: ProductEdit(**{**edit, "references": _tuple(edit.get("references"))})
        for name, edit in data.items()
    }


def write_edits(client_dir: Path, edits: dict[str, ProductEdit]) -> None:
    """Keep a client's edits, durably; an empty one is dropped."""
    data = {name: asdict(edit) for name, edit in sorted(edits.items()) if _given(edit)}
    if data:
        write_durably(client_dir / FILE, json.dumps(data, ensure_ascii=False, indent=1))
    else:
        (client_dir / FILE).unlink(missing_ok=True)


def edited(manual: ManualEntry, edits: dict[str, ProductEdit]) -> ManualEntry:
    """A manual's entry with the client's edit of it, if there is one."""
    read = manual.found or manual.product
    product = edits.get(manual.file, ProductEdit()).applied(read)
    return replace(manual, product=product, found=None if product == read else read)


def _given(edit: ProductEdit) -> dict[str, Any]:
    return {key: value for key, value in vars(edit).items() if value is not None}


def _tuple(values: list[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)

"""What a person has corrected about a manual: its appliance, its error codes. Kept by a version.

An edit survives a new edition of the file and the rebuilding of the index; it goes with the manual.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from knowledge.code_edits import CodeEdit
from knowledge.products import Product
from knowledge.versions import ManualEntry, current_version, write_durably

FILE = "edits.json"
OLD_FILE = "products.json"
"""In the client's folder, where an older version kept the edits of what is in service."""


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


@dataclass(frozen=True)
class ManualEdit:
    """All that was corrected about a manual."""

    product: ProductEdit = ProductEdit()
    codes: tuple[CodeEdit, ...] = ()


Edits = Mapping[str, ManualEdit]
"""By file name of the manual."""


def read_edits(client_dir: Path, version: Path | None = None) -> dict[str, ManualEdit]:
    """The edits of a version, or (None) of the one in service."""
    version = version or current_version(client_dir)
    try:
        if version is not None and (version / FILE).exists():
            data = json.loads((version / FILE).read_text("utf-8"))
        else:
            data = json.loads((client_dir / OLD_FILE).read_text("utf-8"))
            data = {name: {"product": edit} for name, edit in data.items()}
    except FileNotFoundError:
        return {}
    return {name: _edit(edit) for name, edit in data.items()}


def write_edits(version: Path, edits: Edits) -> None:
    """Keep a version's edits, durably; an empty one is dropped."""
    data = {name: asdict(edit) for name, edit in sorted(edits.items()) if edit != ManualEdit()}
    write_durably(version / FILE, json.dumps(data, ensure_ascii=False, indent=1))


def edited(manual: ManualEntry, edits: Edits) -> ManualEntry:
    """A manual's entry with the client's edit of it, if there is one."""
    read = manual.found or manual.product
    edit = edits.get(manual.file, ManualEdit())
    product = edit.product.applied(read)
    found = None if product == read else read
    return replace(manual, product=product, found=found, codes=edit.codes)


def _edit(data: dict[str, Any]) -> ManualEdit:
    product = data.get("product", {})
    references = product.get("references")
    return ManualEdit(
        ProductEdit(
            product.get("appliance"),
            None if references is None else tuple(references),
            product.get("brand"),
        ),
        tuple(CodeEdit(**code) for code in data.get("codes", ())),
    )


def _given(edit: ProductEdit) -> dict[str, Any]:
    return {key: value for key, value in vars(edit).items() if value is not None}

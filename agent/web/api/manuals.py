"""Manuals: listed, read about, corrected in the draft, taken out of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import Field

from agent.house import House
from agent.web.api import sentences
from agent.web.api.answers import answers
from agent.web.api.caller import Caller, requested_by
from agent.web.api.paging import Closed
from agent.web.api.problems import ApiError
from agent.web.api.route import operation
from knowledge.draft import DraftChangedError, NothingPreparedError, drafted
from knowledge.errors import IndexMissingError
from knowledge.hand_edits import ProductEdit
from knowledge.lifecycle import in_service
from knowledge.products import Product
from knowledge.versions import ManualEntry, ManualMissingError

Asking = Annotated[Caller, Depends(requested_by)]
Name = Annotated[
    str,
    Path(description="Nom du fichier.", min_length=1, max_length=200, examples=["lv450.pdf"]),
]
OfDraft = Annotated[bool, Query(description="Dans le brouillon ; sinon ce qui est en service.")]
Reference = Annotated[str, Field(min_length=1, max_length=40, pattern=r"\S")]


class ProductView(Closed):
    """An appliance."""

    name: str = Field(description="Ce qu'un appelant entend.", examples=["lave-linge LV450"])
    appliance: str = Field(description="« appareil » : non reconnu.", examples=["lave-linge"])
    references: list[str] = Field(examples=[["LV450", "LV450X"]])
    brand: str = Field(examples=["Orvane"])


class ProblemView(Closed):
    """Something that should be known of some pages."""

    kind: Literal["picture", "unread_scan", "recognised", "foreign"] = Field(
        description="picture : image sans texte ; unread_scan : numérisée, non lue ; recognised : "
        "lue dans une image, à vérifier ; foreign : dans une autre langue."
    )
    pages: list[int]
    detail: str = Field(description="La langue, pour foreign.")


class ManualView(Closed):
    """A manual."""

    name: str = Field(examples=["lave-linge-lv450.pdf"])
    sha256: str
    pages: int
    passages: int = Field(description="Ce à partir de quoi l'on répond.")
    languages: list[str]
    product: ProductView
    found: ProductView | None = Field(description="L'appareil lu, s'il a été corrigé à la main.")
    problems: list[ProblemView]


class ManualList(Closed):
    """A client's manuals."""

    draft: bool
    items: list[ManualView]


class NewProduct(Closed):
    """What is corrected of an appliance."""

    appliance: str | None = Field(None, min_length=1, max_length=60, examples=["lave-linge"])
    references: list[Reference] | None = Field(None, max_length=50, examples=[["LV450", "LV450X"]])
    brand: str | None = Field(None, max_length=60, examples=["Orvane"])


def manuals_router(house: House, router: APIRouter) -> None:
    """Add the operations of manuals."""

    @router.get(
        "/manuals", summary="Lister les manuels",
        description="En service, ou tels qu'ils le seront une fois le brouillon publié.",
        tags=["manuals"], openapi_extra=operation("manuals:read"), responses=answers(422),
    )  # fmt: skip
    def list_manuals(caller: Asking, draft: OfDraft = False) -> ManualList:
        return ManualList(draft=draft, items=[_view(one) for one in _entries(house, caller, draft)])

    @router.get(
        "/manuals/{name}", summary="Lire ce qui est connu d'un manuel",
        description="Pages, passages, appareil, et ce qui pose problème.",
        tags=["manuals"], openapi_extra=operation("manuals:read"), responses=answers(404, 422),
    )  # fmt: skip
    def read_manual(caller: Asking, name: Name, draft: OfDraft = False) -> ManualView:
        return _view(_entry(house, caller, name, draft))

    @router.delete(
        "/manuals/{name}", status_code=204, summary="Retirer un manuel",
        description="Du brouillon : l'on en répond jusqu'à la publication.",
        tags=["manuals"], openapi_extra=operation("manuals:write"), responses=answers(404, 409),
    )  # fmt: skip
    def remove_manual(caller: Asking, name: Name) -> Response:
        with refused():
            house.manuals.remove(caller.client, [name], caller.who)
        return Response(status_code=204)

    @router.patch(
        "/manuals/{name}/product", summary="Corriger l'appareil d'un manuel",
        description="Dans le brouillon. Ce qui n'est pas donné reste ; rien du tout : retour à ce "
        "qui a été lu.",
        tags=["manuals"], openapi_extra=operation("manuals:write"),
        responses=answers(404, 409, 413, 415, 422),
    )  # fmt: skip
    def correct_product(caller: Asking, name: Name, new: NewProduct) -> ManualView:
        given = new.model_dump(exclude_none=True)
        if "references" in given:
            given["references"] = tuple(" ".join(one.split()) for one in given["references"])
        edit = ProductEdit(**given) if given else None
        with refused():
            house.manuals.correct_product(caller.client, name, edit, caller.who)
        return _view(_entry(house, caller, name, draft=True))


@contextmanager
def refused() -> Iterator[None]:
    """Says why something cannot be done to manuals."""
    try:
        yield
    except ManualMissingError as error:
        raise ApiError(404, sentences.NO_MANUAL) from error
    except DraftChangedError as error:
        raise ApiError(409, sentences.DRAFT_CHANGED) from error
    except NothingPreparedError as error:
        raise ApiError(409, sentences.NOTHING_TO_PUBLISH) from error
    except IndexMissingError as error:
        raise ApiError(409, sentences.NO_MANUALS) from error


def _entries(house: House, caller: Caller, draft: bool) -> list[ManualEntry]:
    folder = house.manuals.folder(caller.client)
    with refused():
        return list(drafted(folder) if draft else in_service(folder))


def _entry(house: House, caller: Caller, name: str, draft: bool) -> ManualEntry:
    for entry in _entries(house, caller, draft):
        if entry.file == name:
            return entry
    raise ApiError(404, sentences.NO_MANUAL)


def _view(entry: ManualEntry) -> ManualView:
    found = entry.found
    return ManualView(
        name=entry.file,
        sha256=entry.sha256,
        pages=entry.pages,
        passages=entry.passages,
        languages=list(entry.languages),
        product=_product(entry.product),
        found=None if found is None else _product(found),
        problems=[
            ProblemView(kind=one.kind, pages=list(one.pages), detail=one.detail)
            for one in entry.problems
        ],
    )


def _product(product: Product) -> ProductView:
    return ProductView(
        name=product.name,
        appliance=product.appliance,
        references=list(product.references),
        brand=product.brand,
    )

"""Files that become manuals: sent, read in the background, seen as they get on."""

from __future__ import annotations

import hashlib
import shutil
from datetime import datetime
from pathlib import PurePosixPath
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, File, Path, Response, UploadFile
from pydantic import Field

from agent.house import House
from agent.store.database import NotKeptError
from agent.store.manual_work import State, Upload
from agent.web.api import sentences
from agent.web.api.answers import answers
from agent.web.api.caller import Caller, requested_by
from agent.web.api.idempotency import IdempotencyKey, once
from agent.web.api.paging import Closed
from agent.web.api.problems import ApiError
from agent.web.api.route import operation
from agent.web.manual_files import safe_name
from knowledge.documents.kinds import EXTENSIONS, HEAD_BYTES, refusal_of

Asking = Annotated[Caller, Depends(requested_by)]
UploadId = Annotated[
    str, Path(description="Du fichier.", pattern="^[0-9a-f]{16}$", examples=["4f0c9d3b8a6e1257"])
]
SentFile = Annotated[UploadFile, File(description="PDF, DOCX, HTML, Markdown, texte, CSV, XLSX.")]
COPIED_BYTES = 1 << 20


class Progress(Closed):
    """How far the reading of a file is."""

    stage: Literal["loading", "reading", "embedding", "writing"]
    done: int
    total: int


class UploadView(Closed):
    """A file that was sent."""

    id: str = Field(examples=["4f0c9d3b8a6e1257"])
    name: str
    sha256: str
    size: int = Field(description="Octets.")
    at: datetime
    who: str
    state: State = Field(
        description="queued : attend ; running : est lu ; ready : dans le brouillon ; refused : ne "
        "peut pas être lu ; interrupted : sa lecture s'est arrêtée ; cancelled : repris."
    )
    refusal: str = Field(description="Pourquoi il ne peut pas être lu, en français.")
    progress: Progress | None
    pages: int
    passages: int
    finished_at: datetime | None


class UploadList(Closed):
    """Files that are not in the draft yet, the oldest first."""

    items: list[UploadView]


def uploads_router(house: House, router: APIRouter) -> None:
    """Add the operations of files."""

    @router.post(
        "/uploads", status_code=202, summary="Envoyer un manuel",
        description="Un fichier de 200 Mo au plus, lu en arrière-plan ; il entre dans le "
        "brouillon, et n'est en service qu'une fois publié. Un manuel du même nom est remplacé.",
        tags=["manuals"], openapi_extra=operation("manuals:write"),
        responses=answers(409, 413, 415, 422, 507),
    )  # fmt: skip
    def send_file(
        caller: Asking, file: SentFile, idempotency_key: IdempotencyKey = None
    ) -> UploadView:
        name, sha256 = _checked(house, file)

        def make() -> str:
            return _kept(house, caller, file, name, sha256)

        asked = {"upload": name, "sha256": sha256}
        made = once(house, caller, idempotency_key, asked, make)
        return _view(house, _upload(house, caller, made))

    @router.get(
        "/uploads", summary="Lister les fichiers envoyés",
        description="Ceux qui attendent, sont lus ou n'ont pas pu l'être.",
        tags=["manuals"], openapi_extra=operation("manuals:read"), responses=answers(),
    )  # fmt: skip
    def list_uploads(caller: Asking) -> UploadList:
        return UploadList(
            items=[_view(house, one) for one in house.manuals.work.shown(caller.client)]
        )

    @router.get(
        "/uploads/{upload_id}", summary="Suivre un fichier envoyé",
        description="Son état, jusqu'où en est sa lecture, et ce qui l'empêche.",
        tags=["manuals"], openapi_extra=operation("manuals:read"), responses=answers(404),
    )  # fmt: skip
    def read_upload(caller: Asking, upload_id: UploadId) -> UploadView:
        return _view(house, _upload(house, caller, upload_id))

    @router.delete(
        "/uploads/{upload_id}", status_code=204, summary="Reprendre un fichier envoyé",
        description="Il n'est plus lu, ou quitte la liste.",
        tags=["manuals"], openapi_extra=operation("manuals:write"), responses=answers(404, 409),
    )  # fmt: skip
    def cancel_upload(caller: Asking, upload_id: UploadId) -> Response:
        if _upload(house, caller, upload_id).state == "ready":
            raise ApiError(409, sentences.UPLOAD_READY)
        house.manuals.cancel(caller.client, upload_id, caller.who)
        return Response(status_code=204)


def _checked(house: House, file: UploadFile) -> tuple[str, str]:
    """The name under which a file is kept, and its checksum.

    Raises:
        ApiError: It cannot be taken.
    """
    name = safe_name(file.filename or "")
    if not name:
        raise ApiError(422, sentences.BAD_FILE_NAME)
    kinds = ", ".join(EXTENSIONS)
    head = file.file.read(HEAD_BYTES)
    if not head:
        raise ApiError(422, sentences.EMPTY_FILE)
    if PurePosixPath(name).suffix.casefold() not in EXTENSIONS or refusal_of(name, head):
        raise ApiError(415, sentences.UNREADABLE_KIND, kinds=kinds)
    free = shutil.disk_usage(house.settings.data_dir).free
    if free - 2 * (file.size or 0) < house.settings.min_free_mb * 1_000_000:
        raise ApiError(507, sentences.NO_ROOM)
    file.file.seek(0)
    digest = hashlib.sha256()
    while part := file.file.read(COPIED_BYTES):
        digest.update(part)
    return name, digest.hexdigest()


def _kept(house: House, caller: Caller, file: UploadFile, name: str, sha256: str) -> str:
    """Write a file where it is read; its identifier once that is durable."""
    arriving = house.manuals.begin(caller.client, name, caller.who)
    try:
        file.file.seek(0)
        with arriving.file.open("wb") as out:
            shutil.copyfileobj(file.file, out, COPIED_BYTES)
        return house.manuals.received(arriving, sha256, caller.who).upload_id
    except BaseException:
        house.manuals.drop(arriving)
        raise


def _upload(house: House, caller: Caller, upload_id: str) -> Upload:
    try:
        return house.manuals.work.get(caller.client, upload_id)
    except NotKeptError as error:
        raise ApiError(404, sentences.NO_UPLOAD) from error


def _view(house: House, upload: Upload) -> UploadView:
    step = house.manuals.step(upload.upload_id)
    return UploadView(
        id=upload.upload_id,
        name=upload.file_name,
        sha256=upload.sha256,
        size=upload.size,
        at=upload.at,
        who=upload.who,
        state=upload.state,
        refusal=upload.refusal,
        progress=(
            None
            if step is None
            else Progress.model_validate(
                {"stage": step.stage, "done": step.done, "total": step.total}
            )
        ),
        pages=upload.pages,
        passages=upload.passages,
        finished_at=upload.finished_at,
    )

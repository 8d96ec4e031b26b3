"""What « Essayer » takes and gives: a spoken question, a page's picture, a table of questions."""

from __future__ import annotations

import asyncio
import io
import logging
import time
from typing import Annotated
from urllib.parse import urlencode

import av
import numpy as np
from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect

from agent.audio import RECOGNISER_RATE_HZ, Samples
from agent.call.transcriber import TranscriberBusyError
from agent.errors import PermanenceError
from agent.house import House
from agent.question_csv import LARGEST_BYTES, TOO_LARGE, questions_as_csv, questions_from_csv
from agent.store.test_questions import QuestionRefusedError
from agent.store.users import User
from agent.web.auth import NO_CLIENT, client_for, require_user
from agent.web.bodies import BodyError, bounded, read_body
from agent.web.page_picture import Pictures
from agent.web.portal.frame import PATH
from agent.web.portal.words import speaking, t, tn
from agent.web.rates import Allowance, Rates
from knowledge.errors import IndexMissingError, KnowledgeError

logger = logging.getLogger(__name__)

LARGEST_SPEECH_BYTES = 3_000_000
SPEECH_LIMIT_S = 30.0
FORM_EXTRA_BYTES = 10_000
"""What a form holds beside its file."""

IDLE_LIMIT_S = 10.0
"""Longest wait for more of a file."""

LONGEST_SPEECH_S = 20
SPOKEN = Allowance(at_once=20, a_minute=6)
"""Questions that one user may speak: callers need the recogniser more."""

_PEOPLE = require_user("manager", "reader", "admin")
_WRITERS = require_user("manager", "admin")
_HEADERS = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}


class SpeechError(Exception):
    """What was sent is no speech, or too much of it."""


def picture_address(slug: str, manual: str, page: int, text: str, *, draft: bool) -> str:
    """Where a page is shown, a passage marked on it."""
    asked = {"notice": manual, "page": page, "texte": text[:1500], "brouillon": int(draft)}
    return f"{PATH}/{slug}/essayer/page.png?{urlencode(asked)}"


def trying_router(house: House, pictures: Pictures) -> APIRouter:
    """The routes; before the pages, which are mounted over them."""
    router = APIRouter()
    rates = Rates(SPOKEN)
    one_at_a_time = asyncio.Semaphore(1)

    @router.post(f"{PATH}/{{slug}}/essayer/parole")
    async def speech(
        slug: str, request: Request, user: Annotated[User, Depends(_PEOPLE)]
    ) -> Response:
        with speaking(user.language):
            if await asyncio.to_thread(client_for, house, user, slug) is None:
                return PlainTextResponse(NO_CLIENT, 404)
            if rates.wait_s(user.id, time.monotonic()):
                return PlainTextResponse(t("Attendez un peu avant de parler de nouveau."), 429)
            try:
                sent = await read_body(request, LARGEST_SPEECH_BYTES, SPEECH_LIMIT_S)
                samples = await asyncio.to_thread(decoded, sent)
            except (BodyError, SpeechError):
                return PlainTextResponse(
                    t("Cet enregistrement ne peut pas être lu : parlez {most} secondes au plus.",
                      most=LONGEST_SPEECH_S), 422,
                )  # fmt: skip
            words = await asyncio.to_thread(_vocabulary, house, slug)
            try:
                async with one_at_a_time:
                    found = await house.services.transcriber.transcribe(
                        samples, RECOGNISER_RATE_HZ, words
                    )
            except TranscriberBusyError:
                return PlainTextResponse(t("Attendez un peu avant de parler de nouveau."), 429)
        return JSONResponse({"text": found.text}, headers=_HEADERS)

    @router.get(f"{PATH}/{{slug}}/essayer/page.png")
    async def picture(
        slug: str,
        user: Annotated[User, Depends(_PEOPLE)],
        notice: Annotated[str, Query(max_length=300)],
        page: Annotated[int, Query(ge=1, le=5000)],
        texte: Annotated[str, Query(max_length=1500)] = "",
        brouillon: bool = False,
    ) -> Response:
        if await asyncio.to_thread(client_for, house, user, slug) is None:
            return PlainTextResponse(NO_CLIENT, 404)
        try:
            png = await pictures.marked(house.library, slug, notice, page, texte, draft=brouillon)
        except (KnowledgeError, PermanenceError, OSError):
            return PlainTextResponse("", 404)
        return Response(png, media_type="image/png", headers=_HEADERS)

    @router.get(f"{PATH}/{{slug}}/essayer/questions.csv")
    async def table(slug: str, user: Annotated[User, Depends(_PEOPLE)]) -> Response:
        if await asyncio.to_thread(client_for, house, user, slug) is None:
            return PlainTextResponse(NO_CLIENT, 404)
        content = await asyncio.to_thread(_table, house, slug)
        headers = {**_HEADERS, "Content-Disposition": 'attachment; filename="questions.csv"'}
        return Response(content, media_type="text/csv; charset=utf-8", headers=headers)

    @router.post(f"{PATH}/{{slug}}/essayer/questions.csv")
    async def take(
        slug: str, request: Request, user: Annotated[User, Depends(_WRITERS)]
    ) -> Response:
        with speaking(user.language):
            if await asyncio.to_thread(client_for, house, user, slug) is None:
                return PlainTextResponse(NO_CLIENT, 404)
            try:
                content = await _sent_table(request)
                added = await asyncio.to_thread(_add, house, slug, user, content)
                said = tn("{n} question ajoutée.", "{n} questions ajoutées.", added)
            except PermanenceError as error:
                said = str(error)
        where = f"{PATH}/{slug}/essayer?{urlencode({'dit': said})}"
        return RedirectResponse(where, 303)

    return router


def decoded(sent: bytes) -> Samples:
    """The sound of a file that a browser recorded (WAV, WebM, Ogg, MP4), mono, 16 kHz; blocks.

    Raises:
        SpeechError: It is none, or longer than `LONGEST_SPEECH_S`.
    """
    pieces: list[Samples] = []
    count = 0
    try:
        with av.open(io.BytesIO(sent), mode="r", metadata_errors="ignore") as source:
            resampler = av.AudioResampler("s16", "mono", RECOGNISER_RATE_HZ)
            for frame in source.decode(audio=0):
                for piece in resampler.resample(frame):
                    samples = piece.to_ndarray()[0].astype(np.int16)
                    pieces.append(samples)
                    count += len(samples)
                if count > LONGEST_SPEECH_S * RECOGNISER_RATE_HZ:
                    raise SpeechError
    except (av.error.FFmpegError, ValueError, IndexError) as error:
        raise SpeechError from error
    if not pieces:
        raise SpeechError
    return np.concatenate(pieces)


async def _sent_table(request: Request) -> bytes:
    """The file of a form. Not a parameter: FastAPI would take a stranger's in whole before asking
    who they are.

    Raises:
        HTTPException: There is none, or it does not arrive.
        QuestionRefusedError: It is too large.
    """
    receive = bounded(request.receive, LARGEST_BYTES + FORM_EXTRA_BYTES, IDLE_LIMIT_S)
    try:
        async with Request(request.scope, receive).form(max_files=1, max_fields=1) as form:
            table = form.get("table")
            if not isinstance(table, UploadFile):
                raise HTTPException(422)
            return await table.read()
    except ClientDisconnect as error:
        raise HTTPException(400) from error
    except HTTPException as error:
        if error.status_code == 413:
            raise QuestionRefusedError(TOO_LARGE) from error
        raise


def _vocabulary(house: House, slug: str) -> tuple[str, ...]:
    try:
        return house.library.shelf(slug).vocabulary()
    except IndexMissingError:
        return ()


def _table(house: House, slug: str) -> bytes:
    names = {one.id: one.name for one in house.users.list()}
    return questions_as_csv(house.test_questions.list(slug), names)


def _add(house: House, slug: str, user: User, content: bytes) -> int:
    added = house.test_questions.add(slug, questions_from_csv(content), user.id)
    house.audit.note("test_questions.imported", user=user, client=slug, count=len(added))
    return len(added)

"""The browser telephone: its pages, the door of its calls, and the owner of those in progress."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from html import escape
from string import Template
from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, ValidationError

from agent.errors import CallRefusedError, PermanenceError, UnknownClientError
from agent.house import House, new_call_id
from agent.store.clients import Client
from agent.store.users import may_see
from agent.telephony.browser import BadOfferError, BrowserTransport
from agent.web.auth import SIGN_IN, sign_in_url, signed_in
from agent.web.bodies import BodyCutError, BodyTooLargeError, read_body
from agent.web.origin import same_origin
from agent.web.pages import STATIC, safe_headers
from knowledge.errors import KnowledgeError

logger = logging.getLogger(__name__)

KIND = "browser"
"""The kind of its lines, on their records."""

OFFER_LIMIT_BYTES = 64_000
"""A browser's offer of one audio line is some 3,000 bytes."""

OFFER_LIMIT_S = 5.0
"""Longest arrival of an offer."""

BUSY = "Toutes les lignes sont occupées, rappelez dans un instant."
BAD_OFFER = "Votre navigateur n'a pas pu établir l'appel : mettez-le à jour, puis réessayez."
NO_LINE = "Ce numéro n'existe pas : vérifiez l'adresse de la page."
NOT_READY = "Cette ligne n'est pas encore en service : rappelez plus tard."

NOT_YOURS = "Seuls les gestionnaires de cette ligne peuvent l'essayer : connectez-vous."
NOTICE = "Vous parlez à un assistant automatique."
DRAFT_NOTICE = (
    "Essai : l'assistant répond avec vos manuels en préparation. Cet appel ne compte nulle part."
)

_HEADERS = {
    **safe_headers(
        script_src="'self'",
        connect_src="'self'",
        img_src="'self' data:",
        media_src="'self' blob:",
    ),
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


class Offer(BaseModel):
    """What the page posts to call."""

    model_config = ConfigDict(extra="forbid")

    sdp: str
    type: Literal["offer"]


class BrowserCalls:
    """Owns the browser calls in progress: one task each, which outlives the request."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._running: set[asyncio.Task[None]] = set()

    async def take(self, client: Client, sdp: str, *, test: bool = False) -> tuple[str, str]:
        """Take a call; returns its identifier and the answer to the offer.

        Args:
            client: That is called.
            sdp: The browser's offer.
            test: The client's own people try their line.

        Raises:
            CallRefusedError: Every line is busy.
            BadOfferError: The offer cannot be answered.
            KnowledgeError: The client's manuals cannot be used.
        """
        call_id = new_call_id()
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(
            self._carry(call_id, client, sdp, answer, test), name=f"browser call {call_id}"
        )
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return call_id, await answer

    async def close(self) -> None:
        """End every call; returns once their records are saved."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _carry(
        self, call_id: str, client: Client, sdp: str, answer: asyncio.Future[str], test: bool
    ) -> None:
        try:
            with self._house.admit(call_id, client.slug, KIND):
                transport = await BrowserTransport.take(sdp)
                try:
                    await self._converse(call_id, client, transport, answer, test)
                finally:
                    await transport.close()
        except asyncio.CancelledError:
            answer.cancel()
            raise
        except Exception as error:  # the call's boundary: the asker is told, or else the log
            if answer.done():
                logger.exception("the browser call %s failed", call_id)
            else:
                answer.set_exception(error)

    async def _converse(
        self,
        call_id: str,
        client: Client,
        transport: BrowserTransport,
        answer: asyncio.Future[str],
        test: bool,
    ) -> None:
        session = await asyncio.to_thread(
            self._house.session, call_id, client, transport.line(), test=test
        )
        if answer.done():  # the asker did not wait
            return
        await session.open()
        answer.set_result(transport.answer)
        record = await session.run()
        if transport.anomalies:
            record.anomalies.update(transport.anomalies)
            await asyncio.to_thread(self._house.calls.save, record)


def phone_router(house: House, calls: BrowserCalls) -> APIRouter:
    """The telephone's routes: the list of lines, a line's page, and the door of its calls."""
    router = APIRouter()

    @router.get("/")
    async def lines(request: Request) -> Response:
        clients = await asyncio.to_thread(house.clients.list)
        if house.settings.public_url:  # for which brands a provider answers is no stranger's affair
            user = await signed_in(request)
            if user is None:
                return RedirectResponse(SIGN_IN, 303)
            clients = tuple(one for one in clients if may_see(user, one.slug))
        return _page("lines.html", title="Lignes d'appel", body=_lines(clients))

    @router.get("/phone/{slug}")
    async def phone(slug: str, request: Request, draft: bool = False) -> Response:
        if draft and not await _may_try(request, slug):
            return RedirectResponse(sign_in_url(request), 303)
        try:
            client = await asyncio.to_thread(house.clients.get, slug)
        except UnknownClientError:
            body = f"<p>{escape(NO_LINE)}</p><p><a href='/'>Voir les lignes d'appel</a></p>"
            return _page("lines.html", 404, title="Numéro inconnu", body=body)
        values = {"brand": escape(client.name), "slug": escape(client.slug)}
        values |= {"draft": "1" if draft else "", "notice": DRAFT_NOTICE if draft else NOTICE}
        return _page("phone.html", **values)

    @router.post("/api/phone/{slug}/offer")
    async def offer(slug: str, request: Request, draft: bool = False) -> Response:
        if draft and not (same_origin(request) and await _may_try(request, slug)):
            return _refusal(403, NOT_YOURS)
        try:
            client = await asyncio.to_thread(house.clients.get, slug)
            call_id, sdp = await calls.take(client, await read_offer(request), test=draft)
        except UnknownClientError:
            house.admission.refuse("unknown_client", KIND)
            return _refusal(404, NO_LINE)
        except BadOfferError as error:
            logger.info("an offer was refused: %s", error)
            house.admission.refuse("bad_offer", KIND, slug)
            return _refusal(400, BAD_OFFER)
        except CallRefusedError:
            logger.info("a browser call was refused: busy")  # counted where it was decided
            return _refusal(503, BUSY)
        except (PermanenceError, KnowledgeError):
            logger.exception("a browser call could not be taken")
            house.admission.refuse("not_ready", KIND)
            return _refusal(503, NOT_READY)
        return JSONResponse({"sdp": sdp, "type": "answer", "call_id": call_id})

    return router


async def _may_try(request: Request, slug: str) -> bool:
    """Whether a client's line may be tried by who asks: its managers, and admins."""
    user = await signed_in(request)
    return user is not None and user.role in ("manager", "admin") and may_see(user, slug)


async def read_offer(request: Request) -> str:
    """A browser's offer of a line.

    Raises:
        BadOfferError: It did not arrive whole, or is none.
    """
    try:
        body = await read_body(request, OFFER_LIMIT_BYTES, OFFER_LIMIT_S)
        return Offer.model_validate_json(body).sdp
    except ValidationError as error:
        raise BadOfferError(f"The offer has not the shape asked for ({error}).") from error
    except BodyTooLargeError as error:
        raise BadOfferError(f"The offer is longer than {OFFER_LIMIT_BYTES} bytes.") from error
    except BodyCutError as error:
        raise BadOfferError("The offer did not arrive whole.") from error


def _lines(clients: Sequence[Client]) -> str:
    if not clients:
        return "<p>Aucune ligne n'est encore en service.</p>"
    items = "".join(
        f"<li><a href='/phone/{escape(client.slug)}'><strong>{escape(client.name)}</strong>"
        "<span>Appeler</span></a></li>"
        for client in clients
    )
    return f"<ul class='lines'>{items}</ul>"


def _page(name: str, status: int = 200, /, **values: str) -> HTMLResponse:
    text = Template((STATIC / name).read_text("utf-8")).substitute(values)
    return HTMLResponse(text, status, headers=_HEADERS)


def _refusal(status: int, message: str) -> JSONResponse:
    return JSONResponse({"message": message}, status)

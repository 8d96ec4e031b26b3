"""The client's own settings, to be read."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from agent.house import House
from agent.store.clients import Answering, Ringing
from agent.web.api.answers import answers
from agent.web.api.caller import Caller, requested_by
from agent.web.api.paging import Closed
from agent.web.api.route import operation

Asking = Annotated[Caller, Depends(requested_by)]


class ClientView(Closed):
    """A client's settings; secrets are not among them."""

    slug: str = Field(examples=["orvane"])
    name: str = Field(examples=["Orvane"])
    numbers: list[str] = Field(description="Ses numéros d'appel, E.164.")
    hours: str = Field(description="Ses horaires, tels qu'il les a écrits.")
    answering: Answering = Field(description="Qui répond d'abord.")
    overflow_rings: int = Field(description="Sonneries avant que l'assistant réponde.")
    ringing: Ringing = Field(description="Comment les conseillers sont appelés.")
    recording: bool = Field(description="Ses appels sont enregistrés.")
    pronunciations: dict[str, str] = Field(description="Comment ses mots sont dits.")


def client_router(house: House, router: APIRouter) -> None:
    """Add the operation."""

    @router.get(
        "/client", summary="Lire les réglages",
        description="Ceux du client à qui le jeton appartient.",
        tags=["client"],
        openapi_extra=operation("settings:read"), responses=answers(),
    )  # fmt: skip
    def read_client(caller: Asking) -> ClientView:
        client = house.clients.get(caller.client)
        numbers = house.numbers.of_client(caller.client)
        return ClientView(
            slug=client.slug,
            name=client.name,
            numbers=list(numbers),
            hours=client.hours,
            answering=client.answering,
            overflow_rings=client.overflow_rings,
            ringing=client.ringing,
            recording=client.recording,
            pronunciations=dict(client.pronunciations),
        )

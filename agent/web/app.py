"""The web application: wires the house to its doors."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, WebSocket
from fastapi.staticfiles import StaticFiles

from agent.house import House
from agent.personal.nights import Nights
from agent.personal.retention import Retention
from agent.web.api.app import allowance_of, mount_api
from agent.web.asterisk import telephone_of
from agent.web.auth import auth_router
from agent.web.carriers import CarrierDoor, carriers_router
from agent.web.console.downloads import downloads_router
from agent.web.console.mounting import console_router
from agent.web.headset import Headsets, headset_router
from agent.web.hours_page import hours_router
from agent.web.left_messages import message_box_of
from agent.web.live_pages import mount_pages
from agent.web.manual_files import manual_files_router
from agent.web.media import media_call
from agent.web.monitoring import monitoring_router
from agent.web.page_picture import Pictures, picture_router
from agent.web.pages import STATIC
from agent.web.phone import BrowserCalls, phone_router
from agent.web.portal.calls.files import calls_router
from agent.web.portal.dashboard.files import dashboard_router
from agent.web.portal.gaps.files import turns_router
from agent.web.portal.listening import listening_router
from agent.web.portal.personal.handing_out import personal_router
from agent.web.portal.trying.files import trying_router


def create_app(house: House) -> FastAPI:
    """The application over an open house; it does not close the house."""
    browser_calls, headsets, pictures = BrowserCalls(house), Headsets(house), Pictures()
    carriers = CarrierDoor(house)
    telephone = telephone_of(house, carriers.phones.rings)
    messages = message_box_of(house)
    retention = Retention(house.database, house.settings.data_dir, house.vault)
    nights = Nights(house.clients, retention, house.settings.data_dir / "nights.json")

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        carriers.open()
        if telephone is not None:
            telephone.open()
        if messages is not None:
            messages.open()
        nights.open()
        try:
            yield
        finally:
            await nights.close()
            if messages is not None:
                await messages.close()
            if telephone is not None:
                await telephone.close()
            await headsets.close()
            await browser_calls.close()
            await carriers.close()

    app = FastAPI(
        title="permanence", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan
    )

    @app.websocket("/media")
    async def media(websocket: WebSocket) -> None:
        await media_call(house, websocket)

    app.include_router(monitoring_router(house, telephone))
    if telephone is not None:
        app.include_router(telephone.router())
    app.include_router(phone_router(house, browser_calls))
    app.include_router(carriers_router(carriers))
    app.include_router(auth_router(house, admins_need_code=house.settings.admin_second_factor))
    app.include_router(headset_router(house, headsets))
    app.include_router(picture_router(house, pictures))
    app.include_router(hours_router(house))
    app.include_router(downloads_router(house))
    app.include_router(listening_router(house))
    app.include_router(dashboard_router(house))
    app.include_router(calls_router(house))
    app.include_router(personal_router(house))
    app.include_router(manual_files_router(house, pictures))
    app.include_router(trying_router(house, pictures))
    app.include_router(turns_router(house))
    app.include_router(console_router(house, headsets))
    mount_api(app, house, allowance_of(house.settings))
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    mount_pages(app)
    return app

"""One's second factor: turned on with a QR code, turned off, other codes on paper."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from nicegui import ui

from agent.store.second_factor import CodeRefusedError
from agent.web.checking import SignInRefusedError
from agent.web.console.pieces import Words, button
from agent.web.portal.entry import sentences
from agent.web.portal.entry.second_step import qr_code, recovery_sentence, spaced
from agent.web.portal.own import Own
from agent.web.portal.parts import Field, notice, panel
from agent.web.portal.words import t, tn


async def factor_panel(own: Own) -> None:
    """The panel."""
    with panel(t("Second facteur")):
        place = ui.element("div").classes("stacked")
    await _Factor(own, place).show()


class _Factor:
    """The panel as it stands open."""

    def __init__(self, own: Own, place: ui.element) -> None:
        self._own, self._place = own, place
        self._factors = own.house.accounts.factors

    async def show(self) -> None:
        """Whether it is on, and what can be done."""
        is_on = await asyncio.to_thread(self._factors.is_on, self._own.user.id)
        left = await asyncio.to_thread(self._factors.recovery_left, self._own.user.id)
        self._place.clear()
        with self._place:
            if not is_on:
                Words(
                    t(
                        "À la connexion, un code de votre téléphone est demandé en plus du mot de "
                        "passe : qui le devine n'entre pas."
                    ),
                    "p",
                )
            else:
                notice(t("Un code vous est demandé à chaque connexion."), "good")
                Words(
                    tn("Il vous reste {n} code de secours.", "Il vous reste {n} codes de secours.",
                       left),
                    "p",
                )  # fmt: skip
            self._password = Field(
                t("Votre mot de passe actuel"), kind="password",
                autocomplete="current-password",
            )  # fmt: skip
            with ui.element("div").classes("actions"):
                if not is_on:
                    self._button(t("Activer"), self._begin, "strong")
                else:
                    self._button(t("D'autres codes de secours"), self._renew)
                    self._button(t("Désactiver"), self._turn_off, "danger")

    def _button(self, name: str, work: object, classes: str = "") -> None:
        async def run() -> None:
            self._password.error()
            try:
                await self._own.checks.confirm(self._own.user, self._password.value)
            except SignInRefusedError as why:
                wrong = why.why == "wrong"
                self._password.error(
                    sentences.wrong_password() if wrong else sentences.refused(why)
                )
                return
            await work()  # type: ignore[operator]

        button(name, self._own.guarded(run), classes)

    async def _begin(self) -> None:
        """The key, and a field for the first code."""
        user = self._own.user
        enrolment = await asyncio.to_thread(
            self._factors.begin, user.id, user.email, datetime.now(UTC)
        )
        self._place.clear()
        with self._place:
            Words(
                t("Ouvrez une application de codes sur votre téléphone (par exemple Aegis, Google "
                  "Authenticator ou celle de votre gestionnaire de mots de passe), et visez ce "
                  "carré ou tapez la clé :"),
                "p",
            )  # fmt: skip
            ui.html(qr_code(enrolment.uri), sanitize=False).classes("qr")
            Words(spaced(enrolment.key), "code", "key", tabindex="0")
            code = Field(
                t("Code affiché par l'application"), inputmode="numeric", maxlength="10",
                autocomplete="one-time-code",
            )  # fmt: skip

            async def confirm() -> None:
                code.error()
                try:
                    codes = await asyncio.to_thread(
                        self._factors.confirm, user.id, code.value, datetime.now(UTC)
                    )
                except CodeRefusedError:
                    code.error(sentences.refused(SignInRefusedError("code")))
                    return
                await self._own.note("second_factor.on")
                await self._codes(codes)

            with ui.element("div").classes("actions"):
                button(t("Annuler"), self._own.guarded(self.show))
                button(t("Confirmer"), self._own.guarded(confirm), "strong")

    async def _codes(self, codes: tuple[str, ...]) -> None:
        self._place.clear()
        with self._place:
            notice(recovery_sentence(), "warn")
            with ui.element("ul").classes("codes"):
                for one in codes:
                    with ui.element("li"):
                        Words(one, "code")
            with ui.element("div").classes("actions"):
                button(t("J'ai noté ces codes"), self._own.guarded(self.show), "strong")

    async def _renew(self) -> None:
        codes = await asyncio.to_thread(self._factors.new_recovery_codes, self._own.user.id)
        await self._own.note("second_factor.codes_renewed")
        await self._codes(codes)

    async def _turn_off(self) -> None:
        question = t("Désactiver le second facteur ? Le mot de passe suffira pour entrer.")
        if not await self._own.confirmed(question, t("Désactiver"), danger=True):
            return
        await asyncio.to_thread(self._factors.turn_off, self._own.user.id)
        await self._own.note("second_factor.off")
        await self.show()

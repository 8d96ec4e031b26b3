"""Operators' telephones: rung with the story of the call, joined to the caller once they say yes.

A telephone is one more place where an operator can be rung, beside their browser. It is rung by the
exchange while the switchboard rings its operator; who picks up hears the story in one sentence and
takes the call with a key: a voicemail has none. A caller who came by the exchange is then joined to
them there, and a stop of this process no longer cuts the two; any other caller is joined here.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from agent.call.handover import Leaving
from agent.handoff.switchboard import Switchboard
from agent.handoff.transfer import SwitchboardTransfer
from agent.telephony.asterisk.ari import APPLICATION, AriError
from agent.telephony.asterisk.exchange import Exchange
from agent.telephony.asterisk.stories import Speak, Stories, is_leg, seconds_of
from agent.telephony.operator_phones import (
    ACCEPT,
    CALL,
    DECLINE,
    KEY_S,
    RING_S,
    TELLINGS,
    TOO_LATE,
    PhoneUser,
    spoken_story,
)

logger = logging.getLogger(__name__)

LOOK_S = 5.0
"""How often it is looked which telephones are signed on."""

ALREADY_S = 4.0
BACK_S = 6.0
"""For a caller who has lost the operator to be brought back by the exchange."""

OPERATOR_CONTEXT = "operator"
"""Where the dialplan has those who have accepted a call."""

NORMAL, BUSY = 16, 17
"""Q.850 causes: somebody has hung up; somebody is talking on the line."""

State = Literal["ringing", "telling", "accepted", "over"]


@dataclass(eq=False)
class PhoneLeg:
    """One telephone that rings for one call; implements `FarLeg` once it is accepted.

    Attributes:
        channel_id: Chosen here, so that events are known before the exchange answers.
        far: The caller is joined by the exchange.
        joined: The two have been.
    """

    phones: Phones
    transfer: SwitchboardTransfer
    user_id: str
    channel_id: str
    channel: str = ""
    state: State = "ringing"
    far: bool = False
    joined: bool = False
    keys: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    task: asyncio.Task[None] | None = None
    story: asyncio.Task[None] | None = None

    async def take(self) -> bool:
        """Have the caller joined to this telephone by the exchange."""
        taken = await self.phones.exchange.join(self.transfer.request.call_id, self.channel)
        if not taken:
            self.phones.failed(self)
        return taken

    def close(self, why: str) -> None:
        """Hang up; two whom the exchange has joined it parts itself, also while we stop."""
        if not (self.far and self.joined):
            self.phones.hang_up(self)


class Phones:
    """All telephones of operators, for the switchboard."""

    def __init__(
        self,
        switchboard: Switchboard,
        exchange: Exchange,
        users: Callable[[], Sequence[PhoneUser]],
        speak: Speak,
        brands: Mapping[str, str],
        sounds: Path,
        elsewhere: Callable[[str, str], bool] = lambda call_id, phone: False,
    ) -> None:
        """Nobody is rung yet.

        Args:
            users: Those who have a telephone (blocks).
            speak: Makes the story heard.
            brands: Names of the clients by their slugs.
            sounds: Folder that the exchange can read, under the same name.
            elsewhere: Whether a telephone is rung for a call by somebody else: by the carrier that
                brought the caller.
        """
        self.exchange = exchange
        self._board = switchboard
        self._users = users
        self._stories = Stories(speak, sounds)
        self._brands = brands
        self._elsewhere = elsewhere
        self._there: dict[str, PhoneUser] = {}
        self._legs: dict[str, PhoneLeg] = {}
        self._rung: set[tuple[str, str]] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._count = 0
        exchange.hear(self._take, self._look_after)

    async def run(self) -> None:
        """Look which telephones are there, and ring them, for ever."""
        await asyncio.to_thread(self._stories.remove_all)
        with self._board.watched(self._changed):
            try:
                while True:
                    try:
                        await self._look()
                    except AriError as error:
                        logger.info("%s", error)
                        self._sign({})
                    except Exception:  # a database that is away for a moment must not end this
                        logger.exception("it is not known which telephones are there")
                    await asyncio.sleep(LOOK_S)
            finally:
                self._sign({})
                for leg in tuple(self._legs.values()):
                    if not leg.joined:
                        await self.exchange.ari.hang_up(leg.channel_id)
                for task in tuple(self._tasks):
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)

    def hang_up(self, leg: PhoneLeg) -> None:
        """End a telephone's call."""
        if leg.state != "over":
            leg.state = "over"
            self._stories.drop(leg.channel_id)
            if leg.task is not None:
                leg.task.cancel()
            self._start(self.exchange.ari.hang_up(leg.channel_id), "hang up")

    def failed(self, leg: PhoneLeg) -> None:
        """The caller could not be joined to a telephone that waits for them."""
        self.hang_up(leg)
        leg.far = False  # the caller has never left us
        self._start(self._left(leg, "lost"), "an operator could not be joined")

    def of_handoff(self, handoff_id: str) -> PhoneLeg | None:
        """The telephone that has accepted a call and waits to be joined to it in this process."""
        for leg in self._legs.values():
            if leg.transfer.handoff_id == handoff_id and leg.state == "accepted" and not leg.far:
                return leg
        return None

    # --- who is there ---------------------------------------------------------------------------

    async def _look(self) -> None:
        users = {one.operator.user_id: one for one in await asyncio.to_thread(self._users)}
        endpoints = await self.exchange.ari.ask("GET", "/endpoints/PJSIP")
        online = {one["resource"] for one in endpoints if one.get("state") == "online"}
        self._sign(
            {
                user_id: one
                for user_id, one in users.items()
                if one.phone in online or one.phone.startswith("+")
            }
        )

    def _sign(self, users: Mapping[str, PhoneUser]) -> None:
        """Sign on those whose telephone has come, and off those whose has gone."""
        for user_id in [one for one in self._there if one not in users]:
            del self._there[user_id]
            self._board.sign_off(user_id)
        for user_id, one in users.items():
            if user_id not in self._there:
                desk = self._board.sign_on(one.operator)
                if desk.consoles == 1:  # no page says otherwise
                    self._board.set_status(user_id, "available")
            self._there[user_id] = one

    # --- ringing --------------------------------------------------------------------------------

    def _changed(self) -> None:
        """Ring whom the switchboard rings, and no others."""
        wanted = {
            (transfer.handoff_id, user_id): transfer
            for transfer in self._board.transfers()
            for user_id in transfer.rung
            if user_id in self._there
            and not self._elsewhere(transfer.request.call_id, self._there[user_id].phone)
        }
        for leg in tuple(self._legs.values()):
            rings = (leg.transfer.handoff_id, leg.user_id) in wanted
            if leg.state in ("ringing", "telling") and not rings:
                self.hang_up(leg)
        for key in self._rung - set(wanted):
            self._rung.discard(key)
        for key, transfer in wanted.items():
            if key not in self._rung:
                self._rung.add(key)
                self._ring(transfer, key[1])

    def _ring(self, transfer: SwitchboardTransfer, user_id: str) -> None:
        self._count += 1
        leg = PhoneLeg(self, transfer, user_id, f"{transfer.handoff_id}-{self._count}")
        self._legs[leg.channel_id] = leg
        brief = transfer.request.brief
        text = CALL.format(brand=self._brand(transfer), story=spoken_story(brief))
        leg.story = self._start(self._stories.make(leg.channel_id, text), "make a story")
        leg.task = self._start(self._call(leg, self._there[user_id].phone), "ring a telephone")

    def _brand(self, transfer: SwitchboardTransfer) -> str:
        return self._brands.get(transfer.request.client, transfer.request.client)

    async def _call(self, leg: PhoneLeg, phone: str) -> None:
        """Ring one telephone."""
        outside = f"Local/{phone}@outside/n"
        number = re.sub(r"[^0-9+]", "", leg.transfer.request.brief.caller_number or "")
        try:
            await self.exchange.ari.ask(
                "POST",
                "/channels",
                {
                    "endpoint": outside if phone.startswith("+") else f"PJSIP/{phone}",
                    "app": APPLICATION,
                    "channelId": leg.channel_id,
                    "timeout": RING_S,
                    "callerId": f'"permanence" <{number}>',
                },
            )
        except AriError:
            logger.exception("a telephone cannot be rung")
            self._legs.pop(leg.channel_id, None)
            leg.state = "over"
            self._stories.drop(leg.channel_id)
            self._board.cannot_be_had(leg.transfer.handoff_id, leg.user_id, "no line")
            await self.exchange.ari.hang_up(leg.channel_id)  # it may ring, though no answer came
            return
        if leg.state == "over":  # it was given up meanwhile
            await self.exchange.ari.hang_up(leg.channel_id)

    async def _tell(self, leg: PhoneLeg) -> None:
        """Tell who has picked up what the call is about, and wait for their key."""
        path = self._stories.path(leg.channel_id)
        try:
            if leg.story is not None:
                await asyncio.shield(leg.story)
            for _ in range(TELLINGS):
                key = await self._asked(leg, path)
                if key == ACCEPT:
                    await self._accept(leg)
                    return
                if key == DECLINE:
                    self._board.decline(
                        leg.transfer.handoff_id, leg.user_id, "declined by telephone"
                    )
                    break
        except AriError as error:
            logger.info("a telephone was lost: %s", error)
        except Exception:  # who has picked up must not be left with nothing
            logger.exception("an operator could not be told what a call is about")
        finally:
            self._stories.drop(leg.channel_id)
        self._board.cannot_be_had(leg.transfer.handoff_id, leg.user_id, "no key")
        self.hang_up(leg)

    async def _asked(self, leg: PhoneLeg, path: Path) -> str:
        """Play the story; the key that was pressed, empty if none was."""
        played = await self._play(leg, path)
        try:
            async with asyncio.timeout(seconds_of(path) + KEY_S):
                while (key := await leg.keys.get()) not in (ACCEPT, DECLINE):
                    pass
        except TimeoutError:
            return ""
        await self._stop_playing(played)
        return key

    async def _accept(self, leg: PhoneLeg) -> None:
        handoff_id, call_id = leg.transfer.handoff_id, leg.transfer.request.call_id
        leg.state = "accepted"
        leg.far = call_id in self.exchange.calls
        if not self._board.accept(handoff_id, leg.user_id):
            await self._too_late(leg)
            return
        name, value = ("PERMANENCE_CALL", call_id) if leg.far else ("PERMANENCE_LEG", handoff_id)
        path = f"/channels/{leg.channel_id}"
        await self.exchange.ari.ask("POST", f"{path}/variable", {"variable": name, "value": value})
        where = "wait" if leg.far else "leg"
        await self.exchange.ari.ask(
            "POST",
            f"{path}/continue",
            {"context": OPERATOR_CONTEXT, "extension": where, "priority": 1},
        )
        if leg.far and not self._board.connected(handoff_id, leg.user_id, leg):
            self.hang_up(leg)

    async def _too_late(self, leg: PhoneLeg) -> None:
        name = f"{leg.channel_id}-late"
        path = self._stories.path(name)
        try:
            await self._stories.make(name, TOO_LATE)
            await self._play(leg, path)
            await asyncio.sleep(min(ALREADY_S, seconds_of(path)))
        finally:
            self._stories.drop(name)
            self.hang_up(leg)

    async def _play(self, leg: PhoneLeg, path: Path) -> str:
        sound = f"sound:{path.with_suffix('')}"
        played = await self.exchange.ari.ask(
            "POST", f"/channels/{leg.channel_id}/play", {"media": sound}
        )
        return str(played["id"])

    async def _stop_playing(self, played: str) -> None:
        with suppress(AriError):  # it has ended by itself
            await self.exchange.ari.ask("DELETE", f"/playbacks/{played}")

    def _look_after(self) -> None:
        """The exchange's events are heard again: what has ended meanwhile is dealt with now."""
        for leg in tuple(self._legs.values()):
            if leg.channel:
                self._start(self._still_there(leg), "look for a telephone")
        self._start(self._hang_up_strangers(), "hang up what a former process rang")

    async def _hang_up_strangers(self) -> None:
        """Whoever was rung by a process that is no more; not who has accepted, and talks."""
        for channel in await self.exchange.ari.ask("GET", "/channels"):
            stranger = is_leg(channel["id"]) and channel["id"] not in self._legs
            if stranger and channel["dialplan"]["context"] != OPERATOR_CONTEXT:
                await self.exchange.ari.hang_up(channel["id"])

    async def _still_there(self, leg: PhoneLeg) -> None:
        if not await self.exchange.ari.exists(leg.channel_id) and leg.channel_id in self._legs:
            self._gone(leg, 0)

    # --- what the exchange tells ----------------------------------------------------------------

    def _take(self, event: Mapping[str, Any]) -> None:
        channel = event.get("channel")
        leg = self._legs.get(channel["id"]) if isinstance(channel, dict) else None
        if leg is None or channel is None:
            return
        match event["type"]:
            case "StasisStart" if leg.state == "ringing":
                leg.state, leg.channel = "telling", str(channel["name"])
                leg.task = self._start(self._tell(leg), "tell an operator")
                self._board.picked_up(leg.transfer.handoff_id, leg.user_id)
            case "ChannelDtmfReceived":
                leg.keys.put_nowait(str(event["digit"]))
            case "ChannelEnteredBridge" if leg.state == "accepted":
                leg.joined = True
            case "ChannelDestroyed":
                self._gone(leg, int(event.get("cause", 0)))

    def _gone(self, leg: PhoneLeg, cause: int) -> None:
        """A telephone's call has ended."""
        del self._legs[leg.channel_id]
        self._stories.drop(leg.channel_id)
        handoff_id, was = leg.transfer.handoff_id, leg.state
        leg.state = "over"
        if was == "accepted":
            finished = cause == NORMAL and leg.joined
            self._start(self._left(leg, "finished" if finished else "lost"), "an operator left")
        elif was in ("ringing", "telling"):
            if leg.task is not None:
                leg.task.cancel()
            why = "busy" if cause == BUSY else f"telephone: cause {cause}"
            self._board.cannot_be_had(handoff_id, leg.user_id, why)

    async def _left(self, leg: PhoneLeg, why: Leaving) -> None:
        """Tell the switchboard, once the caller who has lost the operator can hear us again."""
        if why == "lost" and leg.far:
            await self.exchange.is_back(leg.transfer.request.call_id, BACK_S)
        self._board.left(leg.transfer.handoff_id, leg.user_id, why, comes_back=False)
        if why == "finished" and leg.far:
            await self.exchange.part(leg.transfer.request.call_id, BACK_S)

    def _start(self, work: Awaitable[None], name: str) -> asyncio.Task[None]:
        async def safely() -> None:
            try:
                await work
            except Exception:
                logger.exception("failed: %s", name)

        task = asyncio.create_task(safely(), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

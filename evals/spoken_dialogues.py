"""The scripted conversations over the real audio path: a speaking caller, the server, the voice.

Each line is said by a synthetic caller at 8 kHz A-law into a server of its own; end of turn,
recogniser, dialogue, manuals and voice are those of a call. The channels run faster than the ear,
so that a conversation takes half a minute; nothing is measured of time here.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from agent.audio import TELEPHONE_RATE_HZ, Samples
from agent.call.record import CallRecord, record_from_json
from agent.demo import BRAND, CLIENT
from agent.errors import CallFailedError
from agent.handoff.brief import REASONS
from agent.opening import open_database
from agent.settings import Settings
from agent.store.clients import ClientStore
from agent.telephony.media_protocol import message
from agent.telephony.recorded_caller import PATIENCE_S, HeardCall, RecordedCaller
from agent.web.server import running_server
from evals.bench import open_bench
from evals.dialogues import report
from evals.scripts import EVERYBODYS_REPLIES, LONGEST_CALL, Script, ScriptedCaller, Told
from evals.sounds import Signal, dishes, music
from evals.spoken_clips import spoken as said_by_callers

BETWEEN_KEYS_S = 0.1
_KNOWN_AS = {"lave-linge": "LV450", "lave-vaisselle": "VS320", "four": "FR610"}
"""The demo client's one product of a kind: a brief does not name what the caller did not."""

_REASON_OF = {words: reason for reason, words in REASONS.items()}


class ScriptedPhone(RecordedCaller):
    """A caller who decides what to say next from what the agent has just said."""

    def __init__(self, url: str, script: Script, clips: dict[str, Samples]) -> None:
        super().__init__(url, CLIENT, [], caller=script.caller_number, realtime=False)
        self._decides = ScriptedCaller(script)
        self._clips = clips
        self._told_turns = 0
        self.log: list[str] = []

    @property
    def circled(self) -> bool:
        """Whether the conversation went round in a circle."""
        return self._decides.turns > LONGEST_CALL

    async def _play(self, socket: ClientConnection) -> None:
        try:
            await self._wait_for_agent(socket)
            while (words := self._decides.next(self._agent())) is not None:
                self.log.append(f"Appelant  {words}")
                await self._do(socket, words)
                await self._wait_for_agent(socket)
            await socket.send(message("hangup"))
            await self._silence(socket, lambda: False, PATIENCE_S)
        except ConnectionClosed:
            self._over.set()

    def _agent(self) -> str:
        turns = self._call.turns[self._told_turns :]
        self._told_turns = len(self._call.turns)
        for turn in turns:
            self.log.append(f"   (entendu : {turn['heard']})\nAgent     {turn['said']}")
        return " ".join(turn["said"] for turn in turns)

    async def _do(self, socket: ClientConnection, words: str) -> None:
        if words == "<silence>":
            return
        if words.startswith("<key"):
            for key in words.split()[1].rstrip(">"):
                await socket.send(json.dumps({"event": "dtmf", "digit": key}))
                await asyncio.sleep(BETWEEN_KEYS_S)
            return
        await self._speak(socket, self._clips[words])


def spoken(settings: Settings, scripts: Sequence[Script], *, show: bool) -> str:
    """Play the scripts by voice; the figures as text."""
    scripts = [one for one in scripts if not one.closed]  # the server's clock is the true one
    played = _played(settings, scripts)
    return report(scripts, [_told(call, phone) for call, phone in played], show=show)


def records(
    settings: Settings, scripts: Sequence[Script]
) -> list[tuple[Script, CallRecord, list[str]]]:
    """Play the scripts by voice; each call's record and what was said; those that failed left out.

    Without the scripts of closed hours: the server's clock is the true one.
    """
    scripts = [one for one in scripts if not one.closed]
    played = _played(settings, scripts)
    return [
        (script, _record(call), phone.log)
        for script, (call, phone) in zip(scripts, played, strict=True)
        if isinstance(call, HeardCall)
    ]


def _played(
    settings: Settings, scripts: Sequence[Script]
) -> list[tuple[HeardCall | CallFailedError, ScriptedPhone]]:
    open_bench(settings, only={CLIENT}).close()
    clips = _clips(settings, scripts)
    home = settings.home / "cache" / "evals" / settings.embedding
    serving = settings.model_copy(update={"home": home, "port": 0})
    _add_client(serving)
    played = []
    with running_server(serving) as server:
        address = f"{server.url.replace('http', 'ws', 1)}/media"
        for count, script in enumerate(scripts, start=1):
            phone = ScriptedPhone(address, script, clips)
            played.append((asyncio.run(_call(phone)), phone))
            if count % 10 == 0:
                print(f"  {count} of {len(scripts)} conversations", flush=True)
    return played


async def _call(phone: ScriptedPhone) -> HeardCall | CallFailedError:
    try:
        return await phone.run()
    except CallFailedError as error:
        return error


def _record(call: HeardCall) -> CallRecord:
    """A call as the server told it, line by line, while it lasted."""
    return record_from_json(
        {
            "call_id": call.call_id,
            "client": CLIENT,
            "started_at": datetime.now(UTC),
            "turns": call.turns,
            "handoff": call.handoff,
        }
    )


def _told(call: HeardCall | CallFailedError, phone: ScriptedPhone) -> Told:
    """A call as its expectations are checked."""
    if isinstance(call, CallFailedError):
        return Told(outcome=f"failed: {call}", log=phone.log)
    handoff = call.handoff
    brief = handoff["brief"] if handoff else {}
    details = brief.get("details", {})
    product = str(brief.get("product") or "")
    products = [f"{product} {_KNOWN_AS.get(product, '')}", *map(str, details.values())]
    evidence = [one["manual"] for turn in call.turns for one in turn["evidence"][:1]]
    return Told(
        said=[turn["said"] for turn in call.turns],
        outcome=call.outcome,
        ended_by=call.ended_by,
        reason=_REASON_OF.get(brief.get("reason", "")),
        urgent=handoff is not None and handoff["urgency"] == "urgent",
        number=brief.get("caller_number"),
        name=details.get("name"),
        products=[*products, *(name.upper() for name in evidence)],
        circled=phone.circled,
        log=phone.log,
    )


def _clips(settings: Settings, scripts: Sequence[Script]) -> dict[str, Samples]:
    lines = [line for script in scripts for line in script.lines]
    lines += [text for script in scripts for _, texts in script.replies for text in texts]
    lines += EVERYBODYS_REPLIES
    words = [line for line in dict.fromkeys(lines) if not line.startswith("<")]
    _random, _second = np.random.default_rng(1), TELEPHONE_RATE_HZ
    return {
        **said_by_callers(settings, words),
        "<noise>": _level(
            dishes(2 * TELEPHONE_RATE_HZ, TELEPHONE_RATE_HZ, np.random.default_rng(1))
        ),
        "<music>": _level(
            music(8 * TELEPHONE_RATE_HZ, TELEPHONE_RATE_HZ, np.random.default_rng(1))
        ),
    }


def _level(sound: Signal) -> Samples:
    """A sound at a fifth of full scale."""
    peak = float(np.max(np.abs(sound))) or 1.0
    return np.asarray(sound / peak * 6_500, dtype=np.int16)


def _add_client(settings: Settings) -> None:
    database = open_database(settings)
    try:
        clients = ClientStore(database)
        if CLIENT not in {client.slug for client in clients.list()}:
            clients.add(CLIENT, BRAND)
    finally:
        database.close()

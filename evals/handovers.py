"""Callers who ask for a person, in five ways: `permanence eval handovers`.

A real server with real models, a real browser with an operator's console, real audio both ways. A
caller is taken, declined, not answered, loses the operator, or hangs up while it rings; what each
end has received, what the caller was told and what was kept are looked at.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from selenium.common.exceptions import WebDriverException

from agent.audio import TELEPHONE_RATE_HZ
from agent.demo import CLIENT
from agent.errors import PermanenceError
from agent.settings import Settings
from evals.chromium import EAR_RATE_HZ, browser
from evals.console_page import NotInTimeError
from evals.handover_checks import (
    WANTED,
    both_said,
    calling,
    check_sound,
    check_talk,
    check_ticket,
    connected,
    ended_by_key,
    give_number,
    is_joined,
    rung,
    says,
    told_nobody,
    when,
)
from evals.handover_figures import SILENT, Run
from evals.handover_stage import PAUSE_S, RING_S, TELLS, Stage, staged, until
from evals.waiting_caller import WaitingCaller

BROWSER_EVERY = 5
"""One accepted run in so many is made with the browser telephone."""

RUN_LIMIT_S = 120.0
FALLS_SILENT_S = 1.0
"""By when nothing rings any more after the caller has hung up."""


def run(settings: Settings, runs: int, only: Sequence[str] = ()) -> list[Run]:
    """Play each case so many times (blocks; twenty seconds a run)."""
    played = []
    with staged(settings) as stage:
        for number in range(runs):
            for case, play in CASES.items():
                if only and case not in only:
                    continue
                played.append(asyncio.run(_played(stage, case, play, number)))
                last = played[-1]
                missing = [n for n in WANTED[case] if not last.checks.get(n)]
                print(f"  {number + 1}/{runs} {case}: {last.took_s:.0f} s {last.fault} "
                      f"{'not: ' + ', '.join(missing) if missing else ''}", flush=True)  # fmt: skip
    return played


async def _played(stage: Stage, case: str, play: _Play, number: int) -> Run:
    made, started = Run(case), time.monotonic()
    stage.page.browser.driver.execute_script("window.seen = []")
    try:
        async with asyncio.timeout(RUN_LIMIT_S):
            await play(stage, made, number)
    except TimeoutError:
        made.fault = f"not over in {RUN_LIMIT_S:g} s"
    except (NotInTimeError, PermanenceError, WebDriverException) as error:
        made.fault = str(error).splitlines()[0]
    made.checks[SILENT] = await _is_quiet(stage)
    made.took_s = round(time.monotonic() - started, 1)
    return made


async def _is_quiet(stage: Stage) -> bool:
    """Whether soon after a run no call is left and nothing rings."""
    house = stage.server.house

    def quiet() -> bool:
        board = house.switchboard
        free = all(desk.call is None for desk in board.desks())
        return not (board.transfers() or house.live.shown() or stage.page.rings()) and free

    with suppress(NotInTimeError, WebDriverException):
        return await until(quiet, 3.0, "quiet")
    return False


# --- the cases ------------------------------------------------------------------------------------


async def accepted(stage: Stage, made: Run, number: int) -> None:
    """The operator takes it: each hears the other, and the operator ends it."""
    if number % BROWSER_EVERY == BROWSER_EVERY - 1:
        await _accepted_in_browser(stage, made, number)
        return
    text = TELLS[number % len(TELLS)]
    async with calling(stage) as caller:
        transfer = await rung(stage, made, caller.call_id, stage.page)
        await connected(stage, made, transfer, stage.page)
        joined_at = await until(lambda: caller.at("operator"), 12, "the caller is told")
        made.times_s["accepted to joined"] = joined_at - when(transfer, "accepted")
        began_s = caller.now_s
        with suppress(NotInTimeError):  # both at once: the browser would duck one of them
            await until(lambda: caller.hears_pause(began_s), 8, "the operator pauses")
        caller.say(stage.clip(text))
        await both_said(stage, caller.call_id, text)
        ended_s = caller.now_s
        heard = await asyncio.to_thread(stage.page.browser.heard)
        made.numbers["made up by the browser"] = await asyncio.to_thread(
            stage.page.browser.concealed
        )
        agent_said = caller.said(joined_at)
        await ended_by_key(stage, made, caller.call_id, stage.page)
        assert caller.done is not None
        call = await caller.done
    line = call.agent[int(began_s * TELEPHONE_RATE_HZ) : int(ended_s * TELEPHONE_RATE_HZ)]
    check_sound(stage, made, text, heard, line, TELEPHONE_RATE_HZ)
    made.checks["the agent is silent"] &= not agent_said
    await check_talk(stage, made, transfer, text)


async def _accepted_in_browser(stage: Stage, made: Run, number: int) -> None:
    """The same, with the browser telephone."""
    made.by = "browser"
    text = TELLS[number % len(TELLS)]
    with browser(stage.caller_wavs[text], once=True) as phone:
        await asyncio.to_thread(phone.driver.get, f"{stage.server.url}/phone/{CLIENT}")
        script = "document.getElementById('call').click()"
        await asyncio.to_thread(phone.driver.execute_script, script)
        live = await until(stage.server.house.live.shown, 15, "the call is taken")
        call_id = live[0].record.call_id
        transfer = await rung(stage, made, call_id, stage.page)
        await connected(stage, made, transfer, stage.page)
        await until(lambda: is_joined(transfer), 12, "they are joined")
        made.times_s["accepted to joined"] = time.time() - when(transfer, "accepted")
        await asyncio.to_thread(phone.listen)
        await both_said(stage, call_id, text)
        await asyncio.sleep(PAUSE_S)  # so that one sentence is whole in what was recorded
        heard = await asyncio.to_thread(stage.page.browser.heard)
        made.numbers["made up by the browser"] = await asyncio.to_thread(
            stage.page.browser.concealed
        )
        line = await asyncio.to_thread(phone.heard)
        await ended_by_key(stage, made, call_id, stage.page)
    check_sound(stage, made, text, heard, line, EAR_RATE_HZ)
    await check_talk(stage, made, transfer, text)


async def declined(stage: Stage, made: Run, number: int) -> None:
    """The operator declines; every other caller has to give their number, with the keys."""
    async with calling(stage, masked=number % 2 == 1) as caller:
        transfer = await rung(stage, made, caller.call_id, stage.page)
        await asyncio.to_thread(stage.page.press, "d")
        await told_nobody(made, caller)
        if number % 2 == 1:
            await give_number(stage, caller)
        caller.hang_up()
    await check_ticket(stage, made, transfer)


async def no_answer(stage: Stage, made: Run, number: int) -> None:
    """The operator is there and does nothing."""
    async with calling(stage) as caller:
        transfer = await rung(stage, made, caller.call_id, stage.page)
        since = time.time()
        await told_nobody(made, caller, RING_S + 8)
        made.times_s["ringing to told that nobody answers"] = time.time() - since
        caller.hang_up()
    await check_ticket(stage, made, transfer)


async def killed(stage: Stage, made: Run, number: int) -> None:
    """The operator's browser dies; every other time a colleague is there to be rung."""
    alone = number % 2 == 1
    if alone:
        await asyncio.to_thread(stage.page.click, ".status .break")
    second = stage.second_page()
    page = await asyncio.to_thread(second.__enter__)
    try:
        async with calling(stage) as caller:
            transfer = await rung(stage, made, caller.call_id, page)
            await connected(stage, made, transfer, page)
            await until(lambda: caller.at("operator"), 12, "the caller is told")
            await asyncio.sleep(1.0)
            killed_at = time.time()
            await asyncio.to_thread(page.browser.kill)
            await until(lambda: says(caller, "operator_away", killed_at), 8, "« ne quittez pas »")
            made.checks["told"] = True
            made.times_s["killed to told"] = time.time() - killed_at
            if alone:
                await told_nobody(made, caller, 25)
            else:
                await _rung_elsewhere(stage, made, caller, killed_at)
            made.checks["rung elsewhere or told"] = not caller.is_over
            caller.hang_up()
        await check_ticket(stage, made, transfer, handoffs=1 if alone else 2)
    finally:
        await asyncio.to_thread(second.__exit__, None, None, None)
        if alone:
            await asyncio.to_thread(stage.page.available)


async def _rung_elsewhere(stage: Stage, made: Run, caller: WaitingCaller, killed_at: float) -> None:
    rang_at = await until(lambda: stage.page.rang_at(killed_at), 20, "it rings elsewhere")
    made.times_s["killed to ringing elsewhere"] = rang_at - killed_at
    await asyncio.to_thread(stage.page.press, "d")
    await told_nobody(made, caller)


async def gone(stage: Stage, made: Run, number: int) -> None:
    """The caller hangs up while it rings."""
    async with calling(stage) as caller:
        transfer = await rung(stage, made, caller.call_id, stage.page)
        await asyncio.sleep(0.2 * (number % 5))
        since = time.time()
        caller.hang_up()
        silent_at = await until(lambda: stage.page.silent_at(since), 6, "the console is silent")
        made.times_s["hung up to silent"] = silent_at - since
        board = stage.server.house.switchboard
        await until(lambda: not board.transfers(), 6, "nothing is rung")
        await until(lambda: not stage.page.rings(), 6, "the ringing is heard no more")
        made.times_s["hung up to unheard"] = unheard_s = time.time() - since
        made.checks["silent within a second"] = max(silent_at - since, unheard_s) <= FALLS_SILENT_S
    await check_ticket(stage, made, transfer)


_Play = Callable[[Stage, Run, int], Awaitable[None]]
CASES: dict[str, _Play] = {
    "accepted": accepted,
    "declined": declined,
    "no answer": no_answer,
    "browser killed": killed,
    "caller gone": gone,
}
"""How each is played; a later run of a case may vary it."""

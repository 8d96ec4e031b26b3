"""The server whose recogniser and voice are the light stand-ins, as a process of its own.

`python -m evals.light_agent LENGTHS FIGURES`: the sentences that callers say and how long each
lasts, as JSON; a file to which it writes every second, as a line of JSON, what it takes of the
machine.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import psutil

from agent.log import hush_pipecat
from agent.settings import load_settings
from agent.web.server import running_server
from evals.handover_stage import on_loop
from evals.light_models import LightTranscriber, LightVoice

EVERY_S = 1.0


def main(lengths: Path, figures: Path) -> None:
    """Serve until a signal says to stop (blocks)."""
    hush_pipecat()
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    own = psutil.Process()
    with running_server(load_settings()) as server, figures.open("a") as out:
        server.house.services = replace(
            server.house.services,
            transcriber=LightTranscriber(json.loads(lengths.read_text("utf-8"))),
            voice=LightVoice(),
        )

        async def tasks() -> int:
            return len(asyncio.all_tasks())

        while not over.wait(EVERY_S):
            told = {
                "at": time.time(),
                "cpu_s": sum(own.cpu_times()[:2]),
                "rss_mb": own.memory_info().rss / 1e6,
                "fds": own.num_fds(),
                "threads": own.num_threads(),
                "tasks": on_loop(server, tasks()),
                "calls": len(server.house.live.shown()),
            }
            print(json.dumps(told), file=out, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

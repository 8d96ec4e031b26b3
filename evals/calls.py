"""Voice to voice, at the pace of the ear: from the caller's last sound to the agent's first.

    python -m evals.calls [--times 3]

Plays the demo's recorded caller into a server of its own and reads the times off the two-channel
recording (10 ms windows); the parts come from the server's record of each turn.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics

from agent.audio import TELEPHONE_RATE_HZ, read_wav
from agent.demo import CALLER, CLIENT, recorded_turns
from agent.log import hush_pipecat
from agent.settings import load_settings
from agent.telephony.recorded_caller import RecordedCaller
from agent.web.server import running_server

PARTS = ("end_of_turn", "transcription", "retrieval", "first_audio", "voice_to_voice")


def main() -> None:
    """Read the command line, call, print."""
    parser = argparse.ArgumentParser(description="Voice-to-voice time of recorded calls.")
    parser.add_argument("--times", type=int, default=3, help="calls, one after the other")
    given = parser.parse_args()
    hush_pipecat()
    turns = [read_wav(file, TELEPHONE_RATE_HZ) for file in recorded_turns()]
    seen: dict[str, list[float]] = {part: [] for part in PARTS}
    with running_server(load_settings(port=0)) as server:
        address = f"{server.url.replace('http', 'ws', 1)}/media"
        for number in range(given.times):
            call = asyncio.run(RecordedCaller(address, CLIENT, turns, caller=CALLER).run())
            for turn in call.as_json()["turns"]:
                for part in PARTS:
                    if (value := turn["timings_ms"][part]) is not None:
                        seen[part].append(value)
            print(f"call {number + 1}: {call.outcome}", flush=True)
    for part in PARTS:
        values = seen[part]
        print(
            f"{part:15} median {statistics.median(values):6.0f} ms   "
            f"min {min(values):6.0f}   max {max(values):6.0f}   ({len(values)} turns)"
        )


if __name__ == "__main__":
    main()

"""Sentences that the voice has made before are said without waiting for those that it makes."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

from agent.audio import TELEPHONE_RATE_HZ
from agent.opening import open_voice
from agent.settings import load_settings


async def test_what_is_on_the_disk_does_not_wait(models_home: Path, tmp_path: Path) -> None:
    """Also where it has left the memory: many clients' own sentences do not fit into it."""
    (tmp_path / "models").symlink_to(models_home / "models")
    voice = open_voice(load_settings(home=tmp_path, voice_workers=1))
    busy = threading.Event()
    try:
        await asyncio.to_thread(voice.prepare, ["Bonjour."], TELEPHONE_RATE_HZ)
        made = await voice.speak("Bonjour.", TELEPHONE_RATE_HZ)
        voice._memory.clear()
        voice._pool.submit(busy.wait, 30)  # a long sentence of another call
        async with asyncio.timeout(5):
            again = await voice.speak("Bonjour.", TELEPHONE_RATE_HZ)
        assert again.tobytes() == made.tobytes()
        assert len(voice._memory) == 1
    finally:
        busy.set()
        voice.close()

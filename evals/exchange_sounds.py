"""What an exchange on the stage says: made with the real voice, once."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
from pathlib import Path

from agent.audio import TELEPHONE_RATE_HZ, Samples
from agent.demo import BRAND, CLIENT
from agent.opening import open_voice
from agent.settings import Settings
from agent.telephony.asterisk.sounds import spoken, write_common, write_sounds
from voices.french import speakable
from voices.prompts import prompts


def exchange_sounds(settings: Settings) -> Path:
    """Folder with all that the demo client's exchange says (blocks; half a minute, once)."""
    told = json.dumps([settings.voice, BRAND, prompts("exchange")], sort_keys=True).encode()
    name = f"exchange-sounds-{hashlib.sha256(told).hexdigest()[:12]}"
    folder = settings.home / "cache" / name
    if folder.is_dir():
        return folder
    voice = open_voice(settings)

    async def speak(sentence: str) -> Samples:
        return await voice.speak(speakable(sentence), TELEPHONE_RATE_HZ)

    try:
        said = asyncio.run(spoken(BRAND, lambda text: text, speak))
    finally:
        voice.close()
    part = folder.with_name(f"{name}.part")
    shutil.rmtree(part, ignore_errors=True)
    write_sounds(part, CLIENT, said)
    write_common(part)
    part.rename(folder)
    return folder

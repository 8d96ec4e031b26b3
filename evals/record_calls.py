"""Makes the recorded callers of evals/data/calls: `python -m evals.record_calls`."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np

from agent.audio import TELEPHONE_RATE_HZ, resample, write_wav
from agent.settings import load_settings
from evals.callers import NATIVE, caller_voice
from voices.french import sentences

FOLDER = Path(__file__).parent / "data" / "calls"
LOWER = 0.9
"""The French voice, played a little lower and slower: a caller who is not the agent's twin."""

LINES = {
    "demo-1-code": "Bonjour, mon lave-linge affiche E vingt, et l'eau reste dans le tambour.",
    "demo-2-filtre": "Et comment je fais pour nettoyer le filtre de la pompe ?",
    "demo-3-wifi": "D'accord. Et comment je connecte mon lave-linge au wifi de la maison ?",
    "human": "Je voudrais parler à un conseiller, s'il vous plaît.",
    "number": "Zéro six, trente-neuf, quatre-vingt-dix-huit, douze, trente-quatre.",
    "yes": "Oui, c'est bien ça, oui.",
    "gas": "Ça sent le gaz dans ma cuisine, à côté du four !",
    "dishwasher-code": "Mon lave-vaisselle affiche le code E quinze.",
    "thanks": "Non merci, au revoir.",
}


def main() -> None:
    """Render every line at 8 kHz."""
    voice = caller_voice(load_settings(), NATIVE)
    try:
        for name, text in LINES.items():
            parts = [asyncio.run(voice.speak(part, TELEPHONE_RATE_HZ)) for part in sentences(text)]
            lower = resample(
                np.concatenate(parts), int(TELEPHONE_RATE_HZ * LOWER), TELEPHONE_RATE_HZ
            )
            write_wav(FOLDER / f"{name}.wav", TELEPHONE_RATE_HZ, lower)
    finally:
        voice.close()


if __name__ == "__main__":
    main()

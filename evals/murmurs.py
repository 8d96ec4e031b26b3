"""What is taken for a murmur over the agent's voice: listeners, a television, coughs; and words.

    python -m evals.murmurs

Each is decoded as a call decodes it, with three references suggested; what the dialogue would do
while it is in the middle of an answer is counted. Danger, which goes before it, is left out. The
caller is known by one sentence; what they say after that is louder or fainter by chance.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

import numpy as np

from agent.audio import (
    RECOGNISER_RATE_HZ,
    TELEPHONE_RATE_HZ,
    Samples,
    speech_level_db,
    to_float,
    to_int16,
)
from agent.call.moves import Heard, Phase
from agent.call.short_replies import reading_of
from agent.call.talked_over import is_no_interruption
from agent.call.transcriber import Transcript, WhisperTranscriber
from agent.models import path as model_path
from agent.settings import Settings, load_settings
from evals import sounds
from evals.arrived import rate_of
from evals.callers import ACCENTED, NATIVE, caller_voice
from evals.line import CONDITIONS, received
from evals.talking_over import TELEVISION_DB, at_level, sent

LISTENERS = (
    "Oui.", "Oui oui.", "Ah oui.", "D'accord.", "Ah bon.", "Très bien.", "OK.", "Hum hum.", "Hum.",
    "Euh.", "Ah.", "Bien.", "Je vois.",
)  # fmt: skip
WORDS = (
    "Attendez, je n'ai pas compris.", "Pardon, vous pouvez répéter ?", "Non, c'est le four.",
    "Excusez-moi, et pour le filtre, je fais comment ?", "Attendez, vous allez trop vite.",
    "Mais ça, je l'ai déjà fait hier soir.", "Non, ce n'est pas ce que je vous demande.",
    "Je voudrais parler à quelqu'un.", "Et si le filtre est cassé ?", "Ça, j'ai déjà essayé.",
    "Il y a écrit E vingt-quatre.", "Stop, j'ai compris.", "Non.", "Stop.", "Attendez.",
    "Un conseiller.", "Au revoir.", "C'est fait.", "Le four.", "Ça ne marche pas.", "Laquelle ?",
    "Moins vite.", "Non, pas celui-là.", "Le voyant clignote toujours.", "Le tuyau de vidange ?",
    "Je ne trouve pas le bouton.",
)  # fmt: skip
BROADCAST = (
    "Le temps restera couvert cet après-midi sur la moitié nord du pays.",
    "Le ministre a présenté ce matin un nouveau plan pour les transports.",
    "Et voici maintenant les titres de l'actualité internationale.",
    "Vous pensez vraiment que Martine va revenir à la maison ce soir ?",
    "Il marque à la dernière minute, et tout le stade se lève.",
    "Pour réussir cette tarte, battez les œufs avec le sucre.",
    "Les prix de l'immobilier ont baissé de trois pour cent en un an.",
    "Bonsoir à tous, merci d'être avec nous pour cette émission.",
    "La police a retrouvé la voiture près de la frontière.",
    "C'est la bonne réponse, et vous gagnez dix mille euros !",
    "Les premiers candidats arrivent sur la plage de l'île.",
    "On se retrouve tout de suite après la publicité.",
)
LINES = ("telephone", "gsm", "telephone kitchen 15 dB", "telephone kitchen 5 dB")
LENGTHS_S = (1.0, 1.5, 2.0, 2.5)
TELEVISIONS, COUGHS, MURMURS = 40, 12, 15
FIRST_SEED = 900
"""The limits were chosen on the seeds below it, and on three of the five voices."""

MIDDLE_S = 4.0
"""Left of the answer that is talked over."""

VARIES_DB = 3.0
"""How much louder or fainter one turn of a caller is than another, standard deviation."""

VOCABULARY = ("SN23", "FR610P", "LV450", "code d'erreur.")


def spoken(settings: Settings, texts: Sequence[str]) -> dict[tuple[str, str], Samples]:
    """Each text by each voice, 16 kHz, by text and voice."""
    said: dict[tuple[str, str], Samples] = {}
    for speaker in (NATIVE, *ACCENTED):
        voice = caller_voice(settings, speaker)
        try:
            voice.prepare(texts, RECOGNISER_RATE_HZ)  # kept on disk
            for text in texts:
                said[text, speaker] = asyncio.run(voice.speak(text, RECOGNISER_RATE_HZ))
        finally:
            voice.close()
    return said


def clips(
    said: dict[tuple[str, str], Samples], broadcast: Sequence[Samples]
) -> Iterator[tuple[str, str, Samples]]:
    """Group, text and sound at 8 kHz of all that is heard over the agent."""
    random = np.random.default_rng(FIRST_SEED)
    for (text, _), samples in said.items():
        group = "listener" if text in LISTENERS else "words"
        for line in LINES if group == "words" else LINES[:1]:
            arrived, _ = received(CONDITIONS[line], samples, RECOGNISER_RATE_HZ)
            yield f"{group}, {line}", text, varied(arrived, random)
    for voices in (3, 1):
        for seed in range(FIRST_SEED, FIRST_SEED + TELEVISIONS):
            random = np.random.default_rng(seed)
            count = int(random.choice(LENGTHS_S) * RECOGNISER_RATE_HZ)
            heard = sounds.television(count, RECOGNISER_RATE_HZ, random, broadcast, voices)
            group = f"television, {voices} at a time"
            yield group, f"television {seed}", sent(at_level(heard, TELEVISION_DB), seed)
    for seed in range(FIRST_SEED, FIRST_SEED + COUGHS):
        cough = sounds.cough(RECOGNISER_RATE_HZ, np.random.default_rng(seed))
        yield "cough", f"cough {seed}", sent(at_level(cough, 0.0), seed)
    for seed in range(FIRST_SEED, FIRST_SEED + MURMURS):
        hummed = sounds.murmur(RECOGNISER_RATE_HZ, np.random.default_rng(seed))
        yield "listener, humming", f"mm {seed}", sent(at_level(hummed, -6.0), seed)


def varied(clip: Samples, random: np.random.Generator) -> Samples:
    """A clip as loud as it happens to be said."""
    return to_int16(to_float(clip) * 10 ** (VARIES_DB * random.standard_normal() / 20))


def usual_level_db(said: dict[tuple[str, str], Samples]) -> float:
    """Of the callers' clear words on the telephone, dB below full scale."""
    lines = [received(CONDITIONS[LINES[0]], said[text, NATIVE], RECOGNISER_RATE_HZ)[0]
             for text in WORDS]  # fmt: skip
    return float(np.median([speech_level_db(clip, TELEPHONE_RATE_HZ) for clip in lines]))


def goes_on(found: Transcript, below_db: float) -> bool:
    """Whether the agent would go on with an answer of which much is left."""
    event = Heard(
        found.text, interrupting=True, alternatives=found.alternatives, unheard_s=MIDDLE_S,
        logprob=found.logprob, no_speech=found.no_speech, below_db=max(0.0, below_db),
    )  # fmt: skip
    return is_no_interruption(event, reading_of(event, Phase.LISTENING))


def main() -> None:
    """Hear all of them and tell."""
    settings = load_settings()
    transcriber = WhisperTranscriber(model_path(settings, f"whisper-{settings.whisper}"), workers=1)
    groups: dict[str, list[tuple[str, Transcript, float]]] = {}
    said = spoken(settings, (*LISTENERS, *WORDS))
    broadcast = list(spoken(settings, BROADCAST).values())
    usual_db = usual_level_db(said)
    for group, text, clip in clips(said, broadcast):
        below_db = usual_db - speech_level_db(clip, TELEPHONE_RATE_HZ)
        around = np.concatenate([np.zeros(4000, np.int16), clip, np.zeros(1600, np.int16)])
        found = asyncio.run(transcriber.transcribe(around, TELEPHONE_RATE_HZ, VOCABULARY))
        groups.setdefault(group, []).append((text, found, below_db))
    transcriber.close()
    for group, heard in groups.items():
        rate = rate_of([goes_on(one, below_db) for _, one, below_db in heard])
        print(f"{group:32} {len(heard):4d}  the agent goes on {rate}")
        for text, one, below_db in heard:
            if goes_on(one, below_db) is group.startswith("words"):
                print(
                    f"    « {text} » heard « {one.text} » {one.logprob:.2f} {one.no_speech:.2f}, "
                    f"{below_db:.0f} dB below"
                )


if __name__ == "__main__":
    main()

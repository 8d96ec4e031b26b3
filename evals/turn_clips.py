"""What callers say with pauses in the middle, and what they say in one go: clips for end of turn.

A sentence is spoken whole, so that its first part has the melody of something that goes on, and is
cut at the quietest place near where that part ends; the pause is put there. So it is known to the
sample where the last word ends.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from agent.audio import (
    RECOGNISER_RATE_HZ,
    Samples,
    to_float,
    to_int16,
    trim_leading_silence,
    trim_trailing_silence,
)
from agent.settings import Settings
from evals.callers import caller_voice
from evals.line import Condition, received, stretched
from evals.noise import speaker_of

Kind = Literal["clauses", "hesitation", "number", "slow", "complete"]

PAUSES_S = (0.3, 0.6, 0.9, 1.2)
SLOW_SPEED = 0.75
SLOW_PAUSE_S = 0.9
LEAD_S = 0.5
"""Line noise before the first word: as much as Smart Turn looks back, so that the models see the
same whether the clip runs at the ear's pace or faster."""

TAIL_S = 3.2
"""After the last word: longer than the longest wait that is tried."""

REACH_S = 0.35
"""How far from its expected place a cut may be."""

CLAUSES = (
    ("Mon lave-linge affiche un code,", "et il ne veut plus vidanger."),
    ("J'ai mis le lave-vaisselle en route ce matin,", "mais il s'est arrêté au milieu."),
    ("Quand j'ouvre la porte du four,", "il y a de l'eau qui coule."),
    ("Je voudrais nettoyer le filtre,", "mais je ne sais pas où il se trouve."),
    ("Ça fait du bruit à l'essorage,", "comme si quelque chose tapait."),
    ("J'ai acheté la plaque il y a deux ans,", "est-ce qu'elle est encore sous garantie ?"),
    ("Le réfrigérateur est trop froid,", "j'ai du givre sur la paroi du fond."),
    ("J'ai bien fermé le robinet,", "et maintenant je fais quoi ?"),
)
HESITATIONS = (
    ("Alors euh,", "c'est pour mon lave-vaisselle."),
    ("C'est pour mon", "sèche-linge qui ne chauffe plus."),
    ("Il y a écrit", "E vingt-quatre sur l'écran."),
    ("Attendez, je regarde,", "c'est le modèle V S trois cent vingt."),
    ("La touche avec le", "petit flocon clignote."),
    ("Bonjour, voilà,", "j'ai un souci avec ma hotte."),
)
NUMBERS = (
    ("Zéro six, trente-neuf,", "quatre-vingt-dix-huit,", "douze, trente-quatre."),
    ("Zéro six,", "trente-neuf, quatre-vingt-dix-huit,", "quarante-cinq, soixante."),
    ("Zéro un, quatre-vingt-dix-neuf,", "zéro zéro,", "dix-sept, vingt-deux."),
    ("Zéro deux, soixante et un,", "quatre-vingt-onze, zéro huit, quinze."),
    ("C'est le zéro quatre,", "soixante-cinq, soixante et onze,", "trente, trente et un."),
    ("Zéro cinq, trente-six,", "quarante-neuf, soixante-dix-huit, zéro trois."),
)
COMPLETE = (
    "Oui.",
    "Non merci.",
    "D'accord, c'est fait.",
    "E vingt-quatre.",
    "C'est un lave-vaisselle.",
    "Comment nettoyer le filtre de la pompe ?",
    "Mon four ne chauffe plus.",
    "Je voudrais parler à un conseiller, s'il vous plaît.",
    "Quelle est la durée de la garantie ?",
    "Le bac à glaçons reste coincé.",
    "Il affiche le code F zéro sept depuis ce matin.",
    "Zéro six, trente-neuf, quatre-vingt-dix-huit, douze, trente-quatre.",
    "Et après, je dois appuyer sur quelle touche ?",
    "Non, c'est la deuxième fois que ça arrive cette semaine.",
    "Le linge ressort trempé et ça sent le brûlé.",
    "Bonjour, ma hotte fait un bruit d'avion quand je la mets à fond.",
)


@dataclass(frozen=True)
class Plan:
    """What is to be said: parts with a pause between them, one part if it is complete."""

    kind: Kind
    parts: tuple[str, ...]
    pause_s: float = 0.0
    speed: float = 1.0


@dataclass(frozen=True)
class Clip:
    """A plan as it sounds on a line at 8 kHz.

    Attributes:
        plan: What is said.
        samples: Noise of the line before and after included.
        ends_s: Where the last word ends, seconds from the first sample.
    """

    plan: Plan
    samples: Samples
    ends_s: float


def plans(pauses_s: Sequence[float] = PAUSES_S) -> list[Plan]:
    """Everything that is said: each kind with each pause, then slow and complete ones."""
    paused: tuple[tuple[Kind, Sequence[tuple[str, ...]]], ...] = (
        ("clauses", CLAUSES), ("hesitation", HESITATIONS), ("number", NUMBERS),
    )  # fmt: skip
    return [
        *[
            Plan(kind, parts, pause_s)
            for pause_s in pauses_s
            for kind, texts in paused
            for parts in texts
        ],
        *[Plan("slow", parts, SLOW_PAUSE_S, SLOW_SPEED) for parts in CLAUSES],
        *[Plan("complete", (text,)) for text in COMPLETE],
    ]


def parts_spoken(
    settings: Settings, wanted: Sequence[Plan]
) -> dict[tuple[str, ...], list[Samples]]:
    """The parts of each plan by its own caller, 16 kHz, silence trimmed (blocks; cached)."""
    texts = list(dict.fromkeys(plan.parts for plan in wanted))
    said: dict[tuple[str, ...], list[Samples]] = {}
    for speaker in dict.fromkeys(speaker_of(" ".join(parts)) for parts in texts):
        own = [parts for parts in texts if speaker_of(" ".join(parts)) == speaker]
        voice = caller_voice(settings, speaker)
        try:
            voice.prepare(
                [text for parts in own for text in (*parts, " ".join(parts))], RECOGNISER_RATE_HZ
            )
            for parts in own:
                whole = asyncio.run(voice.speak(" ".join(parts), RECOGNISER_RATE_HZ))
                alone = [asyncio.run(voice.speak(part, RECOGNISER_RATE_HZ)) for part in parts]
                said[parts] = cut(_trimmed(whole), [_trimmed(part).size for part in alone])
        finally:
            voice.close()
    return said


def cut(whole: Samples, sizes: Sequence[int]) -> list[Samples]:
    """A sentence cut where its parts meet, silence trimmed.

    Args:
        whole: The sentence, 16 kHz.
        sizes: Samples of each part when it is spoken alone: about where the cuts are.
    """
    window, reach = int(0.05 * RECOGNISER_RATE_HZ), int(REACH_S * RECOGNISER_RATE_HZ)
    power = np.convolve(whole.astype(np.float64) ** 2, np.ones(window) / window, "same")
    places = [0]
    for share in np.cumsum(sizes)[:-1] / sum(sizes):
        first = max(places[-1] + 1, int(share * whole.size) - reach)
        near = power[first : int(share * whole.size) + reach]
        places.append(first + int(near.argmin()) if near.size else first)
    return [
        _trimmed(whole[at:to]) for at, to in zip(places, [*places[1:], whole.size], strict=True)
    ]


def _trimmed(samples: Samples) -> Samples:
    leading = trim_leading_silence(samples, RECOGNISER_RATE_HZ, 0)
    return trim_trailing_silence(leading, RECOGNISER_RATE_HZ, 0)


def on_a_line(
    plan: Plan, parts: Sequence[Samples], condition: Condition, talkers: Sequence[Samples] = ()
) -> Clip:
    """A plan's parts with their pauses, as they arrive under a condition.

    Args:
        plan: What is said.
        parts: Its parts, 16 kHz.
        condition: Of the line; its own speed must be 1.
        talkers: For a television.
    """
    spoken = [
        to_int16(stretched(to_float(part).astype(np.float64), RECOGNISER_RATE_HZ, plan.speed))
        for part in parts
    ]
    joined = [silence(LEAD_S)]
    for part in spoken:
        joined += [part, silence(plan.pause_s)]
    whole = np.concatenate([*joined[:-1], silence(TAIL_S)])
    seed = int.from_bytes(hashlib.sha256(repr(plan).encode()).digest()[:4], "big")
    samples, _ = received(condition, whole, RECOGNISER_RATE_HZ, seed, talkers)
    return Clip(plan, samples, whole.size / RECOGNISER_RATE_HZ - TAIL_S)


def silence(seconds: float) -> Samples:
    """Nothing, 16 kHz."""
    return np.zeros(round(seconds * RECOGNISER_RATE_HZ), np.int16)

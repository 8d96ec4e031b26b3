"""What callers hear that is known before they call: the greeting, and what is made ready of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from agent.audio import TELEPHONE_RATE_HZ
from agent.call.speaking import eager, parts_of
from agent.call.voice import PiperPool, Voice
from agent.speakers import Speakers
from agent.store.clients import Client
from knowledge.compose import OPENINGS
from voices.french import sentences
from voices.prompts import fixed_openings, fixed_sentences, greeting
from voices.pronunciations import pronouncer


def prepare_sentences(
    voice: PiperPool, clients: Sequence[Client], speakers: Speakers | None = None
) -> None:
    """Render what can be said without knowing the call, so that it is heard at once."""
    voice.prepare(_fixed_parts(), TELEPHONE_RATE_HZ, voice.native_rate_hz)  # telephone, browser
    for client in clients:
        prepare_client(voice if speakers is None else speakers.of(client.voice, voice), client)


def prepare_client(voice: Voice, client: Client) -> None:
    """Render what a client's callers hear that others do not: its greeting first."""
    if not isinstance(voice, PiperPool):  # a remote one prepares itself
        return
    pronounce = pronouncer(client.said)
    greetings = (greeting_of(client, recorded=recorded) for recorded in recordings_of(client))
    own = [part for text in greetings for part in parts_of(pronounce(text))]
    usual = client.pace == 1.0 and client.voice == ""
    own += [
        pronounce(part) for part in _fixed_parts() if pronounce(part) != part or not usual
    ]  # fmt: skip
    rates = (TELEPHONE_RATE_HZ, voice.native_rate_hz)
    voice.prepare(list(dict.fromkeys(own)), *rates, pace=client.pace)


def greeting_of(client: Client, *, recorded: bool) -> str:
    """The first words that a client's callers hear, as they are written."""
    return greeting(
        client.name,
        recorded=recorded,
        own=client.greeting_sentence,
        notice=client.recording_notice,
    )


def recordings_of(client: Client) -> tuple[bool, ...]:
    """Whether its calls are recorded: some are and some are not where it is a sample."""
    if not client.recording:
        return (False,)
    return (True,) if client.recording_percent == 100 else (True, False)


@cache
def _fixed_parts() -> tuple[str, ...]:
    """What every client's callers may hear, in the pieces in which it is said."""
    openings = [text for choices in OPENINGS.values() for text in choices]
    whole = [*fixed_sentences(), *(part for text in openings for part in sentences(text))]
    # Where they come first, some are cut at a clause.
    parts = [*whole, *fixed_openings(), *(part for text in whole for part in eager([text]))]
    return tuple(dict.fromkeys(parts))

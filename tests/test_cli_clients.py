"""The commands about clients and recordings as a user meets them; no model is loaded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.call.record import CallRecord, recording_of
from agent.opening import open_database
from agent.settings import load_settings
from agent.store.calls import CallStore
from agent.store.clients import Client, ClientStore
from tests.commands import Permanence, Ran, commands


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with the client `essai`."""
    monkeypatch.setenv("PERMANENCE_HOME", str(tmp_path))
    database = open_database(load_settings())
    ClientStore(database).add("essai", "Essai")
    database.close()
    return tmp_path


@pytest.fixture
def permanence(
    home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Permanence:
    """Runs `permanence ARGUMENTS` in this process."""

    return commands(monkeypatch, capfd)


def recorded(home: Path, call_id: str, days: float, number: str | None = None) -> Path:
    """The recording of a call so many days ago."""
    settings = load_settings()
    path = settings.data_dir / recording_of("essai", call_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"RIFF")
    database = open_database(settings)
    started_at = datetime.now(UTC) - timedelta(days=days)
    record = CallRecord(call_id, "essai", started_at, number)
    record.recording = recording_of("essai", call_id)
    CallStore(database).save(record)
    database.close()
    return path


def test_a_client_is_recorded_when_it_wants_it(permanence: Permanence) -> None:
    """By default it is not; the list marks who is."""
    permanence("client", "add", "nordal", "--name", "Nordal & Fils")
    assert permanence("client", "list").out == "essai\tEssai\nnordal\tNordal & Fils\n"
    assert permanence("client", "set", "nordal", "--recording") == Ran(0, "nordal: recorded\n", "")
    listed = permanence("client", "list").out
    assert listed == "essai\tEssai\nnordal\tNordal & Fils\trecorded\n"
    again = permanence("client", "set", "nordal", "--no-recording")
    assert again.out == "nordal: not recorded\n"
    assert "recorded" not in permanence("client", "list").out


def test_what_cannot_be_set_is_one_sentence(permanence: Permanence) -> None:
    """A client that is not there, and nothing to change."""
    sentence = permanence("client", "set", "inconnu", "--recording").sentence
    assert "There is no client 'inconnu' (there is: essai)" in sentence
    assert "--recording or --no-recording" in permanence("client", "set", "essai").sentence


def test_a_word_is_spoken_otherwise(permanence: Permanence) -> None:
    """Set, listed, taken back."""
    said = permanence("client", "say", "essai", "Whirlpool", "ouirlpoule")
    assert said == Ran(0, "Whirlpool: ouirlpoule\n", "")
    permanence("client", "say", "essai", "aeg", "a é gé")
    assert permanence("client", "say", "essai").out == "aeg: a é gé\nWhirlpool: ouirlpoule\n"
    assert permanence("client", "say", "essai", "AEG").out == "Whirlpool: ouirlpoule\n"
    assert "no pronunciation of 'AEG'" in permanence("client", "say", "essai", "AEG").sentence
    assert permanence("client", "say", "essai").out == "Whirlpool: ouirlpoule\n"
    assert "There is no client 'inconnu'" in permanence("client", "say", "inconnu").sentence


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("", "ou"), "A word cannot be ''; write 1 to 60 characters with a letter among them."),
        (("450", "ou"), "A word cannot be '450'; write 1 to 60 characters"),
        (("W", ""), "A pronunciation cannot be ''; write 1 to 100 characters"),
        (("W", "12"), "A pronunciation cannot be '12'; write 1 to 100 characters"),
        (("W", "é" * 200), f"A pronunciation cannot be '{'é' * 30}…'; write 1 to 100 characters"),
    ],
)
def test_a_word_that_cannot_be_spoken_so(
    permanence: Permanence, arguments: tuple[str, str], sentence: str
) -> None:
    """One sentence says what can."""
    assert sentence in permanence("client", "say", "essai", *arguments).sentence


def test_old_recordings_are_purged(permanence: Permanence, home: Path) -> None:
    """Six months unless less is asked for."""
    old, young = recorded(home, "c1", 181), recorded(home, "c2", 20)
    assert permanence("recordings", "purge") == Ran(0, "Deleted recordings: 1\n", "")
    assert (old.exists(), young.exists()) == (False, True)
    assert permanence("recordings", "purge", "--older-than-days", "10").out.endswith(": 1\n")
    assert not young.exists()


@pytest.mark.parametrize("days", ["181", "100000000000", "-1"])
def test_recordings_are_kept_for_six_months_at_most(permanence: Permanence, days: str) -> None:
    """More is refused with one sentence."""
    sentence = permanence("recordings", "purge", "--older-than-days", days).sentence
    assert sentence == f"Recordings cannot be kept for {days} days; give 0 to 180."


@pytest.mark.parametrize("number", ["0639981234", "06 39 98 12 34", "+33 6 39 98 12 34",
                                    "0033639981234", "06.39.98.12.34"])  # fmt: skip
def test_a_callers_recordings_are_erased(permanence: Permanence, home: Path, number: str) -> None:
    """However the number is written."""
    mine, other = recorded(home, "c1", 1, "0639981234"), recorded(home, "c2", 1, "0639985678")
    assert permanence("recordings", "erase", number) == Ran(0, "Deleted recordings: 1\n", "")
    assert (mine.exists(), other.exists()) == (False, True)


@pytest.mark.parametrize("number", ["", "Durand", "+"])
def test_what_is_no_number_is_one_sentence(permanence: Permanence, number: str) -> None:
    """Nothing is erased."""
    assert "is no telephone number" in permanence("recordings", "erase", number).sentence


def test_hours(permanence: Permanence, home: Path) -> None:
    """Kept as they were written, told with whether somebody is there; nonsense changes nothing."""
    assert "aucun horaire" in permanence("client", "hours", "essai").out
    file = home / "horaires.txt"
    file.write_text("tous les jours 24h/24\nfériés 24h/24\n", "utf-8")
    told = permanence("client", "hours", "essai", str(file)).out
    assert told.startswith("tous les jours 24h/24\nfériés 24h/24\nOuvert en ce moment ; fermeture ")
    file.write_text("lundi 9h-12h\nmardii 9h-12h\n", "utf-8")
    refused = permanence("client", "hours", "essai", str(file)).sentence
    assert refused.startswith("Ligne 2 : « mardii 9h-12h » n'est pas compris.")
    assert refused.endswith("Les horaires n'ont pas changé.")
    assert permanence("client", "hours", "essai").out == told
    file.write_bytes(b"\xff\xfe")
    assert "UTF-8" in permanence("client", "hours", "essai", str(file)).sentence
    assert "ne peut pas être lu" in permanence("client", "hours", "essai", "absent.txt").sentence
    file.write_text("tous les jours fermé", "utf-8")
    assert "sans réouverture prévue" in permanence("client", "hours", "essai", str(file)).out
    assert "no client" in permanence("client", "hours", "inconnu").sentence


def test_who_answers_first_is_set(permanence: Permanence) -> None:
    """Kept, with the rings; what cannot be is one sentence and changes nothing."""
    assert permanence("client", "answering", "essai", "overflow", "--rings", "4").out == (
        "essai: operators are rung first; rings before the agent answers: 4\n"
    )
    assert permanence("client", "answering", "essai", "always").out == (
        "essai: the agent answers first\n"
    )
    assert permanence("client", "answering", "essai", "overflow").out.endswith(": 4\n")
    for wrong in (["never"], ["overflow", "--rings", "0"], ["always", "--rings", "11"]):
        assert "cannot be" in permanence("client", "answering", "essai", *wrong).sentence
    assert "no client 'inconnu'" in permanence("client", "answering", "inconnu", "always").sentence
    client = kept()
    assert (client.answering, client.overflow_rings) == ("overflow", 4)


def test_how_operators_are_rung_is_set(permanence: Permanence) -> None:
    """Together unless it is said otherwise."""
    assert kept().ringing == "together"
    said = permanence("client", "ringing", "essai", "in-turn").out
    assert said == "essai: operators are rung in turn\n"
    assert kept().ringing == "in_turn"
    sentence = permanence("client", "ringing", "essai", "at-random").sentence
    assert sentence == "ringing cannot be 'at_random'; choose together or in_turn."
    assert permanence("client", "ringing", "essai", "together").code == 0


def kept() -> Client:
    """The client as it is kept."""
    database = open_database(load_settings())
    try:
        return ClientStore(database).get("essai")
    finally:
        database.close()

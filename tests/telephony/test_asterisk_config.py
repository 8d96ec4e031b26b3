"""The exchange's files: complete, and nothing that anybody writes or sends can break one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from agent.telephony.asterisk.checking import RESTART, reload_commands
from agent.telephony.asterisk.config import render, write
from agent.telephony.asterisk.media import (
    Flow,
    KeyPressed,
    MarkHeard,
    MediaStart,
    command,
    parse_event,
)
from agent.telephony.asterisk.values import BadValuesError, Values, read_values
from agent.telephony.media_protocol import GarbageError

EXAMPLE = Path(__file__).parents[2] / "agent/telephony/asterisk/example.toml"
NUMBERS = {"+33199001234": "orvane"}
TRUNK = '[trunk]\nhost = "sip.operator.example"\nmatch = ["192.0.2.10/32"]\n'
AGENT = '[agent]\npassword = "a-long-password"\n'


def values_of(**changed: Any) -> Values:
    """Values of a small installation."""
    return Values.model_validate(
        {
            "trunk": {"host": "sip.operator.example", "match": ["192.0.2.10/32"]},
            "agent": {"password": "a-long-password"},
            **changed,
        }
    )


def test_example_can_be_used_and_names_everything(tmp_path: Path) -> None:
    """What is printed is read as it is; with every line in force, it is read too."""
    read_values(EXAMPLE)
    text = re.sub(r"^# (?=[\[a-z_]+.*[=\]])", "", EXAMPLE.read_text("utf-8"), flags=re.M)
    lines = text.splitlines()
    first = [line for line in lines if line.startswith("outside")]
    file = tmp_path / "values.toml"
    file.write_text("\n".join([*first, *(line for line in lines if line not in first)]), "utf-8")
    values = read_values(file)
    assert values.outside == ("+33639981234",)
    assert values.fallback["orvane"].phones == ("101",)
    assert values.trunk.register_there


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "trunk"),
        (TRUNK, "agent"),
        (TRUNK + '[agent]\npassword = "short"\n', "agent.password"),
        (TRUNK + '[agent]\npassword = "a;comment;password"\n', "agent.password"),
        (TRUNK + AGENT + 'ring = 1\n', "agent.ring"),
        (TRUNK.replace("sip.operator", "sip operator") + AGENT, "trunk.host"),
        (TRUNK.replace("192.0.2.10/32", "anywhere") + AGENT, "trunk.match"),
        (TRUNK + "register = true\n" + AGENT, "username and a password"),
        (TRUNK + AGENT + "[network]\nrtp = [10000, 10010]\n", "network.rtp"),
        (TRUNK + AGENT + '[fallback.orvane]\nphones = ["101"]\n', "no telephone 101"),
        (TRUNK + AGENT + '[fallback.orvane]\nnumbers = ["+33899001234"]\n', "add it to outside"),
        ("[trunk\n", "not TOML"),
    ],
)  # fmt: skip
def test_bad_values_are_one_sentence_that_names_the_place(
    tmp_path: Path, text: str, said: str
) -> None:
    """Each says where; none is several lines long."""
    file = tmp_path / "values.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(BadValuesError) as raised:
        read_values(file)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_missing_file_says_how_to_begin(tmp_path: Path) -> None:
    """There is a command that shows an example."""
    with pytest.raises(BadValuesError, match="permanence asterisk example"):
        read_values(tmp_path / "none.toml")


@pytest.mark.parametrize(
    "changed",
    [
        {"fallback": {"orvane": {"phones": ["500&PJSIP/x"]}}},
        {"fallback": {"orvane": {"numbers": ["+33639981234@trunk&PJSIP/+331"]}}},
        {"fallback": {"or,vane": {}}},
        {"outside": ["0899001234"]},
        {"outside": ["+33639981234\n"]},
        {"outside": ["+33639981234\nexten => x"]},
        {"phones": {"101]": {"password": "a-long-password"}}},
        {"phones": {"101": {"password": "a-long\npassword"}}},
        {"phones": {"101": {"password": "a-long password"}}},
        {"agent": {"password": "a-long-password", "url": "ws://x/;y"}},
        {"folders": {"sounds": "/var/${SHELL(id)}"}},
        {"trunk": {"host": "sip.operator.example\n[x]", "match": ["192.0.2.10/32"]}},
    ],
)  # fmt: skip
def test_nothing_that_means_something_to_asterisk_is_taken(changed: dict[str, Any]) -> None:
    """Dial strings, line breaks, comments, other sections, variables."""
    with pytest.raises(ValueError, match=r"should match|valid"):
        values_of(**changed)


def test_files_are_whole_and_hold_no_gap() -> None:
    """Every place is filled in; no file loads a module by itself."""
    files = render(values_of(phones={"101": {"password": "a-long-password"}}), NUMBERS)
    assert "extensions.conf" in files
    assert not [name for name, text in files.items() if "<<" in text or ">>" in text]
    assert "autoload = no" in files["modules.conf"]


def test_secrets_of_any_allowed_sign_stay_on_their_line() -> None:
    """A password may hold every printable sign but a space and a semicolon."""
    secret = "".join(chr(sign) for sign in range(33, 127) if chr(sign) != ";")
    files = render(
        values_of(agent={"password": secret}, phones={"101": {"password": secret}}), NUMBERS
    )
    assert f"\npassword = {secret}\n" in files["pjsip.conf"]
    assert f"\npassword = {secret}\n" in files["ari.conf"]
    assert f"\npassword = {secret}\n" in files["websocket_client.conf"]


def test_text_of_callers_never_reaches_an_application() -> None:
    """Of what a caller sends, only what a filter lets through is used."""
    text = render(values_of(), NUMBERS)["extensions.conf"]
    used = re.findall(r"\$\{CALLERID\((\w+)\)", text)
    filtered = re.findall(r"\$\{FILTER\(\+0-9,\$\{CALLERID\((\w+)\)", text)
    assert sorted(set(used) - {"pres"}) == sorted(set(filtered))
    assert "${EXTEN}" not in text
    assert "System(" not in text
    assert "SHELL(" not in text


def test_only_outside_numbers_that_are_listed_can_be_dialled() -> None:
    """No pattern lets another one through, and a telephone dials nobody."""
    files = render(values_of(outside=["+33639981234"]), NUMBERS)
    dialled = re.findall(r"PJSIP/(\+?\d+)@trunk", files["extensions.conf"])
    assert set(dialled) <= {"+33639981234"}
    assert "context = nowhere" in render(
        values_of(phones={"101": {"password": "a-long-password"}}), NUMBERS
    )["pjsip.conf"]  # fmt: skip


def test_each_way_to_write_a_number_leads_to_its_client() -> None:
    """+33…, 33…, 0033… and 0…; a number of another country has no short form."""
    text = render(values_of(), {"+33199001234": "orvane", "+3225550123": "bora"})["extensions.conf"]
    exact = set(re.findall(r"^exten => ([+\d]+),1,Set\(CLIENT=", text, re.M))
    assert exact == {
        "+33199001234", "33199001234", "0033199001234", "0199001234",
        "+3225550123", "3225550123", "003225550123",
    }  # fmt: skip


def test_written_files_are_nobody_elses_to_read(tmp_path: Path) -> None:
    """They hold passwords; nothing half-written is left."""
    write(render(values_of(), NUMBERS), tmp_path)
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o640}
    assert not list(tmp_path.rglob(".*"))


def test_reload_is_as_small_as_it_can_be() -> None:
    """New numbers need no restart; other modules do."""
    assert reload_commands(["extensions.conf", "pjsip.conf"]) == [
        "dialplan reload", "module reload res_pjsip.so",
    ]  # fmt: skip
    assert reload_commands(["extensions.conf", "modules.conf"]) == [RESTART]


START = '{"event":"MEDIA_START","channel_id":"1.2","format":"alaw","optimal_frame_size":160}'


@pytest.mark.parametrize(
    ("text", "event"),
    [
        (START, MediaStart("1.2", "alaw")),
        (START.replace("alaw", "slin16"), MediaStart("1.2", "slin16")),
        ('{"event":"DTMF_END","digit":"#"}', KeyPressed("#")),
        ('{"event":"MEDIA_XOFF"}', Flow(open=False)),
        ('{"event":"MEDIA_XON"}', Flow(open=True)),
        ('{"event":"MEDIA_MARK_PROCESSED","correlation_id":"7"}', MarkHeard("7")),
        ('{"event":"QUEUE_DRAINED"}', None),
    ],
)  # fmt: skip
def test_events_of_the_media_socket(text: str, event: object) -> None:
    """Each as Asterisk 22 writes it."""
    assert parse_event(text) == event


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{}", "{", '{"event":"DTMF_END","digit":"12"}', '{"event":"DTMF_END"}',
        START.replace("alaw", "opus"), "[" * 10_000, "x" * 20_000,
    ],
)  # fmt: skip
def test_garbage_of_the_media_socket(text: str) -> None:
    """Nothing else is taken for an event."""
    with pytest.raises(GarbageError):
        parse_event(text)


def test_commands_are_short_enough_for_asterisk() -> None:
    """It drops a text of more than 128 bytes without a word."""
    assert command("FLUSH_MEDIA") == '{"command":"FLUSH_MEDIA"}'
    assert command("MARK_MEDIA", "12") == '{"command":"MARK_MEDIA","correlation_id":"12"}'

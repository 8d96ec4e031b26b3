"""A real exchange under attack: malformed messages and greedy dial strings during a good call."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.settings import Settings
from agent.telephony.asterisk.config import render, write
from agent.telephony.asterisk.values import Values
from evals import sip_torture
from evals.sip_attack import (
    EXTENSION,
    FILTER,
    OUTSIDE,
    SECRET,
    Attack,
    calls_out,
    under_attack,
    would_ban,
)
from evals.sip_ground import ground

pytestmark = [pytest.mark.timeout(900), pytest.mark.alone]

STAMP = "[2026-11-27 12:33:58.967] SECURITY[49] res_security_log.c: "
EVENT = 'EventTV="2026-11-27T12:33:58.967+0000",Severity="Error",Service="PJSIP",EventVersion="1"'
HERE = 'LocalAddress="IPV4/UDP/192.0.2.2/5060",RemoteAddress="IPV4/UDP/198.51.100.7/50195"'
FORGED = 'RemoteAddress="IPV4/UDP/192.0.2.9/5060"'


def line(kind: str, account: str = "x", session: str = "y", after: str = "") -> str:
    """A line of Asterisk's security log."""
    head = f'{STAMP}SecurityEvent="{kind}",{EVENT},AccountID="{account}",SessionID="{session}"'
    return f"{head},{HERE}{after}"


def response(text: str) -> str:
    """What stands behind the address where a challenge was answered wrongly."""
    return f',Challenge="1/ab",Response="{text}",ExpectedResponse=""'


@pytest.fixture(scope="module")
def banning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The filter as it is written."""
    values = Values.model_validate(
        {
            "trunk": {"host": "sip.operator.example", "match": ["192.0.2.10/32"]},
            "agent": {"password": "a-long-password"},
        }
    )
    folder = tmp_path_factory.mktemp("etc")
    write(render(values, {}), folder)
    jail = (folder / "fail2ban/jail.d/permanence-sip.conf").read_text("utf-8")
    assert "ignoreip = 127.0.0.0/8 ::1 192.0.2.10/32\n" in jail
    assert "logpath = /var/log/asterisk/security.log\n" in jail
    return folder / FILTER


@pytest.mark.parametrize(
    "text",
    [
        line("InvalidAccountID"),
        line("InvalidAccountID", account=f'x",{FORGED}'),
        line("InvalidAccountID", session=f'c",{FORGED},A="'),
        line("FailedACL", after=',ACLName="this-machine"'),
        line("ChallengeResponseFailed", after=response("0" * 32)),
    ],
)
def test_who_tries_is_counted_whatever_they_call_themselves(banning: Path, text: str) -> None:
    """The address is Asterisk's own."""
    assert would_ban(banning, text) == {"198.51.100.7": 1}


@pytest.mark.parametrize(
    "text",
    [
        line("ChallengeSent", after=',Challenge=""'),
        line("SuccessfulAuth", after=',UsingPassword="1"'),
        line("ChallengeResponseFailed", after=response(f'z",{FORGED},Challenge="')),
        line("ChallengeResponseFailed", account=f'x",{FORGED},Challenge="', after=response("z")),
        line("ChallengeSent", account=f'x\n{STAMP}SecurityEvent="InvalidAc', after=response("z")),
        line("InvalidAccountID").replace("res_security_log", "app_verbose"),
    ],
)  # fmt: skip
def test_nobody_can_have_somebody_else_counted(banning: Path, text: str) -> None:
    """Neither by a name, nor by a Call-ID, nor by what they answer to a challenge."""
    assert not would_ban(banning, text)


def test_call_to_anything_but_the_agent_is_seen() -> None:
    """What the attack's own check would say of a dialplan that is open."""
    start = "[2026-11-27 12:00:00.000] VERBOSE[1][C-1] pbx.c: "
    good = f'{start}Executing [call@permanence:7] Dial("PJSIP/trunk-0", "WebSocket/permanence/c")'
    bad = f'{start}Executing [101@from-trunk:1] Dial("PJSIP/trunk-1", "PJSIP/101")'
    assert calls_out(f"{good}\n{bad}\n") == [
        '[101@from-trunk:1] Dial("PJSIP/trunk-1", "PJSIP/101")'
    ]


def test_no_dial_string_is_a_clients_number() -> None:
    """Else it would rightly be answered."""
    assert "0199001234" not in sip_torture.DIAL_STRINGS
    assert len(set(sip_torture.DIAL_STRINGS)) == len(sip_torture.DIAL_STRINGS)


@pytest.fixture(scope="module")
def attacked(exchange_settings: Settings) -> Iterator[Attack]:
    """Everything but the flood, once."""
    changes: Any = {"outside": (OUTSIDE,)}
    phones = {EXTENSION: SECRET}
    with ground(exchange_settings, max_calls=60, phones=phones, changes=changes) as raised:
        yield under_attack(raised, 0)


def test_all_is_as_it_has_to_be(attacked: Attack) -> None:
    """Nothing dies, nobody else is called, the good call goes on, a new one is answered."""
    assert [name for name, ok in attacked.checks.items() if not ok] == [], attacked
    assert len(attacked.checks) >= 14


def test_attack_arrived(attacked: Attack) -> None:
    """Refused one by one, and not lost on their way."""
    strings = attacked.figures["dial strings"]
    assert strings["404"] >= len(sip_torture.DIAL_STRINGS) - 10
    assert attacked.figures["malformed, from the stranger's address"]["401"] >= 10
    assert attacked.figures["fail2ban counts, by address"]

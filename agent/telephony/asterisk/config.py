"""Writes Asterisk's configuration: complete, commented, and with nothing that a call does not need.

Pure but for `write`. The templates' own text is never mixed with a caller's: what varies comes from
`Values`, whose fields hold no character that means something to Asterisk.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from agent.telephony.asterisk.values import Codec, Trunk, Values

ANSWER_S = 6
"""For the agent to answer a call that it was given; then the fallback."""

CONNECT_MS = 1500
"""For the agent's socket to open."""

ALIVE_S = 2
"""For the agent to say that it lives, before it is given a call."""

MISSED_BEATS = 3
"""Seconds without the agent's pulse after which its legs are hung up."""

FALLBACK_S = 25
"""How long people are rung when the agent cannot be had."""

OUTSIDE_S = 60
"""Longest that an outside number is rung."""

JOIN_S = 15
"""How long an operator who has accepted waits for the caller to be joined."""

RING_S = 5
"""One French ring: 1.5 s of tone, 3.5 s of silence."""

PAUSE_S = 7
"""Who says nothing for so long has finished their message."""

MESSAGE_BESIDE_S = 60
"""Beside a message: the tone before it, and the thanks."""

TOO_OFTEN = "too-often"
"""What the agent says of a call that it does not take because its caller rings too often."""

PHONE_SILENT_S = 8
"""An operator's telephone that brings no sound for so long is gone: a caller waits at the other
end."""

DIALPLANS_A_CALL, DIALPLANS_BESIDE = 3, 10
"""Ways through the dialplan at a time: a caller's, their operator's, one that ends the agent's leg,
or those of all who are rung while the agent cannot be had; and the exchange's own."""

RTP_SILENT_S = 20
"""A line that brings no sound for so long is gone."""


def render(values: Values, numbers: Mapping[str, str]) -> dict[str, str]:
    """All files, by their names.

    Args:
        values: Of the installation.
        numbers: Clients' slugs by the numbers that reach them, E.164.
    """
    filled = _filled(values, numbers)
    folder = resources.files("agent.telephony.asterisk") / "templates"
    return {
        name: _fill(entry.read_text(encoding="utf-8"), filled)
        for name, entry in sorted(_templates(folder), key=lambda found: found[0])
    }


def write(files: Mapping[str, str], folder: Path) -> None:
    """Write files, each at once or not at all, readable by their owner's group only."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_name(f".{file.name}.part")
        part.write_text(text, encoding="utf-8")
        part.chmod(0o640)
        part.replace(file)


def codec_of(trunk: Trunk) -> Codec:
    """The format of the agent's leg."""
    return "slin16" if trunk.wideband else "alaw"


def _templates(folder: Traversable, under: str = "") -> Iterator[tuple[str, Traversable]]:
    """All in a folder and in those within, by their names from there."""
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _templates(entry, f"{under}{entry.name}/")
        elif entry.name.endswith(".conf"):
            yield f"{under}{entry.name}", entry


def _filled(values: Values, numbers: Mapping[str, str]) -> dict[str, str]:
    limits, folders, network = values.limits, values.folders, values.network
    return {
        **folders.model_dump(),
        "max_channels": str(limits.calls),
        "max_dialplans": str(_dialplans_a_call(values) * limits.calls + DIALPLANS_BESIDE),
        "max_load": f"{limits.load:g}",
        "ari_port": str(network.ari_port),
        "ari_user": "permanence",
        "ari_password": values.agent.password,
        "media_url": values.agent.url,
        "media_password": values.agent.password,
        "connect_ms": str(CONNECT_MS),
        "rtp_start": str(network.rtp[0]),
        "rtp_end": str(network.rtp[1]),
        "sip": network.sip,
        "nat": _nat(values),
        "endpoints": "\n".join([_trunk(values.trunk), *_phones(values)]),
        "numbers": "\n".join(_numbers(values, numbers)),
        "outside": "\n".join(_outside(values)),
        "max_leg_s": str(limits.call_s + limits.talk_s),
        "max_message_s": str(limits.message_s + MESSAGE_BESIDE_S),
        "too_often": TOO_OFTEN,
        "screened": "\n".join(_screened(values)),
        "max_talk_s": str(limits.talk_s),
        "rings": _rings(values.agent.rings),
        "codec": codec_of(values.trunk),
        "answer_s": str(ANSWER_S),
        "alive_s": str(ALIVE_S),
        "alive_url": _alive_url(values.agent.url),
        "missed_beats": str(MISSED_BEATS),
        "join_s": str(JOIN_S),
        "fallback_s": str(FALLBACK_S),
        "pause_s": str(PAUSE_S),
        "message_s": str(limits.message_s),
        "never_banned": " ".join(
            str(net) for net in (*values.trunk.match, *values.network.local_networks)
        ),
    }


def _fill(text: str, filled: Mapping[str, str]) -> str:
    return re.sub(r"<<([a-z_]+)>>", lambda found: filled[found[1]], text)


def _alive_url(media_url: str) -> str:
    """Where the agent at a media socket says that it lives."""
    return f"{media_url.replace('ws', 'http', 1).rsplit('/asterisk/', 1)[0]}/healthz"


def _rings(count: int) -> str:
    if count == 0:
        return ""
    return f" same => n,Ringing()\n same => n,Wait({count * RING_S})\n"


def _nat(values: Values) -> str:
    network = values.network
    lines = [f"local_net = {net}" for net in network.local_networks]
    if network.external_address:
        lines.append(f"external_media_address = {network.external_address}")
        lines.append(f"external_signaling_address = {network.external_address}")
    return "\n".join(lines)


def _trunk(trunk: Trunk) -> str:
    codecs = "g722,alaw,ulaw" if trunk.wideband else "alaw,ulaw"
    auth = f"outbound_auth = trunk\nfrom_user = {trunk.username}\n" if trunk.username else ""
    parts = [
        f"""
[trunk]
type = endpoint
context = from-trunk
transport = udp
disallow = all
allow = {codecs}
aors = trunk
{auth}direct_media = no
rtp_symmetric = yes
force_rport = yes
rewrite_contact = yes
dtmf_mode = auto
trust_id_inbound = yes
send_pai = yes
rtp_timeout = {RTP_SILENT_S}
rtp_timeout_hold = 300
t38_udptl = no
allow_transfer = no
allow_subscribe = no
timers_sess_expires = 600

[trunk]
type = aor
contact = sip:{trunk.host}

[trunk]
type = identify
endpoint = trunk""",
        *(f"match = {net}" for net in trunk.match),
    ]
    if trunk.username:
        parts.append(
            f"\n[trunk]\ntype = auth\nauth_type = userpass\nusername = {trunk.username}\n"
            f"password = {trunk.password}"
        )
    if trunk.register_there:
        parts.append(
            f"\n[trunk]\ntype = registration\noutbound_auth = trunk\ntransport = udp\n"
            f"server_uri = sip:{trunk.host}\nclient_uri = sip:{trunk.username}@{trunk.host}\n"
            "retry_interval = 30\nmax_retries = 10000"
        )
    return "\n".join(parts)


def _phones(values: Values) -> list[str]:
    return [
        f"""
[{extension}]
type = endpoint
; An operator's telephone rings; it dials nobody.
context = nowhere
transport = udp
disallow = all
allow = alaw,ulaw,g722
auth = {extension}
aors = {extension}
direct_media = no
rtp_symmetric = yes
force_rport = yes
rewrite_contact = yes
rtp_timeout = {PHONE_SILENT_S}
rtp_timeout_hold = 300
allow_transfer = no
allow_subscribe = no

[{extension}]
type = auth
auth_type = userpass
username = {extension}
password = {phone.password}

[{extension}]
type = aor
max_contacts = 1
remove_existing = yes
qualify_frequency = 30
qualify_timeout = 3"""
        for extension, phone in values.phones.items()
    ]


def _numbers(values: Values, numbers: Mapping[str, str]) -> list[str]:
    """The numbers as trunks write them, each leading to its client."""
    lines = []
    for number, slug in sorted(numbers.items()):
        for form in _forms(number):
            lines += [
                f"exten => {form},1,Set(CLIENT={slug})",
                f" same => n,Set(NUMBER={number})",
                f" same => n,Set(FALLBACK={_fallback(values, slug)})",
                " same => n,Goto(permanence,call,1)",
            ]
    return lines


def _outside(values: Values) -> list[str]:
    return [
        f"exten => {number},1,Dial(PJSIP/{number}@trunk,{OUTSIDE_S})\n same => n,Hangup()"
        for number in values.outside
    ]


def _forms(number: str) -> list[str]:
    """A number as trunks write it: +33…, 33…, 0033…, and 0… for a French one."""
    digits = number.removeprefix("+")
    french = [f"0{digits[2:]}"] if digits.startswith("33") else []
    return [number, digits, f"00{digits}", *french]


def _fallback(values: Values, slug: str) -> str:
    those = values.fallback.get(slug)
    if those is None:
        return ""
    return "&".join(f"Local/{one}@screened/n" for one in (*those.phones, *those.numbers))


def _dialplans_a_call(values: Values) -> int:
    rung = (len(those.phones) + len(those.numbers) for those in values.fallback.values())
    return max(DIALPLANS_A_CALL, 1 + 2 * max(rung, default=0))


def _screened(values: Values) -> list[str]:
    """Telephones and numbers that are rung for a client while the agent cannot be had."""
    phones = {one for those in values.fallback.values() for one in those.phones}
    numbers = {one for those in values.fallback.values() for one in those.numbers}
    ways = [(one, f"PJSIP/{one}") for one in sorted(phones)]
    ways += [(one, f"PJSIP/{one}@trunk") for one in sorted(numbers)]
    return [
        f"exten => {name},1,Dial({way},{FALLBACK_S},U(screen^${{CLIENT}}))\n same => n,Hangup()"
        for name, way in ways
    ]

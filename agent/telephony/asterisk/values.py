"""What an installation's exchange is told: read from a TOML file, checked, with defaults."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, IPvAnyNetwork, StringConstraints, ValidationError

from agent.errors import PermanenceError

Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
"""What may stand as a name in Asterisk's files: nothing that begins another line or argument."""

Host = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.-]{1,200}(:[0-9]{1,5})?$")]
Secret = Annotated[str, StringConstraints(pattern=r"^[!-:<-~]{8,100}$")]
"""Printable, without space or semicolon, which begins a comment."""

Folder = Annotated[str, StringConstraints(pattern=r"^/[A-Za-z0-9/._+-]{1,200}$")]
E164 = Annotated[str, StringConstraints(pattern=r"^\+[1-9][0-9]{6,14}$")]
Extension = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{1,5}$")]


Codec = Literal["alaw", "slin16"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Network(_Section):
    """Where it listens.

    Attributes:
        sip: Address and UDP port of SIP.
        rtp: First and last UDP port of sound.
        external_address: Its public address, where it stands behind a router.
        local_networks: Those that reach it without that router.
        ari_port: TCP port of its commands, on this machine only.
    """

    sip: Host = "0.0.0.0:5060"
    rtp: tuple[Annotated[int, Field(ge=1024, le=65535)], Annotated[int, Field(le=65535)]] = (
        10000,
        10400,
    )
    external_address: Host | None = None
    local_networks: tuple[IPvAnyNetwork, ...] = ()
    ari_port: int = 8088


class Trunk(_Section):
    """The operator's SIP trunk that brings the calls.

    Attributes:
        host: Where calls to outside numbers are sent.
        match: Addresses that its calls come from; nothing else is taken for it.
        username: For a trunk that wants one.
        register: Whether to sign on to it.
        wideband: Whether it carries G.722; the first two seconds of a call mostly sound narrow.
    """

    host: Host
    match: tuple[IPvAnyNetwork, ...] = Field(min_length=1)
    username: Word | None = None
    password: Secret | None = None
    register_there: bool = Field(default=False, alias="register")
    wideband: bool = False


class Phone(_Section):
    """An operator's SIP telephone."""

    password: Secret


class Folders(_Section):
    """Where Asterisk has its things; the defaults are Debian's."""

    etc: Folder = "/etc/asterisk"
    modules: Folder = "/usr/lib/x86_64-linux-gnu/asterisk/modules"
    lib: Folder = "/var/lib/asterisk"
    data: Folder = "/usr/share/asterisk"
    spool: Folder = "/var/spool/asterisk"
    run: Folder = "/var/run/asterisk"
    log: Folder = "/var/log/asterisk"
    sounds: Folder = "/var/lib/permanence/sounds"
    messages: Folder = "/var/spool/permanence/messages"


class Agent(_Section):
    """How the exchange reaches the agent.

    Attributes:
        url: Of its socket for media.
        password: Both ways: of that socket, and of ARI.
        rings: Before it picks up.
    """

    url: Annotated[str, StringConstraints(pattern=r"^ws://[A-Za-z0-9.:/_-]{1,200}$")] = (
        "ws://127.0.0.1:8080/asterisk/media"
    )
    password: Secret
    rings: Annotated[int, Field(ge=0, le=2)] = 0


class Limits(_Section):
    """Bounds.

    Attributes:
        calls: Callers at a time.
        call_s: Longest call with the agent, seconds.
        talk_s: Longest talk with an operator, seconds.
        load: Of the machine, beyond which no call is taken.
        message_s: Longest message that is left, seconds.
    """

    calls: Annotated[int, Field(ge=1, le=500)] = 30
    call_s: Annotated[int, Field(ge=60)] = 1800
    talk_s: Annotated[int, Field(ge=60)] = 7200
    load: Annotated[float, Field(gt=0)] = 0
    message_s: Annotated[int, Field(ge=10, le=600)] = 180


class Fallback(_Section):
    """Who is rung for a client when the agent cannot be had.

    Attributes:
        phones: Extensions of `phones`.
        numbers: Outside numbers, reached through the trunk.
    """

    phones: tuple[Extension, ...] = ()
    numbers: tuple[E164, ...] = ()


class Values(_Section):
    """All that an exchange is told.

    Attributes:
        phones: Operators' telephones by their extensions.
        outside: Numbers that may be dialled through the trunk, and no others.
        fallback: By the client's slug.
    """

    trunk: Trunk
    agent: Agent
    network: Network = Network()
    limits: Limits = Limits()
    folders: Folders = Folders()
    phones: dict[Extension, Phone] = {}
    outside: tuple[E164, ...] = ()
    fallback: dict[Word, Fallback] = {}


class BadValuesError(PermanenceError):
    """The file cannot be used; says what to change."""


def read_values(path: Path) -> Values:
    """Read a file of values.

    Raises:
        BadValuesError: It is missing or wrong; says where.
    """
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadValuesError(
            f"{path} cannot be read: write it first (permanence asterisk example shows one)."
        ) from error
    except ValueError as error:
        raise BadValuesError(f"{path} is not TOML: {error}.") from error
    try:
        values = Values.model_validate(written)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadValuesError(f"{path}: {where}: {first['msg']}.") from error
    _check(path, values)
    return values


def _check(path: Path, values: Values) -> None:
    first, last = values.network.rtp
    ports = 4 * values.limits.calls
    if last - first < ports:
        raise BadValuesError(
            f"{path}: network.rtp: {values.limits.calls} calls need {ports} ports."
        )
    if values.trunk.register_there and not values.trunk.username:
        raise BadValuesError(f"{path}: trunk: to register takes a username and a password.")
    if bool(values.trunk.username) != bool(values.trunk.password):
        raise BadValuesError(f"{path}: trunk: a username takes a password, and a password a name.")
    for slug, fallback in values.fallback.items():
        for phone in fallback.phones:
            if phone not in values.phones:
                raise BadValuesError(f"{path}: fallback.{slug}: there is no telephone {phone}.")
        for number in fallback.numbers:
            if number not in values.outside:
                raise BadValuesError(
                    f"{path}: fallback.{slug}: {number} is not among the numbers that may be "
                    "dialled: add it to outside."
                )

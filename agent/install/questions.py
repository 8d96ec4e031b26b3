"""What a real server is asked: each question with its default, its form, and how it is tried."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from agent.errors import SettingsError
from agent.install.trying import try_database, try_mail, try_name, try_port, try_program
from agent.settings import load_settings

Given = Mapping[str, str]
"""Answers by their question's key."""

ANYBODY = "permanence@example.org"
"""Stands for the sender while the server is tried."""

YES = ("yes", "y", "true", "oui", "o")
NO = ("no", "n", "false", "non", "")
NOT_PRIVATE = ("/home/", "/root/", "/tmp/", "/var/tmp/")
"""Where the service, which sees neither homes nor others' temporary files, cannot have its data."""


@dataclass(frozen=True)
class Question:
    """One question.

    Attributes:
        key: Its name in a file of answers.
        words: As it is asked.
        default: What an empty answer means, given the answers before.
        form: The answer as it is kept; a ValueError says what is wrong with it.
        attempt: Tries what it names; a ValueError likewise. None: nothing can be tried.
        secret: Whether it may hold a password: it is not shown again.
        wanted: Whether it is asked at all, given the answers before.
    """

    key: str
    words: str
    default: Callable[[Given], str]
    form: Callable[[str], str]
    attempt: Callable[[str], None] | None = None
    secret: bool = False
    wanted: Callable[[Given], bool] = lambda _: True


def _one_of(*allowed: str) -> Callable[[str], str]:
    def form(answer: str) -> str:
        if answer.lower() not in allowed:
            raise ValueError(f"Write {', '.join(allowed[:-1])} or {allowed[-1]}")
        return answer.lower()

    return form


def _matching(pattern: str, what: str) -> Callable[[str], str]:
    def form(answer: str) -> str:
        if not re.fullmatch(pattern, answer):
            raise ValueError(what)
        return answer

    return form


def _folder(answer: str) -> str:
    path = _matching(r"/[A-Za-z0-9._/+-]+", "Write an absolute path, without spaces")(answer)
    path = str(Path(path))
    if ".." in Path(path).parts or path == "/":
        raise ValueError("Write an absolute path, without ..")
    if any(f"{path}/".startswith(place) for place in NOT_PRIVATE):
        raise ValueError(
            "The service sees neither /home nor /tmp; choose another place, for example"
            " /var/lib/permanence"
        )
    return path


def _yes_or_no(answer: str) -> str:
    if answer.lower() in YES:
        return "yes"
    if answer.lower() in NO:
        return "no"
    raise ValueError("Write yes or no")


def _setting(name: str, **beside: str) -> Callable[[str], str]:
    """The form of a setting, as `Settings` wants it."""

    def form(answer: str) -> str:
        try:
            load_settings(**{name: answer, **beside})
        except SettingsError as error:
            raise ValueError(str(error).removesuffix("; correct it and try again.")) from error
        return answer

    return form


def _public_url(answer: str) -> str:
    if not answer.startswith("https://"):
        raise ValueError(
            "Write https:// and the name: browsers give the microphone to secure pages only"
        )
    if not re.fullmatch(r"https://[A-Za-z0-9.-]+\.[A-Za-z0-9-]+/?", answer):
        raise ValueError("Write https://NAME.DOMAIN, without port or path")
    return _setting("public_url")(answer.rstrip("/"))


def _database_url(answer: str) -> str:
    if answer and not re.match(r"postgresql(\+psycopg)?://", answer):
        raise ValueError(
            "Leave it empty for SQLite in the data folder, or write"
            " postgresql://USER:PASSWORD@HOST/NAME"
        )
    return answer


def _port(answer: str) -> str:
    if not (re.fullmatch(r"[1-9]\d{3,4}", answer) and 1024 <= int(answer) <= 65535):
        raise ValueError("Write a port, 1024 to 65535")
    return answer


def _email(answer: str) -> str:
    return _matching(r"[^@\s]+@[^@\s]+\.[^@\s.]+", "Write an e-mail address, NAME@DOMAIN")(answer)


def _try_database_url(answer: str) -> None:
    if answer:
        try_database(answer)


def _try_smtp(answer: str) -> None:
    server = load_settings(smtp_url=answer, smtp_from=ANYBODY).smtp
    if server is not None:
        try_mail(server)


def _this_program(_: Given) -> str:
    beside = Path(sys.executable).with_name("permanence")
    return str(beside) if beside.is_file() else shutil.which("permanence") or str(beside)


def _const(value: str) -> Callable[[Given], str]:
    return lambda _: value


QUESTIONS: tuple[Question, ...] = (
    Question("user", "Under which system user does the service run?", _const("permanence"),
             _matching(r"[a-z_][a-z0-9_-]{0,31}", "Write a system user's name: a-z, 0-9, - and _")),
    Question("home", "In which folder are models, manuals, recordings and the database kept?",
             _const("/var/lib/permanence"), _folder),
    Question("program", "Where is the program `permanence`?", _this_program,
             _matching(r"/[A-Za-z0-9._/+-]+", "Write its absolute path, without spaces"),
             try_program),
    Question("public_url", "Under which address will browsers and carriers reach it (https://…)?",
             _const(""), _public_url, try_name),
    Question("proxy", "Which web server stands before it: caddy (gets certificates itself), nginx"
             " or none?", _const("caddy"), _one_of("caddy", "nginx", "none")),
    Question("port", "On which port of this machine does the service listen?", _const("8080"),
             _port,
             lambda port: try_port(int(port))),
    Question("database_url", "PostgreSQL's URL (empty: SQLite in the data folder, which is enough"
             " for one machine)?", _const(""), _database_url, _try_database_url, secret=True),
    Question("smtp_url", "The server that takes e-mail, smtp://USER:PASSWORD@HOST:587 (empty: none"
             " are sent yet)?", _const(""), _setting("smtp_url", smtp_from=ANYBODY),
             _try_smtp, secret=True),
    Question("smtp_from", "From which address do e-mails come?",
             lambda given: f"permanence@{given['public_url'].removeprefix('https://')}",
             _setting("smtp_from"), wanted=lambda given: bool(given["smtp_url"])),
    Question("backups", "In which folder are nightly backups put (better on another disk)?",
             _const("/var/backups/permanence"), _folder),
    Question("admin_email", "The first administrator's e-mail address?", _const(""), _email),
    Question("asterisk", "Do calls come through a SIP trunk (Asterisk on this machine)?",
             _const("no"), _yes_or_no),
)  # fmt: skip
"""In the order in which they are asked. Redis is not among them: nothing of permanence uses it."""

BY_KEY = {question.key: question for question in QUESTIONS}

"""The commands of a real server: its set-up, and whether all is well there."""

from __future__ import annotations

import json
import sys
import tomllib
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from agent.errors import PermanenceError, SettingsError

Root = Annotated[Path, typer.Option(help="Write under this folder, not on this machine.")]


def set_up_server(answers: Path | None, root: Path, *, offline: bool, replace: bool) -> None:
    """Ask (or read a file of answers), write a server's files, and say what is left to do.

    Raises:
        PermanenceError: An answer cannot be used, or a file cannot be written.
    """
    from agent.install.answers import asked, read
    from agent.install.environment import answers_in, parsed
    from agent.install.files import ANSWERS, ENVIRONMENT, put, rendered
    from agent.install.next_steps import next_steps

    there = _text(root / ENVIRONMENT.lstrip("/"))
    earlier = parsed(there)
    before = {**_toml(root / ANSWERS.lstrip("/")), **answers_in(earlier)}
    if answers is not None:
        given = read(answers, before, offline=offline)
    elif not sys.stdin.isatty():
        raise PermanenceError(
            "Questions are asked in a terminal; elsewhere give --answers FILE (docs/INSTALL.md)."
        )
    else:
        print("Each question has a default in brackets; Enter takes it. Nothing is written yet.")
        given = asked(_ask, lambda why: print(f"  {why}"), before, offline=offline)

    def decide(path: str, difference: str) -> str:
        print(f"{path} is there already and would change:\n{difference}")
        if replace:
            return "replace"
        if answers is not None:
            return "beside"
        return "replace" if typer.confirm("Replace it?", default=False) else "beside"

    for line in put(rendered(given, earlier), root, decide):
        print(line)
    print("\nWhat is left, as root:")
    for number, (why, commands) in enumerate(next_steps(given), 1):
        print(f"\n{number}. {why}")
        for command in commands:
            print(f"   {command}")


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask nothing of other machines or services.")
    ] = False,
    quick: Annotated[bool, typer.Option("--quick", help="Do not read the models' bytes.")] = False,
    exchange: Annotated[
        Path | None, typer.Option(help="The exchange's values; also run `asterisk check`.")
    ] = None,
    backups: Annotated[
        Path | None, typer.Option(help="Folder of backups; default: as the server was set up.")
    ] = None,
    root: Root = Path("/"),
) -> None:
    """Look whether all is well, and say how to mend it; status 1: to be mended, 2: broken."""
    from agent.install.doctor import look
    from agent.install.files import ANSWERS, ENVIRONMENT
    from agent.install.finding import MARKS, Finding, Site, exit_code, fault
    from agent.settings import load_settings

    findings: list[Finding] = []

    def tell(finding: Finding) -> None:
        findings.append(finding)
        if not as_json:
            print(f"{MARKS[finding.level]} {finding.about}: {finding.sentence}", flush=True)

    try:
        settings = load_settings()
    except SettingsError as error:
        tell(fault("settings", str(error)))
    else:
        environment = root / ENVIRONMENT.lstrip("/")
        folder = backups or _folder(_toml(root / ANSWERS.lstrip("/")).get("backups", ""))
        site = Site(
            settings,
            environment if _is_there(environment) else None,
            folder,
            exchange,
            offline,
            thorough=not quick,
        )
        for finding in look(site):
            tell(finding)
    code = exit_code(findings)
    if as_json:
        told = {"status": ("well", "to mend", "broken")[code],
                "findings": [asdict(finding) for finding in findings]}  # fmt: skip
        print(json.dumps(told, ensure_ascii=False, indent=1))
    if code:
        raise typer.Exit(code)


def _ask(words: str, default: str, secret: bool) -> str:
    kept = secret and bool(default)  # it is not shown
    words, shown = (f"{words} [as it is]", "") if kept else (words, default)
    return str(typer.prompt(words, default=shown, show_default=bool(shown)))


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise PermanenceError(
            f"{file} cannot be read ({error.strerror}); run this as root."
        ) from error


def _toml(file: Path) -> dict[str, str]:
    try:
        return {key: str(value) for key, value in tomllib.loads(file.read_text("utf-8")).items()}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return {}


def _folder(written: str) -> Path | None:
    return Path(written) if written else None


def _is_there(file: Path) -> bool:
    try:
        return file.exists()
    except PermissionError:  # in a folder of root's: then it is closed to others
        return False

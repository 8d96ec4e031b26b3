"""Who may import whom: DESIGN's rules, read off the source of every module."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = ("agent", "knowledge", "voices", "evals", "tests")
WIRING = ("agent.cli", "agent.cli_asterisk", "agent.cli_clients", "agent.cli_gaps",
          "agent.cli_install", "agent.install",
          "agent.cli_key", "agent.cli_manuals",
          "agent.cli_models",
          "agent.cli_notify", "agent.cli_numbers", "agent.cli_tickets", "agent.cli_tokens",
          "agent.cli_users",
          "agent.first_words", "agent.house", "agent.manual_commands", "agent.manual_desk",
          "agent.opening", "agent.preparing",
          "agent.outbox", "agent.post", "agent.demo", "agent.answers", "agent.question_csv",
          "agent.approving", "agent.gap_grouping",
          "agent.speakers",
          "agent.ticket_csv", "agent.web",
          "agent.personal", "agent.cli_personal", "agent.__main__")  # fmt: skip
"""Modules that put objects together: of our own, they may import anything but evals and tests."""

BASE = ("agent.settings", "agent.errors", "agent.log", "agent.audio", "agent.models",
        "agent.privacy", "agent.sealing")  # fmt: skip
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "knowledge": ("knowledge",),
    "voices": ("voices",),
    "agent.call": ("agent.call", "knowledge", "voices", *BASE),
    "agent.handoff": ("agent.handoff", "agent.call.record", "agent.call.handover",
                      "knowledge.answer"),
    "agent.store": ("agent.store", "agent.call.record", "agent.handoff.states",
                    "knowledge.answer", *BASE),
    "agent.telephony": ("agent.telephony", "agent.call", "agent.handoff", "agent.store",
                        "knowledge", "voices", *BASE),
    **dict.fromkeys(BASE, BASE),
    **dict.fromkeys(WIRING, ("agent", "knowledge", "voices")),
    "agent": (),
    "evals": ("evals", "agent", "knowledge", "voices"),
}  # fmt: skip
"""The longest package that holds a module decides which of our modules it may import."""

ONLY_IN: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("langchain", "langchain_core", "chromadb"), ("knowledge",)),
    **dict.fromkeys(("sqlalchemy", "alembic"), ("agent.store",)),
    "livekit": ("agent.call",),
    "pipecat": ("agent.call", "agent.telephony", "evals"),
    **dict.fromkeys(("fastapi", "nicegui", "starlette", "uvicorn"), ("agent.web",)),
}
"""Frameworks, and the packages that may know them."""

EXCEPTIONS = {
    ("agent.telephony.media_socket", "fastapi"),
    ("agent.telephony.media_socket", "starlette"),
    ("agent.telephony.carriers.stream", "fastapi"),
    ("agent.telephony.carriers.stream", "starlette"),
    ("agent.telephony.asterisk.transport", "fastapi"),
    ("agent.telephony.asterisk.transport", "starlette"),
}
"""They carry a call over the WebSocket that the web layer has accepted."""


def within(module: str, packages: tuple[str, ...]) -> bool:
    """Whether a module is one of these packages or in one."""
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def imported(source: str, module: str, *, package: bool = False) -> Iterator[str]:
    """Full names of all that a module imports, inside functions and for typing too."""
    here = module if package else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = here.split(".")[: len(here.split(".")) - node.level + 1]
                base = ".".join([*parents, *([base] if base else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif (
            isinstance(node, ast.Call)
            and ast.unparse(node.func) in ("import_module", "importlib.import_module", "__import__")
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            yield str(node.args[0].value)


def violations(source: str, module: str, *, package: bool = False) -> list[str]:
    """The imports of a module that break a rule."""
    owner = max((key for key in MAY_IMPORT if within(module, (key,))), key=len)
    broken = []
    for name in imported(source, module, package=package):
        top = name.partition(".")[0]
        ours = top in OURS and not within(name, MAY_IMPORT[owner])
        foreign = not within(module, ONLY_IN.get(top, (module,)))
        if ours or (foreign and (module, top) not in EXCEPTIONS):
            broken.append(f"{module} imports {name}")
    return broken


def modules() -> Iterator[tuple[str, Path]]:
    """Every module that is shipped or evaluated, by its full name."""
    for top in ("agent", "knowledge", "voices", "evals"):
        for file in sorted((ROOT / top).rglob("*.py")):
            parts = file.relative_to(ROOT).with_suffix("").parts
            yield ".".join(part for part in parts if part != "__init__"), file


def test_every_import_is_allowed() -> None:
    """No module of the four packages breaks a rule, and none was missed."""
    found = dict(modules())
    assert {"agent", "agent.call.dialogue", "knowledge", "voices.prompts"} <= found.keys()
    assert len(found) >= 60
    broken = [
        line
        for module, file in found.items()
        for line in violations(file.read_text("utf-8"), module, package=file.name == "__init__.py")
    ]
    assert not broken, "\n".join(broken)


def test_evaluation_is_reached_by_its_entry_point_alone() -> None:
    """`permanence eval` is loaded by name: nothing that is shipped imports it, nor is it needed."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert declared["entry-points"]["permanence.commands"] == {"eval": "evals.cli:app"}
    importers = [
        module
        for module, file in modules()
        if not within(module, ("evals",))
        and any(within(name, ("evals",)) for name in imported(file.read_text("utf-8"), module))
    ]
    assert importers == []


def test_exceptions_and_wiring_are_still_needed() -> None:
    """A listed exception that nothing uses any more is to be struck off, and so is a module."""
    files = dict(modules())
    for module, top in EXCEPTIONS:
        names = imported(files[module].read_text("utf-8"), module)
        assert any(within(name, (top,)) for name in names)
    assert {*WIRING, *BASE} <= files.keys()


@pytest.mark.parametrize(
    ("module", "source", "broken"),
    [
        ("knowledge.answer", "import agent.settings", "agent.settings"),
        ("knowledge.answer", "from voices.french import sentences", "voices.french.sentences"),
        ("voices.french", "from knowledge import safety", "knowledge.safety"),
        ("agent.call.reply", "def f():\n    from agent.store import calls", "agent.store.calls"),
        ("agent.call.reply", "from agent import web", "agent.web"),
        ("agent.call.reply", "import agent.telephony.browser as b", "agent.telephony.browser"),
        ("agent.call.reply", "from ..handoff import brief", "agent.handoff.brief"),
        (
            "agent.call.reply",
            "import importlib\nimportlib.import_module('agent.house')",
            "agent.house",
        ),
        ("agent.call.reply", "if TYPE_CHECKING:\n    from agent.cli import app", "agent.cli.app"),
        ("agent.handoff.brief", "from agent.call.dialogue import step", "agent.call.dialogue.step"),
        (
            "agent.handoff.brief",
            "from knowledge.library import Library",
            "knowledge.library.Library",
        ),
        ("agent.handoff.brief", "from agent.errors import StoreError", "agent.errors.StoreError"),
        ("agent.store.calls", "from agent.call.session import x", "agent.call.session.x"),
        ("agent.store.calls", "import agent.web.app", "agent.web.app"),
        ("agent.audio", "from agent.call.record import Turn", "agent.call.record.Turn"),
        ("agent.models.store", "import knowledge.errors", "knowledge.errors"),
        ("agent.telephony.browser", "from agent.house import House", "agent.house.House"),
        ("agent.house", "from evals.callers import NATIVE", "evals.callers.NATIVE"),
        ("agent.web.app", "import tests.conftest", "tests.conftest"),
        ("agent.cli", "import evals.cli", "evals.cli"),
        ("agent.cli_manuals", "from evals import bench", "evals.bench"),
        ("evals.answers", "from tests import builders", "tests.builders"),
        ("agent.unlisted", "from agent.errors import StoreError", "agent.errors.StoreError"),
        ("agent.call.reply", "import chromadb.config", "chromadb.config"),
        ("agent.house", "from langchain_core import x", "langchain_core.x"),
        ("agent.web.app", "import sqlalchemy as sa", "sqlalchemy"),
        ("agent.cli", "from alembic import op", "alembic.op"),
        ("agent.web.app", "from pipecat.frames import frames", "pipecat.frames.frames"),
        ("agent.log", "import pipecat", "pipecat"),
        ("agent.house", "import fastapi", "fastapi"),
        ("agent.telephony.browser", "from starlette import x", "starlette.x"),
        ("agent.telephony.media_socket", "import uvicorn", "uvicorn"),
    ],
)
def test_checker_catches(module: str, source: str, broken: str) -> None:
    """Each rule, broken once: at the top, in a function, relative, dynamic and for typing."""
    assert violations(source, module) == [f"{module} imports {broken}"]


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("knowledge.retrieve", "from knowledge import collection\nimport chromadb, numpy"),
        ("agent.call.reply", "from . import dialogue\nfrom agent.log import call_id_var"),
        ("agent.call.reply", "from pipecat.frames.frames import Frame\nimport knowledge.answer"),
        ("agent.handoff.tickets", "from agent.call.record import TicketBook"),
        ("agent.store.calls", "import sqlalchemy.orm\nfrom agent.errors import StoreError"),
        ("agent.telephony.media_socket", "from fastapi import WebSocket"),
        ("agent.house", "from agent.store.database import Database\nimport voices.french"),
        (
            "agent.cli_manuals",
            "from agent.manual_commands import reconcile\nimport knowledge.products",
        ),
        ("agent.log", "from loguru import logger"),
        ("evals.calls", "import pipecat\nfrom agent.house import open_house"),
    ],
)
def test_checker_lets_pass(module: str, source: str) -> None:
    """What the rules allow is not reported."""
    assert violations(source, module) == []


def test_relative_imports_of_a_package_are_its_own() -> None:
    """In an __init__ one dot is the package itself."""
    assert list(imported("from . import x", "agent.call", package=True)) == ["agent.call.x"]
    assert list(imported("from . import x", "agent.call.reply")) == ["agent.call.x"]
    assert list(imported("from ..web import x", "agent.call.reply")) == ["agent.web.x"]

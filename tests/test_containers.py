"""Dockerfile and compose file, which nobody could build here: what can be checked without is."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import yaml

from agent.settings import Settings

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
INSPECTED = "Kept buildable by inspection only"


def instructions() -> list[tuple[str, str]]:
    """Each instruction of the Dockerfile, its continued lines joined."""
    joined = re.sub(r"\\\n\s*", " ", re.sub(r"(?m)^#.*\n", "", DOCKERFILE))
    return [tuple(line.split(" ", 1)) for line in joined.splitlines() if line]  # type: ignore[misc]


def test_both_say_that_nobody_built_them() -> None:
    """In their first line, and in the guide."""
    for name in ("Dockerfile", "compose.yaml"):
        assert INSPECTED in (ROOT / name).read_text("utf-8").splitlines()[0]
    assert "by inspection only" in (ROOT / "docs" / "INSTALL.md").read_text("utf-8")


def test_what_is_copied_is_there_and_not_ignored() -> None:
    """Every source of a COPY out of the repository."""
    ignored = (ROOT / ".dockerignore").read_text("utf-8").split()
    copied = [
        source
        for name, rest in instructions()
        if name == "COPY" and "--from" not in rest
        for source in rest.split()[:-1]
    ]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert {"pyproject.toml", "agent", "knowledge", "voices"} <= set(copied)
    assert {project["readme"], *project["license-files"]} <= set(copied)  # no build without
    for source in copied:
        assert (ROOT / source).exists() and source not in ignored


def test_the_image_is_small_and_nobodys_root() -> None:
    """A slim Debian, a user of its own, a health check of our own route, models in a volume."""
    found = instructions()
    bases = [rest for name, rest in found if name == "FROM"]
    assert all(re.match(r"python:3\.1[1-9]-slim-(bookworm|trixie)\b", base) for base in bases)
    after_last = found[max(i for i, (name, _) in enumerate(found) if name == "FROM") :]
    by_name = dict(after_last)
    assert by_name["USER"] == "permanence"
    assert by_name["VOLUME"] == "/var/lib/permanence"
    assert "/healthz" in by_name["HEALTHCHECK"] or "/healthz" in DOCKERFILE
    assert "permanence models pull && exec permanence serve" in by_name["CMD"]


def test_every_setting_exists() -> None:
    """A name that nothing reads would be passed over in silence."""
    known = {f"PERMANENCE_{name.upper()}" for name in Settings.model_fields}
    in_image = set(re.findall(r"\b(PERMANENCE_[A-Z_]+)=", DOCKERFILE))
    assert {"PERMANENCE_HOME", "PERMANENCE_HOST"} <= in_image <= known
    in_compose = set(COMPOSE["services"]["agent"]["environment"])
    assert {"PERMANENCE_PUBLIC_URL", "PERMANENCE_DATA_KEY"} <= in_compose <= known


def test_compose_names_what_there_is() -> None:
    """Files, volumes and services; every variable stands in the example of settings."""
    services, volumes = COMPOSE["services"], set(COMPOSE["volumes"])
    assert set(services) == {"agent", "caddy", "postgresql"}
    for service in services.values():
        assert set(service.get("depends_on", ())) <= set(services)
        for mount in service["volumes"]:
            source = mount.split(":")[0]
            assert (ROOT / source).is_file() if source.startswith(".") else source in volumes
    text = (ROOT / "compose.yaml").read_text("utf-8")
    example = (ROOT / "docs" / "compose.env.example").read_text("utf-8")
    for name in set(re.findall(r"\$\{([A-Z_]+)", text)):
        assert re.search(rf"(?m)^(# )?{name}=", example), name


def test_caddy_does_the_same_in_both() -> None:
    """The two files differ in the name, the port and their first comments alone."""

    def rules(file: str) -> str:
        text = (ROOT / file).read_text("utf-8")
        lines = [line for line in text.splitlines() if not line.startswith("#")]
        return "\n".join(lines).replace("@DOMAIN@", "{$DOMAIN}").replace("@PORT@", "8080")

    assert rules("docs/compose.Caddyfile") == rules("agent/install/templates/Caddyfile")

"""The service: whether it answers, and what it says of its own parts."""

from __future__ import annotations

from collections.abc import Iterator

import httpx

from agent.install.finding import Finding, Site, fault, ok, warning
from agent.install.trying import ANSWER_S, who_answers

READY_S = 10.0
"""The parts are tried meanwhile."""


def service(site: Site) -> Iterator[Finding]:
    """Whether it is we who answer at the port, and whether calls can be taken."""
    host, port = site.settings.host, site.settings.port
    who = who_answers(host, port)
    if who == "nobody":
        yield warning(
            "service",
            f"Nobody answers at {host}:{port}: systemctl start permanence (or permanence serve).",
        )
    elif who == "other":
        yield fault(
            "service",
            f"Something else answers at {host}:{port}: stop it, or set PERMANENCE_PORT to another.",
        )
    else:
        yield from _parts(site)


def _parts(site: Site) -> Iterator[Finding]:
    host = "127.0.0.1" if site.settings.host in ("", "0.0.0.0") else site.settings.host
    shown = f"[{host}]" if ":" in host else host
    token = site.settings.metrics_token.get_secret_value()
    try:
        found = httpx.get(
            f"http://{shown}:{site.settings.port}/readyz",
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=READY_S,
            trust_env=False,
        )
        told = found.json()
    except (httpx.HTTPError, ValueError):
        yield fault("service", f"It does not say how it is within {ANSWER_S:.0f} s: restart it.")
        return
    checks = told.get("checks", {})
    failing = {name: check for name, check in checks.items() if not check["ok"]}
    for name, check in failing.items():
        yield fault(f"service, {name}", check["sentence"])
    if not failing and told.get("status") == "ready":
        yield ok("service", f"It takes calls; {len(checks)} parts were tried.")
    elif not failing:
        yield fault(
            "service",
            "It says that it cannot take calls, and not why: the PERMANENCE_METRICS_TOKEN here is"
            " not the one that it was started with.",
        )

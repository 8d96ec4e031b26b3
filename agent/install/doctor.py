"""Whether all is well on a server: every point, each on its own, the nearest cause first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from agent.errors import PermanenceError
from agent.install import machine, reach, service, stored
from agent.install.finding import Finding, Site, fault

Look = Callable[[Site], Iterator[Finding]]

HERE: tuple[tuple[str, Look], ...] = (
    ("settings", machine.names),
    ("packages", machine.python),
    ("models", machine.models),
    ("disk", machine.disk),
    ("memory", machine.memory),
    ("clock", machine.clock),
    ("scanned manuals", machine.scans),
    ("rights", stored.rights),
    ("sealing", stored.sealing),
    ("database", stored.database),
    ("manuals", stored.indexes),
    ("people", stored.people),
    ("messages", stored.outbox),
    ("backups", stored.backups),
    ("service", service.service),
)
OUTSIDE: tuple[tuple[str, Look], ...] = (
    ("public address", reach.certificate),
    ("mail", reach.mail),
    ("exchange", reach.exchange),
)
"""What other machines, or other services, have to answer."""


def look(site: Site, only: Collection[str] | None = None) -> Iterator[Finding]:
    """Everything, one after the other; a point that fails by itself does not hide the others.

    Args:
        site: What is looked at.
        only: Points, by name; None: all.
    """
    for about, at in (*HERE, *(() if site.offline else OUTSIDE)):
        if only is not None and about not in only:
            continue
        try:
            yield from at(site)
        except PermanenceError as error:
            yield fault(about, str(error))
        except Exception as error:  # the boundary: a broken installation may break anything
            told = " ".join(str(error).split()) or type(error).__name__
            yield fault(about, f"It could not be looked at ({told}): mend that first.")

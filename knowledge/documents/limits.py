"""What a file may cost: its size, its pages, and the memory and time of the child that reads it."""

from __future__ import annotations

import resource

MAX_BYTES = 200_000_000
"""Size of a file."""

MAX_PAGES = 1_500
"""Pages of a file."""

MAX_CHARACTERS = 12_000_000
"""Text of a file, twice that of the longest manual allowed; also of its HTML, pictures aside."""

MAX_CELLS = 300_000
"""Cells of a workbook or a CSV file, blank ones included."""

MAX_LINE = 1_000_000
"""Characters of a line of text: longer ones are no text."""

MAX_UNPACKED_BYTES = 300_000_000
"""All that a DOCX or XLSX holds, unpacked; one part of it, a fifth."""

STALL_S = 15.0
"""Longest wait for the next page, wall clock."""

START_S = 30.0
PER_PAGE_S = 8.0
"""Longest time for a file: a start, and so much a page (recognition on a slow core included)."""

DATA_BYTES = 440 * 1024 * 1024
"""Memory that the child may fill: its peak stays under 512 MB with the code it maps."""

ADDRESS_BYTES = 2 * 1024**3
"""Address space of the child: libraries and thread stacks reserve more than they fill."""


def confine() -> None:
    """Set the limits of this process, and of those it starts: memory, files, no writing."""
    for limit, value in (
        (resource.RLIMIT_DATA, DATA_BYTES),
        (resource.RLIMIT_AS, ADDRESS_BYTES),
        (resource.RLIMIT_FSIZE, 0),  # no file is ever written, so none is left behind
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(limit)[1]
        least = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (least, least))


def grant_cpu() -> None:
    """Allow processor time for one more page: the kernel ends a child that nobody watches."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    allowed = int(usage.ru_utime + usage.ru_stime + STALL_S) + 2
    if hard != resource.RLIM_INFINITY:
        allowed = min(allowed, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (allowed, hard))

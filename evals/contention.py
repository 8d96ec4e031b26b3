"""How long the manuals take to answer while the cores are busy: `python -m evals.contention`.

The demo client's questions one after the other, alone and beside processes that want all the time
they can get, with as many threads for products of matrices as numpy takes and with one.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from threadpoolctl import threadpool_limits

from agent.demo import CLIENT
from agent.house import BLAS_THREADS
from agent.opening import open_library
from agent.settings import load_settings
from evals.calls import questions
from knowledge.answer import Inquiry
from knowledge.library import Library

BUSY = (0, 3)
"""Processes beside."""

SETTLED_S = 2.0
"""Until they have started."""


def main() -> None:
    """A line for each load and number of threads."""
    library = open_library(load_settings())
    try:
        _times_ms(library)
        print(f"{'busy':>4} {'threads':>7} {'median':>7} {'p95':>7} {'max':>7}   (ms)")
        for count in BUSY:
            for threads in (os.cpu_count() or 1, BLAS_THREADS):
                with busy(count), threadpool_limits(threads, user_api="blas"):
                    times = np.percentile(_times_ms(library), (50, 95, 100))
                print(f"{count:4d} {threads:7d} " + " ".join(f"{ms:7.0f}" for ms in times))
    finally:
        library.close()


@contextmanager
def busy(count: int) -> Iterator[None]:
    """So many processes that never wait, ended afterwards."""
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=_burn, daemon=True) for _ in range(count)]
    for worker in workers:
        worker.start()
    try:
        if workers:
            time.sleep(SETTLED_S)
        yield
    finally:
        for worker in workers:
            worker.kill()
            worker.join()


def _times_ms(library: Library) -> list[float]:
    times = []
    for question in questions():
        started = time.perf_counter()
        library.answer(CLIENT, Inquiry(question, None, ((question, 1.0),)))
        times.append((time.perf_counter() - started) * 1000)
    return times


def _burn() -> None:
    while True:
        pass


if __name__ == "__main__":
    main()

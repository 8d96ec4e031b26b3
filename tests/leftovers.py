"""What a process keeps of servers that are closed: let go, as tests have dozens of them.

A house that stays has its models, its database and its pages' elements with it: a process of tests
grew to 7 GB.
"""

from __future__ import annotations

import functools
import gc

from fastapi.dependencies import models
from nicegui import background_tasks, core
from nicegui.client import Client
from nicegui.server import Server


def let_go() -> None:
    """Let go of what is held of closed servers' houses; while none serves live pages.

    A whole house is a circle of references, which the collector by itself may not look at for long.
    """
    remembering = [
        value for value in vars(models).values() if isinstance(value, functools._lru_cache_wrapper)
    ]
    served = any(one.cache_info().currsize for one in remembering)
    for one in remembering:  # by each route's function, for as long as 4096 came since
        one.cache_clear()
    own = core.script_client  # NiceGUI deletes it by itself, or fails
    waiting = [name for name, page in Client.instances.items() if page is not own]
    for name in waiting:  # pages that nobody looks at any more, for a minute
        del Client.instances[name]
    later = core.app._startup_handlers  # what was begun between two servers waits for each next one
    later[:] = [handler for handler in later if handler.__name__ != "start_deferred"]
    background_tasks.reset()
    if getattr(Server, "instance", None) is not None:
        del Server.instance  # the last one that had such pages
    if served:
        gc.collect()

"""`python -m agent` is `permanence`."""

from __future__ import annotations

from agent.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    main()

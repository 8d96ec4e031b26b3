"""Fixtures of tests with a real exchange: skipped where it cannot be had, but never in CI."""

from __future__ import annotations

import os
import shutil

import pytest

from agent.errors import PermanenceError
from agent.settings import Settings, load_settings
from evals.exchange_stage import asterisk_root

PROGRAMS = {"baresip": "baresip", "tcpdump": "tcpdump", "unshare": "util-linux"}
"""What is needed beside Asterisk, and the package that holds it."""


@pytest.fixture(scope="session")
def exchange_settings() -> Settings:
    """Settings whose cache holds a real Asterisk."""
    settings = load_settings()
    missing = [package for name, package in PROGRAMS.items() if shutil.which(name) is None]
    try:
        if missing:
            raise PermanenceError(f"Missing here: apt-get install {' '.join(missing)}.")
        asterisk_root(settings)
    except PermanenceError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))
    return settings

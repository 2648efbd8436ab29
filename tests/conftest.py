"""Hypothesis profiles: `default` for every run, `soak` for `make soak`. A PostgreSQL server, and a browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright
from tests.postgres import Server

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
settings.register_profile("default", deadline=None, max_examples=150, derandomize=bool(os.environ.get("CI")))
settings.register_profile("soak", deadline=None, max_examples=20_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """How to connect to a PostgreSQL server of our own."""
    server = Server()
    try:
        yield server.connection
    finally:
        server.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser of this machine."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert found, "Pages are tested in Chromium: install it (on Debian: apt-get install chromium)"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield running
        running.close()

"""Hypothesis profiles: `default` for every run, `soak` for `make soak`. A PostgreSQL server for those who ask."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings
from tests.postgres import Server

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

"""One service on a free port for all tests of the pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from tests.web.running import running

from handrail.web import Settings, create_app

CLAIMS = """claim,line,npi,taxonomy,state,procedure,service_from,dx1,amount
1,1,1234567893,225700000X,FL,98941,2024-01-05,M99.01,40.00
2,1,1234567893,111N00000X,FL,98941,2024-01-05,M99.01,40.00
3,1,1234567893,225700000X,FL,97124,2024-01-05,M54.50,30.00
"""


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the real service, run by uvicorn in a thread."""
    with running(create_app(Settings(data=tmp_path_factory.mktemp("data")))) as address:
        yield address


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """The service, for tests that need no network."""
    return create_app(Settings(data=tmp_path_factory.mktemp("data")))


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    """A visitor without cookies; an error on the server fails the test."""
    return TestClient(app, follow_redirects=False, headers={"accept": "text/html"})


@pytest.fixture(scope="session")
def claims(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small file of claims."""
    path = tmp_path_factory.mktemp("claims") / "claims.csv"
    path.write_text(CLAIMS, encoding="utf-8")
    return path

"""The whole application in this process, with a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from handrail.web import Settings, create_app

LOCAL = ("127.0.0.1", 50000)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the application keeps audits."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="session")
def client(folder: Path) -> Iterator[TestClient]:
    """Asks the application; an error inside becomes the answer that a client would get."""
    app = create_app(Settings(data=folder))
    with TestClient(app, raise_server_exceptions=False, client=LOCAL, base_url="http://127.0.0.1") as asking:
        yield asking

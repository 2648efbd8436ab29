"""The service with a clinic: owner, clinician, front desk and viewer, each with a session and a key."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from tests.clinic.conftest import ROSTER

from handrail.clinic import ROLES, Accounts, Keys, Log, Roster, Store, accounts, import_csv
from handrail.web import Settings, create_app
from handrail.web.clinic import COOKIE

PASSWORD = "correct horse battery"  # noqa: S105


@pytest.fixture(autouse=True)
def quick(monkeypatch) -> Iterator[None]:
    """The same argon2id, with less work for each test."""
    from argon2 import PasswordHasher

    monkeypatch.setattr(accounts, "_hasher", PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1))
    accounts._nobody.cache_clear()
    yield
    accounts._nobody.cache_clear()


@pytest.fixture
def store(tmp_path) -> Iterator[Store]:
    made = Store(f"sqlite:///{tmp_path}/clinic.db")
    made.migrate()
    Roster(made).settle("US-WA")
    import_csv(Roster(made), ROSTER, commit=True)
    for role in ROLES:
        Accounts(made).add(f"the-{role.replace('_', '-')}", role, PASSWORD)
    Log(made).switch(True, user="the-owner")
    yield made
    made.close()


@pytest.fixture
def app(store: Store) -> Iterator[FastAPI]:
    made = create_app(Settings(database=store.url.render_as_string(hide_password=False)))
    yield made
    made.state.clinic.close()


@pytest.fixture
def keys(store: Store) -> dict[str, dict[str, str]]:
    """Headers by role."""
    owner = Accounts(store).sign_in("the-owner", PASSWORD).user
    made = {role: Keys(store).add(role, role, by=owner)[0] for role in ROLES}
    return {role: {"authorization": f"Bearer {secret}"} for role, secret in made.items()}


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    return TestClient(app, follow_redirects=False)


class Browser(TestClient):
    """A browser in which somebody has signed in."""

    def __init__(self, app: FastAPI, store: Store, role: str) -> None:
        super().__init__(app, follow_redirects=False)
        signed = Accounts(store).sign_in(f"the-{role.replace('_', '-')}", PASSWORD)
        self.cookies.set(COOKIE, signed.token)
        self.csrf = signed.user.csrf or ""


@pytest.fixture
def browser(app: FastAPI, store: Store):
    return lambda role: Browser(app, store, role)

"""Stores to test with: the same tests on SQLite and on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.postgres import database, url

from handrail.clinic import Log, Roster, Store, import_csv

ROSTER = b"""practitioner_id,name,profession,jurisdiction,status,valid_to,npi,endorsements
p-ann,Ann Hall,physical_therapist,US-WA,active,2027-06-30,1234567893,spinal_manipulation
p-bo,Bo Reyes,chiropractor,US-WA,active,2026-12-15,,
p-cy,Cy Moore,chiropractor,US-OR,active,2028-01-01,,
p-di,Di West,chiropractor,US-WA,suspended,2028-01-01,,
p-el,El Sato,massage_therapist,Washington,active,,,
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/clinic.db"
    else:
        with database(request.getfixturevalue("postgres_server")) as connection:
            yield url(connection)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """A store that is set up and empty."""
    store = Store(store_url)
    store.migrate()
    yield store
    store.close()


@pytest.fixture
def clinic(store: Store) -> Store:
    """A store of a clinic in Washington, with five practitioners and its log on."""
    Roster(store).settle("US-WA")
    assert import_csv(Roster(store), ROSTER, commit=True).done
    Log(store).switch(True, user="anna")
    return store

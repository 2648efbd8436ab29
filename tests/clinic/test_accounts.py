"""Accounts, sessions, lockout and keys."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text

from handrail.clinic import Accounts, Keys, Refused, TooMany, accounts
from handrail.clinic.accounts import IDLE, LONGEST, PER_ADDRESS, PER_NAME, User
from handrail.clinic.models import Base
from handrail.terms import InputError

PASSWORD = "correct horse battery"  # noqa: S105


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """The same argon2id, with less work for each test."""
    from argon2 import PasswordHasher

    monkeypatch.setattr(accounts, "_hasher", PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1))
    accounts._nobody.cache_clear()
    yield
    accounts._nobody.cache_clear()


@pytest.fixture
def people(store) -> Accounts:
    people = Accounts(store)
    people.add("Anna", "owner", PASSWORD)
    people.add("ben", "clinician", PASSWORD)
    return people


def everything(store) -> str:
    """All text in the store's tables of accounts."""
    with store.engine.connect() as connection:
        tables = ("account", "web_session", "api_key", "attempt", "answered")
        return repr([connection.execute(select(Base.metadata.tables[table])).all() for table in tables])


def test_a_password_is_kept_as_argon2id_and_a_token_as_a_hash(people, store):
    signed = people.sign_in("anna", PASSWORD)
    key, _ = Keys(store).add("x", "viewer", by=signed.user)
    kept = everything(store)
    assert "$argon2id$" in kept
    assert PASSWORD not in kept
    assert signed.token not in kept
    assert key.rpartition("_")[2] not in kept
    assert key[:11] in kept


def test_the_shipped_cost_is_at_least_that_of_the_rfc():
    from argon2 import PasswordHasher

    shipped = PasswordHasher()
    assert shipped.type.name == "ID"
    assert shipped.memory_cost >= 64 * 1024
    assert shipped.time_cost >= 3


@pytest.mark.parametrize("bad", ["tiny", "anna-anna-1", "aaaaaaaaaaaaaaaa", "x" * 300])
def test_a_poor_password_is_refused_and_not_repeated(people, bad):
    with pytest.raises(InputError) as caught:
        people.add("carl", "viewer", bad)
    assert bad not in str(caught.value)


@pytest.mark.parametrize("bad", ["", "a b", "../x", "<b>", "a" * 65, "anna"])
def test_a_name_that_is_none_or_taken_is_refused(people, bad):
    with pytest.raises(InputError):
        people.add(bad, "viewer", PASSWORD)


def test_the_last_owner_stays(people):
    for change in ({"role": "viewer"}, {"disabled": True}):
        with pytest.raises(InputError, match="without an owner"):
            people.change("anna", **change)
    assert people.has_owner()
    people.change("ben", role="owner")
    people.change("anna", disabled=True)
    with pytest.raises(Refused):
        people.sign_in("anna", PASSWORD)


def test_a_session_is_new_at_each_sign_in_and_the_old_one_ends(people):
    planted = "a-token-that-somebody-planted"
    signed = people.sign_in("anna", PASSWORD, old_token=planted)
    assert signed.token != planted
    assert people.user_of(planted) is None
    again = people.sign_in("anna", PASSWORD, old_token=signed.token)
    assert again.token != signed.token
    assert again.user.csrf != signed.user.csrf
    assert people.user_of(signed.token) is None
    assert people.user_of(again.token).name == "anna"
    people.sign_out(again.token)
    assert people.user_of(again.token) is None


def test_a_session_ends_when_it_is_idle_and_in_any_case(people, monkeypatch):
    signed = people.sign_in("anna", PASSWORD)
    start = time.time()
    now = start
    monkeypatch.setattr(accounts.time, "time", lambda: now)
    for _ in range(int(LONGEST / (IDLE - 60))):
        now += IDLE - 60
        assert people.user_of(signed.token) is not None
    now = start + LONGEST + 1
    assert people.user_of(signed.token) is None
    now = start
    other = people.sign_in("anna", PASSWORD)
    now = start + IDLE + 1
    assert people.user_of(other.token) is None


@pytest.mark.parametrize("change", [{"role": "viewer"}, {"password": "another long enough"}, {"disabled": True}])
def test_a_changed_account_is_signed_out(people, change):
    signed = people.sign_in("ben", PASSWORD)
    people.change("ben", **change)
    assert people.user_of(signed.token) is None


def test_an_unknown_name_and_a_wrong_password_look_the_same(people, monkeypatch):
    looked_at = []
    verify = accounts._matches
    monkeypatch.setattr(accounts, "_matches", lambda *given: looked_at.append(given[0]) or verify(*given))
    said = []
    for name in ("anna", "nobody", "", "x" * 1000, "a'; --"):
        with pytest.raises(Refused) as caught:
            people.sign_in(name, "wrong password wrong")
        said.append(str(caught.value))
    assert len(set(said)) == 1
    assert len(looked_at) == 5  # each one cost a hash
    assert all(kept.startswith("$argon2id$") for kept in looked_at)


def test_an_account_locks_after_failures_and_unlocks_with_time(people, monkeypatch):
    for _ in range(PER_NAME):
        with pytest.raises(Refused, match="Wrong name"):
            people.sign_in("ben", "wrong password wrong")
    with pytest.raises(TooMany) as caught:
        people.sign_in("ben", PASSWORD)
    assert 0 < caught.value.retry_after <= accounts.WINDOW
    Accounts(people.store).sign_in("anna", PASSWORD)  # others are not locked
    later = time.time() + accounts.WINDOW + 1
    monkeypatch.setattr(accounts.time, "time", lambda: later)
    assert people.sign_in("ben", PASSWORD).user.name == "ben"


def test_an_owner_unlocks_and_a_success_forgives(people):
    for _ in range(PER_NAME - 1):
        with pytest.raises(Refused):
            people.sign_in("ben", "wrong password wrong")
    people.sign_in("ben", PASSWORD)
    for _ in range(PER_NAME):
        with pytest.raises(Refused):
            people.sign_in("ben", "wrong password wrong")
    with pytest.raises(TooMany):
        people.sign_in("ben", PASSWORD)
    people.change("ben", disabled=False)
    people.sign_in("ben", PASSWORD)


def test_many_attempts_at_once_do_not_slip_through(people):
    def attempt(_: int) -> str:
        try:
            people.sign_in("ben", "wrong password wrong")
        except TooMany:
            return "locked"
        except Refused:
            return "looked at"
        return "in"

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(attempt, range(16)))
    assert found.count("looked at") == PER_NAME
    assert found.count("locked") == 16 - PER_NAME


def test_an_address_is_limited_over_all_names(people):
    for number in range(PER_ADDRESS):
        with pytest.raises(Refused, match="Wrong name"):
            people.sign_in(f"n{number}", "wrong password wrong", address="192.0.2.1")
    with pytest.raises(TooMany):
        people.sign_in("anna", PASSWORD, address="192.0.2.1")
    assert people.sign_in("anna", PASSWORD, address="192.0.2.2").user.name == "anna"


def test_who_signs_in_rightly_does_not_use_up_the_address(people):
    for _ in range(PER_ADDRESS + 5):
        people.sign_in("anna", PASSWORD, address="192.0.2.1")


def test_a_key_opens_until_it_is_revoked_or_ends(people, store, monkeypatch):
    keys = Keys(store)
    owner = people.sign_in("anna", PASSWORD).user
    secret, key = keys.add("booking", "front_desk", by=owner, days=30)
    assert keys.user_of(secret) == User(f"key:{key.prefix}", "front_desk")
    for wrong in (
        "",
        "hr_",
        secret[:-1],
        secret + "x",
        key.prefix,
        "hr_00000000_" + "x" * 43,
        "é" * 20,
        secret.upper(),
    ):
        assert keys.user_of(wrong) is None
    assert secret not in repr(keys.all())
    keys.revoke(key.prefix)
    assert keys.user_of(secret) is None
    with pytest.raises(InputError):
        keys.revoke("hr_none")
    ended, _ = keys.add("ended", "viewer", by=owner, days=1)
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE api_key SET ends = 1 WHERE name = 'ended'"))
    assert keys.user_of(ended) is None


def test_a_key_may_not_do_more_than_who_made_it(people, store):
    keys = Keys(store)
    ben = people.sign_in("ben", PASSWORD).user
    with pytest.raises(InputError, match="may not do more"):
        keys.add("x", "owner", by=ben)
    secret, _ = keys.add("x", "clinician", by=ben)
    assert keys.user_of(secret) is not None
    people.change("ben", role="viewer")
    assert keys.user_of(secret) is None
    for days in (-1, 0, 10_000):
        with pytest.raises(InputError, match="days"):
            keys.add("x", "viewer", by=ben, days=days)

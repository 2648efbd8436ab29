"""``/v1/clinic``: bookings, roster, log, overrides, users, keys; what is kept, and what is not."""

from __future__ import annotations

import json
import logging

import pytest
from sqlalchemy import event, text
from tests.clinic.conftest import ROSTER
from tests.web.clinic.conftest import PASSWORD

from handrail.clinic import Log
from handrail.clinic.chain import START, canonical, link

BOOKING = {"practitioner": "p-bo", "service": "thrust_spine", "time": "2026-12-01T09:30"}


def test_a_booking_is_checked_and_written_down(client, keys, store):
    body = {**BOOKING, "codes": ["osteoporosis"], "client": "c-0042"}
    found = client.post("/v1/clinic/check", json=body, headers=keys["front_desk"])
    assert found.status_code == 200
    data = found.json()
    assert data["verdict"] == "conditional"
    assert "decision:osteoporosis" in [need["id"] for need in data["needs"]]
    entry = Log(store).page(limit=1)[0]
    assert entry.seq == data["logged"]
    assert entry.body["client"] == "c-0042"
    assert entry.body["user"].startswith("key:hr_")
    assert entry.body["decision"]["verdict"] == data["verdict"]


@pytest.mark.parametrize(
    ("who", "time", "why"),
    [
        ("p-bo", "2026-12-16T09:30", "The licence ended on 2026-12-15, before 2026-12-16."),
        ("p-di", "2026-12-01", "The licence is suspended."),
        ("p-cy", "2026-12-01", "The licence is of US-OR, not of Washington."),
    ],
)
def test_a_licence_that_is_not_good_stops_it_and_says_who_may(client, keys, who, time, why):
    body = {**BOOKING, "practitioner": who, "time": time}
    data = client.post("/v1/clinic/check", json=body, headers=keys["front_desk"]).json()
    assert data["may"] is False
    assert why in data["why"]
    assert "p-ann" in [other["id"] for other in data["others"]]


def test_nothing_of_a_client_is_kept_while_the_log_is_off(client, keys, store, tmp_path):
    assert client.put("/v1/clinic/log", json={"on": False}, headers=keys["owner"]).json() == {"on": False}
    body = {**BOOKING, "codes": ["osteoporosis", "M81.0"], "client": "c-7777"}
    headers = {**keys["front_desk"], "idempotency-key": "k1"}
    first = client.post("/v1/clinic/check", json=body, headers=headers)
    assert first.json()["logged"] is None
    assert client.post("/v1/clinic/check", json=body, headers=headers).json() == first.json()
    store.close()
    for path in tmp_path.iterdir():
        kept = path.read_bytes()
        assert b"osteoporosis" not in kept
        assert b"c-7777" not in kept
        assert b"M81.0" not in kept


def test_with_the_log_on_a_client_has_a_code_and_no_name(client, keys, store):
    before = Log(store).anchor()
    for wrong in ({"codes": []}, {"client": "John Smith"}, {"client": "Smith1975"}, {"age": 40}):
        found = client.post("/v1/clinic/check", json={**BOOKING, **wrong}, headers=keys["front_desk"])
        assert found.status_code == 400, found.text
        assert "Smith" not in found.text
    assert Log(store).anchor() == before


@pytest.mark.parametrize(
    "change",
    [
        {"practitioner": "nobody"}, {"service": "x"}, {"time": "soon"}, {"codes": ["a headache"]}, {"codes": "x"},
        {"codes": [1]}, {"age": -1}, {"age": "x"}, {"steps": ["dance"]}, {"more": 1}, {"practitioner": ""},
        {"practitioner": None}, {"codes": ["x"] * 201}, {"time": "\x00"}, {"practitioner": "\x00"},
    ],
)  # fmt: skip
def test_a_booking_that_is_none_is_400_and_not_repeated(client, keys, change):
    found = client.post("/v1/clinic/check", json={**BOOKING, **change}, headers=keys["front_desk"])
    assert found.status_code == 400, found.text
    assert found.headers["content-type"] == "application/problem+json"
    assert "headache" not in found.text


def test_the_same_key_is_done_once(client, keys, store):
    body = {**BOOKING, "codes": [], "client": "c-1"}
    headers = {**keys["front_desk"], "idempotency-key": "booking-17"}
    first, again = (client.post("/v1/clinic/check", json=body, headers=headers).json() for _ in range(2))
    assert first == again
    assert Log(store).anchor().seq == first["logged"]
    other = client.post("/v1/clinic/check", json={**body, "client": "c-2"}, headers=headers)
    assert other.status_code == 409
    # Another's key of the same name is another key.
    third = client.post("/v1/clinic/check", json=body, headers={**headers, **keys["clinician"]})
    assert third.json()["logged"] == first["logged"] + 1
    for wrong in ("x" * 300, "\x7f"):
        bad = client.post("/v1/clinic/check", json=body, headers={**headers, "idempotency-key": wrong})
        assert bad.status_code in (400, 409)


def test_a_request_that_failed_may_be_sent_again(client, keys):
    headers = {**keys["clinician"], "idempotency-key": "o1"}
    wrong = {"of": 999, "reason": "x"}
    assert [client.post("/v1/clinic/overrides", json=wrong, headers=headers).status_code for _ in range(2)] == [
        400
    ] * 2


def test_a_repeated_key_request_does_not_give_the_secret_again(client, keys, store):
    headers = {**keys["owner"], "idempotency-key": "new-key"}
    body = {"name": "booking", "role": "front_desk"}
    first, again = (client.post("/v1/clinic/keys", json=body, headers=headers).json() for _ in range(2))
    assert first["key"].startswith(first["prefix"])
    assert again == {**first, "key": None}
    with store.engine.connect() as connection:
        assert first["key"] not in repr(connection.execute(text("SELECT * FROM answered")).all())


def test_the_roster_is_imported_in_two_steps(client, keys):
    more = ROSTER + b"p-fi,Fi,chiropracter,US-WA,active,,,\np-go,Go,chiropractor,US-WA,active,,,\n"
    url = "/v1/clinic/roster/import"
    preview = client.post(url, content=more, headers=keys["owner"]).json()
    assert preview["done"] is False
    assert preview["counts"] == {"new": 1, "changed": 0, "same": 5, "error": 1}
    error = next(row for row in preview["rows"] if row["action"] == "error")
    assert error["errors"][0]["column"] == "profession"
    assert client.post(f"{url}?commit=true", content=more, headers=keys["owner"]).json()["done"] is False
    assert (
        client.post(f"{url}?commit=true&only_good=true", content=more, headers=keys["owner"]).json()["done"]
        is True
    )
    found = client.get("/v1/clinic/roster", headers=keys["viewer"]).json()
    assert "p-go" in [who["id"] for who in found["roster"]]
    file = client.get("/v1/clinic/roster?format=csv", headers=keys["viewer"])
    assert file.headers["content-disposition"] == 'attachment; filename="roster.csv"'
    again = client.post(url, content=file.content, headers=keys["owner"]).json()
    assert again["counts"] == {"new": 0, "changed": 0, "same": 6, "error": 0}
    assert client.post(url, content=b"x" * 2_000_001, headers=keys["owner"]).status_code == 413
    assert client.delete("/v1/clinic/roster/p-go", headers=keys["owner"]).json() == {"removed": "p-go"}
    assert client.delete("/v1/clinic/roster/p-go", headers=keys["owner"]).status_code == 404


@pytest.mark.parametrize("name", ["..%2f..%2fetc%2fpasswd", "%00", "%2e%2e", "a%0ab", "é", "x" * 300])
def test_no_path_leads_out(client, keys, name):
    for method, path in (
        ("DELETE", "/v1/clinic/roster/"), ("PUT", "/v1/clinic/services/"), ("DELETE", "/v1/clinic/services/"),
        ("PATCH", "/v1/clinic/users/"), ("DELETE", "/v1/clinic/keys/"),
    ):  # fmt: skip
        body = {"name": "x", "technique": "thrust_spine"} if method == "PUT" else {} if method == "PATCH" else None
        found = client.request(method, path + name, json=body, headers=keys["owner"])
        assert found.status_code in (400, 404, 405), (method, path, found.text)


def test_what_expires_and_who_may(client, keys):
    data = client.get("/v1/clinic/roster/expiring?on=2026-12-01&within=30", headers=keys["viewer"]).json()
    assert [one["practitioner"] for one in data["expiring"]] == ["p-di", "p-bo", "p-el"]
    made = {"name": "Neck", "technique": "thrust_spine", "regions": ["cervical"]}
    assert client.put("/v1/clinic/services/neck", json=made, headers=keys["owner"]).json()["id"] == "neck"
    data = client.get("/v1/clinic/roster/grid?on=2026-12-01", headers=keys["viewer"]).json()
    assert data["columns"][-1]["id"] == "neck"
    assert client.get("/v1/clinic/services", headers=keys["viewer"]).json()["services"][0]["name"] == "Neck"
    assert client.delete("/v1/clinic/services/neck", headers=keys["owner"]).status_code == 200
    assert client.get("/v1/clinic/roster/grid?on=01.12.2026", headers=keys["viewer"]).status_code == 400


def filled(client, keys, count: int = 7) -> None:
    for number in range(count):
        body = {**BOOKING, "codes": [], "client": f"c-{number % 2}"}
        assert client.post("/v1/clinic/check", json=body, headers=keys["front_desk"]).status_code == 200


def test_the_log_is_paged_filtered_exported_and_verified(client, keys):
    filled(client, keys)
    who, owner = keys["clinician"], keys["owner"]
    seen, cursor = [], None
    while True:
        params = {"limit": 3, **({"cursor": cursor} if cursor is not None else {})}
        page = client.get("/v1/clinic/log", params=params, headers=who).json()
        seen += [entry["seq"] for entry in page["entries"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == list(range(8, 0, -1))
    assert len(client.get("/v1/clinic/log?client=c-1", headers=who).json()["entries"]) == 3
    made = client.post("/v1/clinic/overrides", json={"of": 2, "reason": "cleared"}, headers=who).json()
    assert made["seq"] == 9
    assert [e["seq"] for e in client.get("/v1/clinic/log?kind=override", headers=who).json()["entries"]] == [9]
    previous = START
    for line in client.get("/v1/clinic/log/export", headers=owner).text.splitlines():
        data = json.loads(line)
        hashed, before = data.pop("hash"), data.pop("previous")
        assert before == previous
        assert link(before, canonical(data)) == hashed
        previous = hashed
    table = client.get("/v1/clinic/log/export?format=csv&client=c-1", headers=owner)
    assert len(table.text.splitlines()) == 4
    found = client.get("/v1/clinic/log/verify", params={"anchor": f"9:{previous}"}, headers=who).json()
    assert found["good"]
    assert not client.get("/v1/clinic/log/verify", params={"anchor": f"9:{'0' * 64}"}, headers=who).json()["good"]
    for wrong in ("x", "9", "9:x", "-1:" + "0" * 64):
        assert client.get("/v1/clinic/log/verify", params={"anchor": wrong}, headers=who).status_code == 400
    for wrong in (
        "kind=x",
        "verdict=x",
        "since=x",
        "limit=0",
        "limit=501",
        "cursor=-1",
        "cursor=1e99",
        "user=%00",
    ):
        assert client.get(f"/v1/clinic/log?{wrong}", headers=who).status_code == 400, wrong


def test_a_tampered_log_is_told(client, keys, store):
    filled(client, keys, 3)
    with store.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER log_entry_no_update"))
        connection.execute(text("UPDATE log_entry SET body = replace(body, 'c-1', 'c-9') WHERE seq = 3"))
    found = client.get("/v1/clinic/log/verify", headers=keys["clinician"]).json()
    assert (found["good"], found["bad"]) == (False, 3)


def test_accounts_and_keys(client, keys, store):
    owner = keys["owner"]
    body = {"name": "new", "role": "viewer", "password": PASSWORD}
    assert client.post("/v1/clinic/users", json=body, headers=owner).json()["name"] == "new"
    assert client.post("/v1/clinic/users", json=body, headers=owner).status_code == 400
    poor = client.post("/v1/clinic/users", json={**body, "name": "n2", "password": "hunter2"}, headers=owner)
    assert poor.status_code == 400
    assert "hunter2" not in poor.text
    assert (
        client.patch("/v1/clinic/users/new", json={"role": "clinician"}, headers=owner).json()["role"]
        == "clinician"
    )
    assert client.patch("/v1/clinic/users/none", json={}, headers=owner).status_code == 404
    last = client.patch("/v1/clinic/users/the-owner", json={"role": "viewer"}, headers=owner)
    assert last.status_code == 400
    listed = client.get("/v1/clinic/users", headers=owner)
    assert "argon2" not in listed.text
    prefix = keys["viewer"]["authorization"].split()[1][:11]
    assert client.delete(f"/v1/clinic/keys/{prefix}", headers=owner).json()["revoked"] is True
    assert client.get("/v1/clinic/roster", headers=keys["viewer"]).status_code == 401


def test_a_full_store_is_503_and_keeps_no_half_entry(client, app, keys, store):
    filled(client, keys, 2)
    before = Log(store).verify()

    def limit(connection, _record) -> None:
        now = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {now}")

    engine = app.state.clinic.engine
    event.listen(engine, "connect", limit)
    engine.dispose()
    answers = []
    for number in range(400):
        body = {**BOOKING, "codes": ["osteoporosis"], "client": f"c-{number}"}
        answers.append(client.post("/v1/clinic/check", json=body, headers=keys["front_desk"]))
        if answers[-1].status_code != 200:
            break
    assert answers[-1].status_code == 503
    assert answers[-1].json()["type"] == "urn:handrail:problem:store-full"
    assert int(answers[-1].headers["retry-after"]) > 0
    assert "osteoporosis" not in answers[-1].text
    found = Log(store).verify()
    assert found.good
    assert found.entries == before.entries + len(answers) - 1


def test_no_finding_is_in_any_line_of_the_log_files(client, keys, caplog):
    caplog.set_level(logging.DEBUG)
    body = {**BOOKING, "codes": ["osteoporosis", "C79.51", "warfarin"], "client": "c-0042", "age": 71}
    client.post("/v1/clinic/check", json=body, headers=keys["front_desk"])
    client.post("/v1/clinic/check", json={**body, "codes": ["osteoporosis@moon"]}, headers=keys["front_desk"])
    client.post("/v1/clinic/check", json={**body, "client": "Jane Roe"}, headers=keys["front_desk"])
    for word in ("osteoporosis", "C79.51", "warfarin", "c-0042", "Roe", "moon"):
        assert word not in caplog.text


def test_feedback_of_an_ehr_is_kept_while_the_log_is_on(app, store):
    app.state.feedback({"card": "u1", "outcome": "overridden", "reason": "r1"})
    entry = Log(store).page(limit=1)[0]
    assert entry.body["kind"] == "feedback"
    assert entry.body["feedback"]["card"] == "u1"
    Log(store).switch(False, user="x")
    app.state.feedback({"card": "u2"})
    assert Log(store).page(limit=1)[0].body["kind"] == "switch"


def test_without_a_database_there_is_no_clinic():
    from fastapi.testclient import TestClient

    from handrail.web import Settings, create_app

    client = TestClient(create_app(Settings(database=None)))
    found = client.get("/v1/clinic/roster")
    assert found.status_code == 404
    assert found.json()["hint"] == "Set HANDRAIL_DATABASE"


def test_a_store_that_is_not_set_up_is_503_with_what_to_do(tmp_path):
    from fastapi.testclient import TestClient

    from handrail.web import Settings, create_app

    client = TestClient(create_app(Settings(database=f"sqlite:///{tmp_path}/none.db")))
    found = client.get("/v1/clinic/roster")
    assert found.status_code == 503
    assert "handrail clinic init" in found.json()["hint"]


def test_a_store_that_is_not_set_up_leaves_the_other_pages_alone(tmp_path):
    from types import SimpleNamespace

    from handrail.clinic import Store
    from handrail.web.clinic import current_user

    app = SimpleNamespace(state=SimpleNamespace(clinic=Store(f"sqlite:///{tmp_path}/none.db")))
    request = SimpleNamespace(app=app, state=SimpleNamespace(), headers={}, cookies={"handrail_session": "x"})
    assert current_user(request) is None


def test_text_that_is_none_is_400(client, keys):
    for name in ("\\ud800", "\\u0000", "\\u202e"):
        raw = '{"of": 1, "reason": "' + name + '"}'
        found = client.post("/v1/clinic/overrides", content=raw.encode(), headers=keys["clinician"])
        assert found.status_code == 400, found.text


def test_every_answer_is_documented():
    from fastapi.openapi.utils import get_openapi

    from handrail.web.clinic import rest, rest_people

    routes = [*rest.router().routes, *rest_people.router().routes]
    described = get_openapi(title="x", version="1", routes=routes)["paths"]
    assert described
    for path, methods in described.items():
        if path.startswith("/v1/clinic"):
            for method, about in methods.items():
                assert {"400", "401", "403", "404", "503"} <= set(about["responses"]), (path, method)
                assert about["description"], (path, method)


def test_readiness_asks_the_store(client, store, app):
    assert client.get("/readyz").json() == {"status": "ok", "store": "ok"}
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'of-another-version'"))
    found = client.get("/readyz")
    assert found.status_code == 503
    assert found.headers["content-type"] == "application/problem+json"
    assert "handrail clinic init" in found.json()["hint"]
    assert client.get("/healthz").status_code == 200

"""Audits over REST: sent, judged beside, fetched, deleted; nobody reaches another's files or leaves the folder."""

from __future__ import annotations

import csv
import io
import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import pytest
from starlette.testclient import TestClient

from handrail.web import Settings, create_app
from handrail.web.rest.audits import guarded
from handrail.web.rest.jobs import Job, plain_name

CLAIMS = (
    b"claim,line,npi,taxonomy,state,procedure,modifiers,service_from,service_to,dx1,dx2,amount\n"
    b"c1,1,,225700000X,FL,98941,,2026-03-02,2026-03-02,M54.50,,60.00\n"
    b"=cmd|' /C calc'!A0,1,,225700000X,FL,98940,,2026-03-03,2026-03-03,M54.50,,55.00\n"
    b"c3,1,,111N00000X,FL,98941,,2026-03-02,2026-03-02,M54.50,,60.00\n"
)


def _wait(client: TestClient, id_: str) -> dict:
    until = time.monotonic() + 120  # the first audit on a machine compiles the kernel
    while time.monotonic() < until:
        said = client.get(f"/v1/audits/{id_}").json()
        if said["state"] in ("done", "failed"):
            return said
        time.sleep(0.2)
    raise AssertionError("the audit did not end")


def _send(client: TestClient, data: bytes = CLAIMS, name: str = "claims.csv", **more):
    return client.post("/v1/audits", files={"file": (name, data)}, **more)


@pytest.fixture(scope="module")
def done(client: TestClient) -> dict:
    """A small audit that is done."""
    answer = _send(client, headers={"idempotency-key": "first"})
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"/v1/audits/{answer.json()['id']}"
    return _wait(client, answer.json()["id"])


def test_a_file_is_judged(client: TestClient, done: dict):
    assert done["state"] == "done"
    assert done["rows"] == 3
    assert done["progress"] == 1
    assert re.fullmatch(r"[0-9a-f]{32}", done["id"])
    whole = client.get(f"/v1/audits/{done['id']}/summary").json()
    assert whole["rows"] == 3
    assert whole["by_verdict"] == done["summary"]["by_verdict"]


def test_findings_come_as_parquet_and_as_csv_without_formulas(client: TestClient, done: dict):
    address = f"/v1/audits/{done['id']}/findings"
    table = pq.read_table(io.BytesIO(client.get(address + "?format=parquet").content))
    answer = client.get(address)
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.headers["content-disposition"] == 'attachment; filename="findings.csv"'
    assert answer.headers["cache-control"] == "no-store"
    assert table.num_rows == len(rows) == 2
    assert [row["verdict"] for row in rows] == table["verdict"].to_pylist()
    assert "'=cmd|' /C calc'!A0" in [row["claim"] for row in rows]
    for row in rows:
        for cell in row.values():
            assert not cell.startswith(("=", "+", "@", "\t", "\r"))


@pytest.mark.parametrize("text", ["=1", "+1", "-1+2", "@x", "\t=1", "\r=1", "\n=1"])
def test_no_text_stays_a_formula(text: str):
    assert guarded(text) == f"'{text}"


def test_the_report_has_its_own_policy(client: TestClient, done: dict):
    answer = client.get(f"/v1/audits/{done['id']}/report")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "<!DOCTYPE html>" in answer.text
    assert "/tmp/" not in answer.text  # noqa: S108  (no place of the server's in it)


def test_events_tell_how_far_it_is(client: TestClient, done: dict):
    with client.stream("GET", f"/v1/audits/{done['id']}/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        text = "".join(answer.iter_text())
    said = [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: ")]
    assert said[-1] == client.get(f"/v1/audits/{done['id']}").json()
    assert client.get("/v1/audits/" + "0" * 32 + "/events").status_code == 404


def test_the_same_key_gives_the_same_audit_and_another_file_a_problem(client: TestClient, done: dict):
    again = _send(client, headers={"idempotency-key": "first"})
    assert again.status_code == 202
    assert again.json()["id"] == done["id"]
    other = _send(
        client,
        CLAIMS + b"c9,1,,111N00000X,FL,98941,,2026-03-02,2026-03-02,M54.50,,60.00\n",
        headers={"idempotency-key": "first"},
    )
    assert other.status_code == 422
    options = _send(client, headers={"idempotency-key": "first"}, data={"place": "US-FL"})
    assert options.status_code == 422
    assert other.headers["content-type"] == "application/problem+json"


def test_a_key_whose_audit_is_gone_can_be_used_anew(client: TestClient):
    first = _send(client, headers={"idempotency-key": "again"}).json()["id"]
    client.delete(f"/v1/audits/{first}")
    second = _send(client, headers={"idempotency-key": "again"})
    assert second.status_code == 202
    assert second.json()["id"] != first
    client.delete(f"/v1/audits/{second.json()['id']}")


def test_a_key_used_at_the_same_time_gives_one_audit(client: TestClient):
    with ThreadPoolExecutor(6) as pool:
        sent = list(pool.map(lambda _: _send(client, headers={"idempotency-key": "together"}), range(6)))
    assert {answer.status_code for answer in sent} == {202}
    assert len({answer.json()["id"] for answer in sent}) == 1
    client.delete(f"/v1/audits/{sent[0].json()['id']}")


def test_deleting_leaves_nothing(client: TestClient, folder: Path):
    id_ = _send(client).json()["id"]
    assert (folder / "audits" / id_).is_dir()
    assert client.delete(f"/v1/audits/{id_}").status_code == 204
    time.sleep(0.5)
    assert not (folder / "audits" / id_).exists()
    for address in (f"/v1/audits/{id_}", f"/v1/audits/{id_}/findings", f"/v1/audits/{id_}/report"):
        assert client.get(address).status_code == 404
    assert client.delete(f"/v1/audits/{id_}").status_code == 404


def test_a_file_that_is_no_claims_says_so_without_paths(client: TestClient, folder: Path):
    answer = _send(client, b"name,colour\nx,red\n")
    assert answer.status_code in (202, 400)
    if answer.status_code == 202:
        said = _wait(client, answer.json()["id"])
        assert said["state"] == "failed"
        assert said["problem"]
        assert str(folder) not in said["problem"]
        assert client.get(f"/v1/audits/{said['id']}/report").status_code == 409
    assert _send(client, b"").status_code == 400
    assert client.post("/v1/audits", content=b"x").status_code == 400
    assert _send(client, data={"year": "12"}).status_code == 400
    assert _send(client, data={"place": "Nowhere"}).status_code == 400


@pytest.mark.parametrize(
    "name",
    ["../../../etc/cron.d/x.csv", "..\\..\\x.csv", "/etc/passwd", ".hidden", "a\0b.csv", "", "..", "x" * 500],
)
def test_a_file_s_name_leads_nowhere(client: TestClient, folder: Path, name: str):
    assert "/" not in plain_name(name)
    assert "\\" not in plain_name(name)
    assert not plain_name(name).startswith(".")
    assert 0 < len(plain_name(name)) <= 100
    before = {path for path in folder.parent.rglob("*") if folder not in path.parents}
    answer = _send(client, name=name or "x")
    assert answer.status_code in (202, 400)
    assert {path for path in folder.parent.rglob("*") if folder not in path.parents} == before
    if answer.status_code == 202:
        client.delete(f"/v1/audits/{answer.json()['id']}")


@pytest.mark.parametrize(
    "id_",
    ["..", "%2e%2e", "..%2f..%2fetc", "%2e%2e%2fkeys", "....//", "0" * 31, "0" * 33, "G" * 32, "0" * 31 + "%00"],
)
def test_no_id_leads_out_of_the_folder(client: TestClient, done: dict, id_: str):
    for rest in ("", "/findings", "/report", "/summary", "/events"):
        assert client.get(f"/v1/audits/{id_}{rest}").status_code in (400, 404)
    assert client.delete(f"/v1/audits/{id_}").status_code in (400, 404, 405)
    assert client.get(f"/v1/audits/{done['id']}").status_code == 200


def test_only_the_owner_of_the_folder_can_read_it(client: TestClient, done: dict, folder: Path):
    assert (folder / "audits" / done["id"]).stat().st_mode & 0o077 == 0


def test_what_has_expired_goes(client: TestClient, folder: Path):
    id_ = _send(client).json()["id"]
    _wait(client, id_)
    described = folder / "audits" / id_ / "job.json"
    job = msgspec.json.decode(described.read_bytes(), type=Job)
    job.expires = datetime.now(UTC) - timedelta(seconds=1)
    described.write_bytes(msgspec.json.encode(job))
    assert client.get(f"/v1/audits/{id_}").status_code == 404
    client.app.state.jobs.sweep()
    assert not described.parent.exists()


def test_uploads_and_their_number_are_bounded(tmp_path: Path):
    settings = Settings(data=tmp_path, max_upload_mib=0.01, max_body_mib=0.001, audits_kept=1)
    with TestClient(create_app(settings)) as asking:
        assert _send(asking, b"x" * 20_000).status_code == 413
        first = _send(asking, CLAIMS + b"," * 3000)  # larger than other bodies may be
        assert first.status_code == 202
        second = _send(asking)
        assert second.status_code == 503
        assert second.headers["retry-after"]
        asking.delete(f"/v1/audits/{first.json()['id']}")

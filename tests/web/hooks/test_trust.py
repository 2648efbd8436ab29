"""Which callers are let in: the table of tokens, and loopback."""

from __future__ import annotations

import base64
import hmac
import json
import time
import uuid
from typing import Any

import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from starlette.testclient import TestClient
from tests.web.hooks import charts
from tests.web.hooks.doors import client

from handrail.terms import InputError
from handrail.web.hooks import seen
from handrail.web.hooks.seen import InFile
from handrail.web.hooks.trust import Clients
from handrail.web.problems import Problem

ISSUER = "https://ehr.example.org/"
BASE = "https://cds.example.org"
SERVICE = "/cds-services/handrail-order-sign"
EC = ECKey.generate_key("P-384", {"kid": "ec-1", "alg": "ES384", "use": "sig"})
RSA = RSAKey.generate_key(2048, {"kid": "rsa-1", "use": "sig"})
STRANGER = ECKey.generate_key("P-384", {"kid": "ec-1"})


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clients")
    (folder / "ehr.json").write_text(json.dumps({"keys": [EC.as_dict(private=False), RSA.as_dict(private=False)]}))
    path = folder / "clients.yaml"
    path.write_text(f"audience: {BASE}\nclients:\n  {ISSUER}: {{jwks: ehr.json}}\n")
    return path


@pytest.fixture(scope="module")
def door(file):
    # From elsewhere, so that nothing is open by being on this machine.
    return client(host="203.0.113.9", base=BASE, hooks_clients=file)


def token(key: Any = EC, header: dict[str, Any] | None = None, **claims: Any) -> str:
    now = int(time.time())
    told = {"iss": ISSUER, "aud": f"{BASE}{SERVICE}", "exp": now + 300, "iat": now, "jti": str(uuid.uuid4())}
    told = {name: value for name, value in (told | claims).items() if value is not None}
    head = {"alg": "ES384", "typ": "JWT", "kid": "ec-1"} | (header or {})
    head = {name: value for name, value in head.items() if value is not None}
    return jwt.encode(head, told, key, algorithms=[head["alg"]])


def ask(door: TestClient, bearer: str | None, url: str = SERVICE):
    headers = {} if bearer is None else {"Authorization": f"Bearer {bearer}"}
    body = charts.call("order-sign", charts.who("massage_therapist") | charts.chart(), charts.order("98941"))
    return door.post(url, json=body, headers=headers)


def plain(**claims: Any) -> str:
    """A token that nobody signed."""

    def part(data: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(data).encode()).rstrip(b"=").decode()

    now = int(time.time())
    told = {"iss": ISSUER, "aud": f"{BASE}{SERVICE}", "exp": now + 300, "iat": now, "jti": "x"} | claims
    return f"{part({'alg': 'none', 'typ': 'JWT', 'kid': 'ec-1'})}.{part(told)}."


def by_public_key() -> str:
    """A token whose shared secret is the client's public key, as an attacker would make it."""
    signed = ".".join(plain(jti=str(uuid.uuid4())).split(".")[1:2])
    head = base64.urlsafe_b64encode(b'{"alg": "HS256", "typ": "JWT", "kid": "ec-1"}').rstrip(b"=").decode()
    mac = hmac.digest(EC.as_pem(private=False), f"{head}.{signed}".encode(), "sha256")
    return f"{head}.{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def by_hand(payload: bytes, **header: Any) -> str:
    """A signature over whatever."""
    head = {"alg": "ES384", "typ": "JWT", "kid": "ec-1"} | header
    head = {name: value for name, value in head.items() if value is not None}
    return jws.serialize_compact(head, payload, EC, algorithms=["ES384"])


@pytest.mark.parametrize(
    "make",
    [
        lambda: token(),
        lambda: token(aud=["https://other.example.org", f"{BASE}{SERVICE}"]),
        lambda: token(RSA, {"alg": "RS384", "kid": "rsa-1"}),
        lambda: token(RSA, {"alg": "PS384", "kid": "rsa-1"}),
        lambda: token(header={"jku": "https://ehr.example.org/jwks"}),
        lambda: token(tenant="2ddd6c3a"),
        lambda: token(exp=int(time.time()) - 20, iat=int(time.time()) - 300),  # within what clocks may differ
        lambda: token(iat=int(time.time()) + 20),
    ],
)
def test_a_good_token_is_let_in(make, door):
    answer = ask(door, make())
    assert answer.status_code == 200, answer.text
    assert answer.json()["cards"]


NOW = int(time.time())


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: None, "Bearer"),
        (lambda: "", "Bearer"),
        (lambda: "x", "read"),
        (lambda: "a.b.c", "read"),
        (lambda: "x" * 9000, "long"),
        (lambda: token(exp=NOW - 3600, iat=NOW - 7200), "expired"),
        (lambda: token(exp=NOW + 30 * 24 * 3600), "too long"),
        (lambda: token(exp=None), "exp"),
        (lambda: token(exp="soon"), "exp"),
        (lambda: token(exp=True), "exp"),
        (lambda: token(exp=1e300), "exp"),
        (lambda: token(iat=None), "iat"),
        (lambda: token(iat=NOW + 3000, exp=NOW + 3300), "future"),
        (lambda: token(nbf=NOW + 3000), "not valid yet"),
        (lambda: token(jti=None), "jti"),
        (lambda: token(jti=""), "jti"),
        (lambda: token(aud=None), "audience"),
        (lambda: token(aud=BASE), "audience"),
        (lambda: token(aud=f"{BASE}/cds-services"), "audience"),
        (lambda: token(aud=f"{BASE}/cds-services/handrail-patient-view"), "audience"),
        (lambda: token(aud=[]), "audience"),
        (lambda: token(aud=f"https://evil.example.org{SERVICE}"), "audience"),
        (lambda: token(iss="https://other.example.org/"), "issuer"),
        (lambda: token(iss=None), "issuer"),
        (lambda: token(iss=["x"]), "issuer"),
        (lambda: token(header={"kid": "ec-2"}), "key"),
        (lambda: token(header={"kid": None}), "kid"),
        (lambda: by_hand(b'{"iss": "https://ehr.example.org/"}', typ=None), "typ"),
        (lambda: token(header={"typ": "at+jwt"}), "typ"),
        (lambda: token(STRANGER), "signature"),
        (lambda: token()[:-8] + "AAAAAAAA", "signature"),
        (lambda: token(RSA, {"alg": "RS384"}), "another algorithm"),
        (plain, "algorithm"),
        (by_public_key, "algorithm"),
        (lambda: token(OctKey.import_key("k" * 32), {"alg": "HS256"}), "algorithm"),
        (lambda: by_hand(b"[]"), "issuer"),
        (lambda: by_hand(b"x"), "read"),
        (lambda: by_hand(b'{"iss": "https://ehr.example.org/"}'), "audience"),
    ],
)
def test_every_other_token_is_refused(make, why, door):
    answer = ask(door, make())
    assert answer.status_code == 401, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert why in answer.json()["detail"]


def test_a_token_is_taken_once(door):
    once = token()
    assert ask(door, once).status_code == 200
    assert "used before" in ask(door, once).json()["detail"]


def test_discovery_and_feedback_are_behind_the_same_door(door):
    assert door.get("/cds-services").status_code == 401
    bearer = token(aud=f"{BASE}/cds-services")
    assert door.get("/cds-services", headers={"Authorization": f"Bearer {bearer}"}).status_code == 200
    assert ask(door, None, f"{SERVICE}/feedback").status_code == 401
    # A token for discovery opens no service.
    assert ask(door, token(aud=f"{BASE}/cds-services")).status_code == 401


@pytest.mark.parametrize("shared", [False, True])
def test_what_is_remembered_is_forgotten_in_time_and_bounded(shared, file, monkeypatch, tmp_path):
    clients = Clients.of(file, InFile(tmp_path / "a" / "tokens.db") if shared else None)
    monkeypatch.setattr(seen, "REMEMBERED", 3)
    now = time.time()
    for _ in range(3):
        clients.verify(token(), (SERVICE,))
    with pytest.raises(Problem) as stop:
        clients.verify(token(), (SERVICE,))
    assert stop.value.status == 503
    later = now + 1000
    clients.verify(token(iat=int(later), exp=int(later) + 300), (SERVICE,), later)


def test_a_token_is_taken_once_by_all_processes(file, tmp_path):
    doors = [
        client(host="203.0.113.9", base=BASE, hooks_clients=file, workers=2, data=tmp_path / "data") for _ in "ab"
    ]
    once = token()
    assert sorted(ask(door, once).status_code for door in doors * 2) == [200, 401, 401, 401]
    assert once.encode() not in (tmp_path / "data" / "hooks-tokens.db").read_bytes()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("clients: {}\naudience: https://a.org", "names no clients"),
        ("clients: {i: {jwks: k.json}}", "audience"),
        ("clients: {i: {jwks: k.json}}\naudience: here", "audience"),
        ("clients: {i: {}}\naudience: https://a.org", "names no file"),
        ("clients: {i: {jwks: none.json}}\naudience: https://a.org", "none.json"),
        ("clients: {i: {jwks: https://i.org/jwks}}\naudience: https://a.org", "nothing is fetched"),
        ("clients: {i: {jwks: bad.json}}\naudience: https://a.org", "no JSON Web Key Set"),
        ("clients: {i: {jwks: secret.json}}\naudience: https://a.org", "public keys"),
        ("clients: {i: {jwks: nokid.json}}\naudience: https://a.org", "without a kid"),
    ],
)
def test_a_wrong_file_of_clients_is_named(text, why, tmp_path):
    (tmp_path / "bad.json").write_text("{}")
    secret = {"kty": "oct", "k": "c2VjcmV0" * 8, "kid": "a"}
    (tmp_path / "secret.json").write_text(json.dumps({"keys": [secret]}))
    key = {name: value for name, value in EC.as_dict(private=False).items() if name != "kid"}
    (tmp_path / "nokid.json").write_text(json.dumps({"keys": [key]}))
    path = tmp_path / "clients.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=why):
        Clients.of(path)


@pytest.mark.parametrize(
    ("call", "opened"),
    [
        ({}, True),
        ({"base": "http://localhost:8000"}, True),
        ({"base": "http://[::1]:8000", "host": "::1"}, True),
        ({"host": "203.0.113.9"}, False),
        ({"base": "http://evil.example.org"}, False),
        ({"base": "http://127.0.0.1.evil.example.org"}, False),
    ],
)
def test_without_clients_it_is_open_on_loopback_only(call, opened):
    door = client(**call)
    assert (door.get("/cds-services").status_code == 200) is opened
    assert (ask(door, None).status_code == 200) is opened


def test_a_proxy_on_this_machine_does_not_make_callers_local():
    for header in ("X-Forwarded-For", "Forwarded", "Via", "X-Forwarded-Host"):
        answer = client().get("/cds-services", headers={header: "203.0.113.9"})
        assert answer.status_code == 401
    assert client(behind_proxy=True).get("/cds-services").status_code == 401


def test_pages_of_other_origins_may_call_only_if_a_setting_says_so():
    ask_first = {"Origin": "https://sandbox.example.org", "Access-Control-Request-Method": "POST"}
    closed = client().options(SERVICE, headers=ask_first)
    assert "access-control-allow-origin" not in closed.headers
    door = client(hooks_cors="https://sandbox.example.org, https://two.example.org")
    opened = door.options(SERVICE, headers=ask_first | {"Access-Control-Request-Headers": "authorization"})
    assert opened.status_code == 200
    assert opened.headers["access-control-allow-origin"] == "https://sandbox.example.org"
    other = door.options(SERVICE, headers=ask_first | {"Origin": "https://evil.example.org"})
    assert "access-control-allow-origin" not in other.headers
    elsewhere = door.get("/about", headers={"Origin": "https://sandbox.example.org"})
    assert "access-control-allow-origin" not in elsewhere.headers

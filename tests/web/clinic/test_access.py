"""The table of access, whole: each address with each role, by key and by session, and with nobody."""

from __future__ import annotations

from handrail.clinic import ROLES
from handrail.web.clinic import ACCESS

#: What makes each address answer well, where it needs more than its name.
BODIES = {
    ("POST", "/v1/clinic/check"): {"practitioner": "p-bo", "service": "thrust_spine", "time": "2026-12-01"},
    ("PUT", "/v1/clinic/services/{service}"): {"name": "Neck", "technique": "thrust_spine"},
    ("PUT", "/v1/clinic/log"): {"on": True},
    ("POST", "/v1/clinic/overrides"): {"of": 1, "reason": "x"},
    ("POST", "/v1/clinic/users"): {"name": "new", "role": "viewer", "password": "correct horse battery"},
    ("PATCH", "/v1/clinic/users/{name}"): {"disabled": False},
    ("POST", "/v1/clinic/keys"): {"name": "x", "role": "viewer"},
}
CASES = [(method, path, role) for (method, path), role in ACCESS.items()]
NAMES = {"practitioner": "p-el", "service": "neck", "name": "the-viewer", "prefix": "hr_00000000"}


def call(client, method: str, path: str, **more):
    body = BODIES.get((method, path))
    return client.request(method, path.format(**NAMES), json=body, **more)


def test_every_address_of_the_clinic_is_in_the_table(app):
    found = set()
    for route in _routes(app.routes):
        path = getattr(route, "path", "")
        if path.startswith(("/v1/clinic", "/clinic", "/sign-")):
            found |= {(method, path) for method in route.methods if method != "HEAD"}
    assert found == set(ACCESS)


def _routes(routes):
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from _routes(inner.routes)
        else:
            yield route


def test_every_role_of_the_table_is_one():
    assert {role for role in ACCESS.values() if role} <= set(ROLES)


def test_by_key(client, keys):
    for method, path, least in CASES:
        nobody = call(client, method, path)
        if least is not None:
            sent_on = method == "GET" and not path.startswith("/v1")
            assert nobody.status_code == (303 if sent_on else 401), nobody.text
            if nobody.status_code == 303:
                assert nobody.headers["location"].startswith("/sign-in")
            assert "p-bo" not in nobody.text
            wrong = call(client, method, path, headers={"authorization": "Bearer hr_00000000_nothing"})
            assert wrong.status_code == nobody.status_code
        if path == "/sign-out" or not path.startswith("/v1"):
            continue  # pages are for sessions
        for role in ROLES:
            found = call(client, method, path, headers=keys[role])
            if ROLES.index(role) < ROLES.index(least):
                assert found.status_code == 403, (role, found.text)
                assert found.json()["type"].endswith("not-allowed")
            else:
                assert found.status_code in (200, 400, 404), (role, found.text)


def test_by_session(app, store, browser):
    for method, path, least in CASES:
        for role in ROLES:
            who = browser(role)
            found = call(who, method, path, headers={"x-csrf-token": who.csrf})
            if least is not None and ROLES.index(role) < ROLES.index(least):
                assert found.status_code == 403, (role, found.text)
            elif method == "POST" and not path.startswith("/v1"):
                # A form without its own token; what a form needs to be done is tested with the pages.
                assert found.status_code in (400, 401, 403, 422), (role, found.text)
            else:
                assert found.status_code in (200, 400, 404), (role, found.text)


def test_a_session_needs_its_own_token_for_every_write(browser):
    for method, path, _ in [case for case in CASES if case[0] != "GET" and case[1].startswith("/v1")]:
        who = browser("owner")
        for headers in (
            {},
            {"x-csrf-token": ""},
            {"x-csrf-token": "é".encode()},
            {"x-csrf-token": browser("owner").csrf},
        ):
            found = call(who, method, path, headers=headers)
            assert found.status_code == 403, found.text
            assert found.json()["type"].endswith("csrf")


def test_another_site_is_refused_before_anything_else(browser):
    for method, path, _ in [case for case in CASES if case[0] != "GET"]:
        who = browser("owner")
        for headers in (
            {"origin": "https://evil.example"},
            {"origin": "null"},
            {"sec-fetch-site": "cross-site"},
            {"sec-fetch-site": "same-site"},
            {"origin": "http://testserver.evil.example"},
        ):
            found = call(who, method, path, headers={"x-csrf-token": who.csrf, **headers})
            assert found.status_code == 403, found.text
            assert "another site" in found.text

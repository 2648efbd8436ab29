"""The whole service as a stranger would try it: headers, traversal, script in parameters, redirects, hosts, sizes.

Routes are found in the application itself, so that a page that is added is tried too.
"""

from __future__ import annotations

import os
import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from fastapi import FastAPI
from starlette.routing import Route
from starlette.testclient import TestClient

from handrail.web import Settings, create_app

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
ORIGIN = "http://127.0.0.1:8000"
#: What stands for a parameter of a path.
SAMPLES = {"code": "US-FL", "other": "CA-ON", "name": "style.css"}
SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
#: Names of parameters that pages may read beside those they declare; all of them are tried in a long run.
ALL_NAMES = (
    "q in lang place profession as technique do region on other what country jurisdiction day next return_to url "
    "redirect size kind job v speed amplitude tissue"
).split()
NAMES = ALL_NAMES if SOAK else ["q", "in", "lang", "next"]
PAYLOADS = (
    """"'></title></textarea><script>alert(1)</script><img src=x onerror=alert(1)>""",
    "javascript:alert(1)//{{7*7}}${7*7}",
    "\r\nX-Injected: yes\r\n\r\n<b>x</b>",
)


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return create_app(Settings())


@pytest.fixture(scope="module")
def door(app):
    return TestClient(
        app,
        base_url=ORIGIN,
        client=("127.0.0.1", 50000),
        headers={"Accept": "text/html, */*;q=0.1"},
        raise_server_exceptions=False,
        follow_redirects=False,
    )


def routes(app: FastAPI, method: str) -> list[Any]:
    """Every route that takes a method, wherever it was included."""

    def walk(held: list[Any]) -> list[Any]:
        found = []
        for one in held:
            if hasattr(one, "original_router"):
                found += walk(one.original_router.routes)
            elif isinstance(one, Route) and one.methods and method in one.methods:
                found.append(one)
            elif getattr(one, "routes", None):
                found += walk(one.routes)
        return found

    return walk(list(app.routes))


def filled(path: str, **values: str) -> str:
    """A path with its parameters filled in."""
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: quote((SAMPLES | values).get(found[1], "x"), safe=""), path)


def pages(app: FastAPI, door: TestClient) -> list[str]:
    """The paths that answer with a page."""
    found = []
    for route in routes(app, "GET"):
        if route.path.startswith(("/v1/audits", "/mcp")):
            continue
        path = filled(route.path)
        if door.get(path).headers.get("content-type", "").startswith("text/html"):
            found.append(path)
    return found


class Inline(HTMLParser):
    """What the policy forbids in a page, and where its links lead."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.bad: list[str] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script" and not (given.get("src") or given.get("type") in ("application/json", "importmap")):
            self.bad.append("inline script")
        if tag in ("style", "base", "object", "embed", "iframe"):
            self.bad.append(tag)
        for name, value in given.items():
            if name.startswith("on") or name == "style":
                self.bad.append(f"{tag} {name}")
            if name in ("href", "src", "action", "formaction") and value:
                self.links.append(value)
                scheme = urlsplit(value.strip()).scheme.lower()
                if scheme not in ("", "http", "https", "mailto", "data") or (scheme == "data" and name != "src"):
                    self.bad.append(f"{tag} {name} {scheme}")


def test_there_are_pages_to_try(app, door):
    found = pages(app, door)
    assert {"/", "/map", "/law", "/law/US-FL", "/screen", "/technique", "/about"} <= set(found)


def test_every_page_has_the_headers_and_nothing_inline(app, door):
    for path in [*pages(app, door), "/no-such-page", "/law/no-such-place", "/ask?q=x"]:
        answer = door.get(path)
        assert answer.headers["content-security-policy"] == CSP, path
        assert answer.headers["x-content-type-options"] == "nosniff", path
        assert answer.headers["referrer-policy"] in ("same-origin", "no-referrer"), path
        assert "server" not in answer.headers
        assert "x-powered-by" not in answer.headers
        inline = Inline(answer.text)
        assert inline.bad == [], path
        for link in inline.links:
            if not link.startswith(("http://", "https://", "#", "mailto:", "data:")):
                assert link.startswith(("/", "?")), (path, link)
                assert not link.startswith("//"), (path, link)


def test_every_answer_for_programs_has_the_headers_too(app, door):
    for path in (
        "/v1/openapi.json",
        "/v1/no-such-thing",
        "/cds-services",
        "/cds-services/none",
        "/healthz",
        "/mcp",
    ):
        answer = door.get(path, headers={"Accept": "application/json"})
        assert answer.headers["x-content-type-options"] == "nosniff", path
        assert answer.headers["content-security-policy"] == CSP, path
        assert answer.headers["x-frame-options"] == "DENY", path
        assert not answer.headers["content-type"].startswith("text/html"), path
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    ("proxy", "base", "sent"),
    [(True, "https://clinic.example", True), (True, "http://clinic.example", False), (False, ORIGIN, False)],
)
def test_browsers_are_told_to_stay_with_tls_only_behind_a_proxy_that_speaks_it(proxy, base, sent):
    behind = TestClient(create_app(Settings(behind_proxy=proxy)), base_url=base)
    assert ("strict-transport-security" in behind.get("/about").headers) is sent


def test_scripts_styles_and_pictures_are_our_own(app, door):
    for path in pages(app, door):
        for found in re.findall(r"<(?:script|img|link)[^>]*?(?:src|href)=\"([^\"]+)\"", door.get(path).text):
            assert found.startswith(("/", "data:image/")), (path, found)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_parameter_of_a_page_comes_back_as_markup(payload, app, door):
    for route in routes(app, "GET"):
        if route.path.startswith(("/v1", "/mcp", "/cds-services")):
            continue
        declared = [field.alias for field in getattr(getattr(route, "dependant", None), "query_params", [])]
        tried = [filled(route.path) + f"?{name}={quote(payload)}" for name in {*NAMES, *declared}]
        tried += [filled(route.path, **{name: payload}) for name in re.findall(r"\{(\w+)", route.path)]
        if "q" in declared:
            tried += [
                f"/ask?q={quote('Can a masseuse crack my back in Florida?')}&{n}={quote(payload)}" for n in NAMES
            ]
        for path in tried:
            unharmed(door.get(path), payload, path)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_field_of_a_form_comes_back_as_markup(payload, app, door):
    good = {"place": "US-FL", "as": "chiropractor", "profession": "chiropractor", "technique": "thrust_spine"}
    for route in routes(app, "POST"):
        if route.path.startswith(("/v1", "/mcp", "/cds-services")):
            continue
        path = filled(route.path)
        for name in [*NAMES, "lang", "kind", "step", "back", "age", "done", "client_name", "answer", "question"]:
            headers = {"Origin": ORIGIN}
            unharmed(door.post(path, data=good | {name: payload}, headers=headers), payload, f"{path} {name}")


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_cookie_or_header_comes_back_as_markup(payload, door):
    clean = payload.replace("\r\n", " ")
    for name in ("lang", "place", "session"):
        unharmed(door.get("/", headers={"Cookie": f"{name}={quote(clean)}"}), clean, name)
    for name in ("Accept-Language", "Referer", "User-Agent", "X-Forwarded-Host", "X-Original-URL"):
        unharmed(door.get("/ask", headers={name: clean}), clean, name)


def unharmed(answer: Any, payload: str, where: str) -> None:
    assert answer.status_code < 500, where
    assert "x-injected" not in answer.headers, where
    if not answer.headers.get("content-type", "").startswith("text/html"):
        return
    if "<" in payload:
        assert payload.strip() not in answer.text, where
    assert "49$49" not in answer.text, where
    inline = Inline(answer.text)
    assert inline.bad == [], where


TRAVERSALS = (
    "../settings.py",
    "..%2fsettings.py",
    "%2e%2e/%2e%2e/settings.py",
    "..%252f..%252fsettings.py",
    "....//....//settings.py",
    "..\\settings.py",
    "..%5csettings.py",
    "%00",
    "style.css%00.png",
    "/etc/passwd",
    "//etc/passwd",
    "~root",
    "font/../../settings.py",
    "templates/base.html",
)


@pytest.mark.parametrize("way", TRAVERSALS)
@pytest.mark.parametrize(
    "start", ["/static/", "/static/font/", "/law/", "/audit/", "/v1/audits/", "/v1/law/", "/papers/"]
)
@pytest.mark.parametrize("end", ["", ".yaml", ".json"])
def test_no_path_leads_out_of_a_folder(way, start, end, door):
    answer = door.get(f"{start}{way}{end}")
    assert answer.status_code in (303, 307, 308, 400, 401, 403, 404, 405, 422), answer.status_code
    for secret in ("BaseSettings", "root:", "{% block", "env_prefix"):
        assert secret not in answer.text


EVIL = ("//evil.example", "https://evil.example", "/\\evil.example")


@pytest.mark.parametrize("target", EVIL)
def test_nobody_is_sent_elsewhere(target, app, door):
    tried = [f"{target}/law/US-FL", f"/{target}", f"/{target}/.."] if target.startswith("/") else []
    for route in routes(app, "GET"):
        if route.path.startswith(("/mcp", "/cds-services")):
            continue
        declared = [field.alias for field in getattr(getattr(route, "dependant", None), "query_params", [])]
        tried += [f"{filled(route.path)}?{name}={quote(target)}" for name in {*NAMES, *declared}]
        tried += [filled(route.path, **{name: target}) for name in re.findall(r"\{(\w+)", route.path)]
        tried.append(f"{filled(route.path)}/?next={quote(target)}")
    for path in tried:
        answer = door.get(path if path.startswith("/") and not path.startswith("//") else f"{ORIGIN}{path}")
        assert answer.status_code < 500, path
        sent = answer.headers.get("location", "")
        if sent:
            assert not sent.startswith(("//", "/\\", "\\")), (path, sent)
            assert urlsplit(sent).netloc in ("", "127.0.0.1:8000"), (path, sent)
        if answer.headers.get("content-type", "").startswith("text/html"):
            for link in Inline(answer.text).links:
                assert "evil.example" not in urlsplit(link).netloc, (path, link)


def test_the_host_header_makes_no_address(app, door):
    for path in pages(app, door):
        answer = door.get(path, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
        assert answer.status_code < 500
        assert "evil.example" not in answer.text, path
        assert "evil.example" not in answer.headers.get("location", "")
    for path in ("/cds-services", "/mcp"):
        assert door.get(path, headers={"Host": "evil.example"}).status_code in (401, 403, 405, 421, 503)


def test_large_bodies_are_refused_at_every_door(app, door):
    """No door takes 70 MB in, whatever it calls it; files of claims have a limit of their own."""
    large = b"a" * (9 << 20)
    for route in routes(app, "POST"):
        path = filled(route.path)
        if path.startswith(("/audit", "/v1/audits", "/mcp")):
            continue
        for kind in ("application/json", "application/x-www-form-urlencoded"):
            answer = door.post(path, content=large, headers={"Content-Type": kind, "Origin": ORIGIN})
            assert 400 <= answer.status_code < 500, (path, kind, answer.status_code)
            assert len(answer.content) < 100_000


def test_deep_and_odd_bodies_break_nothing(app, door):
    bodies = (b"[" * 200_000, b'{"a":' * 100_000, b"\xff\xfe\x00", b"null", b"%00%ff=&&&==", b"NaN", b"")
    for route in routes(app, "POST"):
        path = filled(route.path)
        if path.startswith("/mcp"):
            continue
        for body in bodies:
            for kind in (
                "application/json",
                "application/x-www-form-urlencoded",
                "multipart/form-data",
                "text/plain",
            ):
                answer = door.post(path, content=body, headers={"Content-Type": kind, "Origin": ORIGIN})
                assert answer.status_code < 500, (path, kind, body[:10])
                assert "Traceback" not in answer.text


def test_cookies_are_closed_to_scripts_and_other_sites(door):
    answer = door.get("/ask?q=Can+a+masseuse+crack+my+back%3F&in=US-FL&lang=fr")
    given = answer.headers.get_list("set-cookie")
    assert given
    for cookie in given:
        assert "httponly" in cookie.lower(), cookie
        assert "samesite=lax" in cookie.lower() or "samesite=strict" in cookie.lower(), cookie


def test_long_addresses_break_nothing(door):
    for path in ("/ask?q=" + "a" * 60_000, "/law/" + "a" * 30_000, "/" + "a/" * 10_000, "/map?on=" + "9" * 20_000):
        assert door.get(path).status_code < 500


def test_other_methods_break_nothing(app, door):
    for route in routes(app, "GET"):
        for method in ("PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "HEAD", "BREW"):
            if route.path.startswith("/mcp"):
                continue
            assert door.request(method, filled(route.path)).status_code < 500 or method == "BREW"

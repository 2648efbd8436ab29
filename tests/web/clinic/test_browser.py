"""The clinic in a real Chromium: both languages, telephone and desk, keyboard only, axe, the CSP."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from tests.clinic.conftest import ROSTER
from tests.web.clinic.conftest import PASSWORD

from handrail.clinic import Accounts, Log, Roster, Service, Store, check, import_csv
from handrail.web import Settings, create_app

pytest.importorskip("handrail.web.pages", exc_type=ImportError)
SHOTS = os.environ.get("HANDRAIL_SHOTS")


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[str]:
    """The service on a free port, with a clinic that has a day behind it."""
    url = f"sqlite:///{tmp_path_factory.mktemp('clinic')}/clinic.db"
    store = Store(url)
    store.migrate()
    Roster(store).settle("US-WA")
    import_csv(Roster(store), ROSTER, commit=True)
    Roster(store).put_service(Service("neck", "Neck adjustment", "thrust_spine", ("cervical",)))
    Accounts(store).add("anna", "owner", PASSWORD)
    log = Log(store)
    log.switch(True, user="anna")
    for who, codes in (("p-bo", []), ("p-di", ["osteoporosis"]), ("p-ann", ["M81.0"]), ("p-el", [])):
        found = check(store, who, "neck", "2026-12-01T09:00", codes)
        log.append(found.decision, user="anna", client="c-0042", practitioner=who, service="neck")
    log.override(3, "seen by the physician, cleared", user="anna")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = uvicorn.Config(create_app(Settings(database=url)), host="127.0.0.1", port=port, log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=20)
    store.close()


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


def opened(chromium, width: int, lang: str = "en", scheme: str = "light"):
    context = chromium.new_context(
        viewport={"width": width, "height": 900}, locale="fr-CA" if lang == "fr" else "en-US", color_scheme=scheme
    )
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda said: page.complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    return page


def sign_in(page, site: str) -> None:
    """With the keyboard alone."""
    page.goto(f"{site}/clinic")
    page.focus("#name")
    page.keyboard.type("anna")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/clinic")


def look(page, name: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)
    found = Axe().run(page).response["violations"]
    serious = [
        (one["id"], [node["html"][:150] for node in one["nodes"]])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
    assert serious == [], name
    width = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert width[0] <= width[1], f"{name}: the page is wider than the screen"


PAGES = ("/clinic", "/clinic/log", "/clinic/log?override=3", "/clinic/import", "/clinic/settings")


@pytest.mark.parametrize(
    ("lang", "width", "scheme"),
    [("en", 1280, "light"), ("fr", 360, "dark"), ("en", 360, "light"), ("fr", 1280, "dark")],
)
def test_every_page(site, chromium, lang, width, scheme):
    page = opened(chromium, width, lang, scheme)
    page.goto(f"{site}/sign-in")
    assert page.get_attribute("html", "lang") == lang
    look(page, f"sign-in-{lang}-{width}")
    sign_in(page, site)
    for address in PAGES:
        page.goto(site + address)
        assert page.locator("h1").count() == 1
        name = address.strip("/").replace("/", "-").replace("?override=3", "-override")
        look(page, f"{name}-{lang}-{width}")
    assert page.complaints == []
    page.context.close()


def test_a_booking_with_the_keyboard_alone(site, chromium):
    page = opened(chromium, 1280)
    sign_in(page, site)
    page.focus("#practitioner")
    page.keyboard.type("Di West")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.focus("#client")
    page.keyboard.type("c-0099")
    page.keyboard.press("Tab")
    page.keyboard.type("M81.0")
    page.keyboard.press("Enter")
    page.wait_for_selector("#checked")
    assert "The licence is suspended." in page.inner_text("main")
    assert "Ann Hall" in page.inner_text("section.told")
    look(page, "checked-en-1280")
    page.focus(".clinic-nav button")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/sign-in")
    assert page.complaints == []
    page.context.close()

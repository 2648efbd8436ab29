"""The clinic in a real Chromium: both languages, telephone and desk, keyboard alone, axe, the CSP."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.clinic.conftest import ROSTER
from tests.web.clinic.conftest import PASSWORD
from tests.web.running import running
from tests.web.watching import Watched, choose_file, entered, fill, follow, serious, tab_to

from handrail.clinic import Accounts, Log, Roster, Service, Store, check, import_csv
from handrail.web import Settings, create_app

pytest.importorskip("handrail.web.pages", exc_type=ImportError)
#: A folder for pictures of the pages, to look at.
SHOTS = os.environ.get("HANDRAIL_SHOTS")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
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
    with running(create_app(Settings(database=url))) as address:
        yield address
    store.close()


def opened(chromium: Browser, site: str, width: int = 1280, lang: str = "en", scheme: Any = "light") -> Watched:
    """A window in which somebody speaks this language."""
    return Watched(chromium, site, width, scheme, locale="fr-CA" if lang == "fr" else "en-US")


def sign_in(page: Page) -> None:
    """With the keyboard alone."""
    page.goto("/clinic")
    fill(page, "#name", "anna")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    entered(page)
    assert page.url.endswith("/clinic")


def look(page: Page, name: str) -> None:
    """No serious violation, nothing wider than the screen; a picture if a folder is named."""
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)
    assert serious(page) == [], name
    width = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert width[0] <= width[1], f"{name}: the page is wider than the screen"


PAGES = ("/clinic", "/clinic/log", "/clinic/log?override=3", "/clinic/import", "/clinic/settings")


@pytest.mark.parametrize(
    ("lang", "width", "scheme"),
    [("en", 1280, "light"), ("fr", 360, "dark"), ("en", 360, "light"), ("fr", 1280, "dark")],
)
def test_every_page(site: str, chromium: Browser, lang: str, width: int, scheme: str) -> None:
    with opened(chromium, site, width, lang, scheme) as seen:
        page = seen.page
        page.goto("/sign-in")
        assert page.get_attribute("html", "lang") == lang
        look(page, f"sign-in-{lang}-{width}")
        sign_in(page)
        for address in PAGES:
            page.goto(address)
            assert page.locator("h1").count() == 1
            name = address.strip("/").replace("/", "-").replace("?override=3", "-override")
            look(page, f"{name}-{lang}-{width}")
        page.goto("/clinic")
        page.select_option("#practitioner", label="Di West")
        with page.expect_navigation():
            page.click("form[action='/clinic/check'] button")
        look(page, f"checked-{lang}-{width}")
        assert seen.complaints == []


def test_a_booking_by_keyboard_alone(site: str, chromium: Browser) -> None:
    with opened(chromium, site) as seen:
        page = seen.page
        sign_in(page)
        fill(page, "#practitioner", "Di West")
        fill(page, "#service", "Neck")
        fill(page, "#time", "12012026")
        page.keyboard.press("Tab")
        page.keyboard.type("0930AM")
        fill(page, "#client", "c-0099")
        page.keyboard.press("Tab")
        page.keyboard.type("M81.0")
        entered(page)
        assert not page.is_visible(".problem"), page.inner_text(".problem")
        said = page.inner_text("section.told")
        assert "Neck adjustment, Di West, 2026-12-01" in said
        assert "The licence is suspended." in said
        assert "Ann Hall" in said
        # What is wider than the screen can be scrolled: every table can be reached.
        for table in ("expiring", "grid", "roster"):
            tab_to(page, f".scroll[aria-labelledby={table}]")
        assert seen.complaints == []


def test_the_log_by_keyboard_alone(site: str, chromium: Browser) -> None:
    with opened(chromium, site, 360) as seen:
        page = seen.page
        sign_in(page)
        follow(page, ".clinic-nav a[href='/clinic/log']")
        rows = page.locator("tbody tr").count()
        tab_to(page, "#verdict")
        page.keyboard.press("End")
        page.keyboard.press("ArrowUp")
        follow(page, "form[action='/clinic/log']:not([method=post]) button")
        assert 0 < page.locator("tbody tr").count() < rows
        assert "verdict=prohibited" in page.url
        tab_to(page, "details summary")
        page.keyboard.press("Enter")
        expect(page.locator("details[open] dl")).to_be_visible()
        follow(page, "td a[href*='override=']")
        fill(page, "#reason", "Another practitioner takes the visit")
        page.keyboard.press("Tab")
        entered(page)
        assert "/clinic/log?done=" in page.url
        assert "Another practitioner takes the visit" in page.inner_text("table")
        assert seen.complaints == []


def test_import_and_settings_by_keyboard_alone(site: str, chromium: Browser, tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_text(
        "practitioner_id,name,profession,jurisdiction,status\np-new,Ivy New,chiropractor,US-WA,active\n", "utf-8"
    )
    with opened(chromium, site) as seen:
        page = seen.page
        sign_in(page)
        follow(page, ".clinic-nav a[href='/clinic/import']")
        choose_file(page, "#file", file)
        follow(page, "button[value=preview]")
        assert "p-new" in page.inner_text("table")
        follow(page, "button[value=all]")
        follow(page, ".clinic-nav a[href='/clinic/settings']")
        fill(page, "#name", "zoe")
        fill(page, "#role", "Front")
        fill(page, "#password", PASSWORD)
        entered(page)
        assert "zoe" in page.inner_text("section[aria-labelledby=users] tbody")
        fill(page, "#key_name", "booking", 90)
        entered(page)
        assert "hr_" in page.inner_text("section.told")
        fill(page, "#id", "mob", 90)
        page.keyboard.press("Tab")
        page.keyboard.type("Gentle work")
        fill(page, "#technique", "Mobil")
        tab_to(page, "input[name=region][value=cervical]")
        page.keyboard.press("Space")
        follow(page, "form[action='/clinic/settings/service'] button")
        assert "Gentle work" in page.inner_text("section[aria-labelledby=services] tbody")
        page.goto("/clinic")
        assert "Ivy New" in page.inner_text("section[aria-labelledby=roster]")
        follow(page, ".clinic-nav form button")
        assert page.url.endswith("/sign-in")
        assert seen.complaints == []

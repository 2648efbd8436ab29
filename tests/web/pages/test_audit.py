"""Audit: a real claims file through the pages, with script and without."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, expect
from tests.web.watching import Watched, serious

#: An audit's first line waits for a process to begin.
_PATIENCE = 120_000


@pytest.mark.parametrize("script", [True, False])
def test_a_claims_file_becomes_a_report(chromium: Browser, served: str, claims: Path, script: bool) -> None:
    with Watched(chromium, served, 360, java_script_enabled=script) as seen:
        page = seen.page
        page.goto("/audit?lang=fr")
        page.set_input_files("#file", claims)
        page.click("#audit-form button")
        page.wait_for_url(re.compile("/audit/[A-Za-z0-9_-]+$"), timeout=_PATIENCE)
        # With script the page follows the events; without it refreshes by itself.
        expect(page.locator("#job .go")).to_be_visible(timeout=_PATIENCE)
        assert page.inner_text("#job [role=status]") == "Terminé."
        assert "3 lignes lues" in page.inner_text("#job")
        if script:
            assert serious(page) == []
        page.click("#job .go")
        page.wait_for_url("**/report")
        assert "claims.csv" in page.content()
        assert "prohibited" in page.content()
        assert seen.complaints == []


def test_what_is_no_claims_file_is_said_so(chromium: Browser, served: str, tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_text("")
    with Watched(chromium, served) as seen:
        seen.page.goto("/audit?lang=en")
        seen.page.set_input_files("#file", empty)
        seen.page.click("#audit-form button")
        expect(seen.page.locator("#audit-said")).to_contain_text("The file was not taken. the file is empty")
    with Watched(chromium, served, java_script_enabled=False) as seen:
        seen.page.goto("/audit?lang=en")
        seen.page.set_input_files("#file", empty)
        with seen.page.expect_navigation():
            seen.page.click("#audit-form button")
        assert "the file is empty" in seen.page.inner_text("main")


def test_an_audit_that_is_not_there_is_a_page(client: TestClient) -> None:
    for job in ("nothing", "0" * 32, "../x", "<b>"):
        answer = client.get(f"/audit/{job}")
        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("text/html")
    assert client.post("/audit", data={"x": "y"}).status_code in (400, 422)

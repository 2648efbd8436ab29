"""The audit's report, in a real browser, from disk, with the network off."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import msgspec
import pytest
from axe_playwright_python.sync_playwright import Axe
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from handrail.audit import open_claims
from handrail.audit.generate import generate
from handrail.audit.report import read, report
from handrail.audit.report.charts import short
from handrail.audit.report.numbers import share
from handrail.audit.report.view import FLAGGED, STEPS, Sums, step, view
from handrail.audit.run import audit
from handrail.audit.summary import Summary
from handrail.cli.run import run
from handrail.law import jurisdictions
from handrail.terms import InputError

SIZES = [(360, "light"), (360, "dark"), (1280, "light"), (1280, "dark")]


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an audit of synthetic claims, among them a file that cannot be read whole."""
    folder = tmp_path_factory.mktemp("audited")
    generate(20_000, seed=9, out=folder / "claims" / "claims.parquet", violations=60)
    ragged = "claim,line,npi,taxonomy,state,procedure,service_from,dx1,amount\n1,1,1234567890,111N00000X,ZZ,98941"
    (folder / "claims" / "ragged.csv").write_text(
        f"{ragged},2024-01-05,M99.01,10\n2,1,1\n3,1,,225700000X,FL,97124,1850-01-01,,-4\n", encoding="utf-8"
    )
    audit(open_claims([folder / "claims"]), folder / "out", parameters={"layout": None, "map": ["dx=DIAG1"]})
    return folder / "out"


class Opened:
    """A page from disk, and everything that it complained of or asked for."""

    def __init__(self, browser: Browser, path: Path, width: int, scheme: Any) -> None:
        self.context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True
        )
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        self.page.on("request", lambda request: self._asked(request.url, path.as_uri()))
        self.page.goto(path.as_uri())

    def _asked(self, url: str, own: str) -> None:
        if url != own and not url.startswith("data:"):
            self.complaints.append(f"asked for {url}")

    def __enter__(self) -> Opened:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_the_report_opens_without_complaint_and_passes_axe(
    chromium: Browser, audited: Path, width: int, scheme: str
) -> None:
    with Opened(chromium, audited / "report.html", width, scheme) as opened:
        page = opened.page
        found = Axe().run(page).response
        assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found["violations"]] == []
        assert len(found["passes"]) > 20  # axe did look
        assert page.evaluate("document.documentElement.scrollWidth") == width  # only tables scroll
        for kind, least in ((".bar", 10), (".columns", 2), (".map li", 64), (".key li", 6), ("table", 8)):
            boxes = [element.bounding_box() for element in page.query_selector_all(kind)]
            assert len(boxes) >= least, kind
            assert all(box and box["width"] > 8 and box["height"] > 5 for box in boxes), kind
        # Every part of a bar, and every column of what is not zero, can be seen.
        for kind in (".bar span", ".column i[style]:not([style*='height:0.00'])"):
            parts = page.query_selector_all(kind)
            assert parts
            assert all((box := part.bounding_box()) and box["width"] >= 1 and box["height"] >= 1 for part in parts)
        sizes = "[...document.querySelectorAll('td, tbody th')].map(e => parseFloat(getComputedStyle(e).fontSize))"
        assert min(page.evaluate(sizes)) >= 12
        assert opened.complaints == []


def test_light_dark_and_print_differ(chromium: Browser, audited: Path) -> None:
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    seen = []
    for scheme in ("light", "dark"):
        with Opened(chromium, audited / "report.html", 1280, scheme) as opened:
            seen.append(opened.page.evaluate(ground))
            opened.page.emulate_media(media="print")
            assert opened.page.evaluate(ground) == "rgb(255, 255, 255)"  # paper is white, whatever the screen
    assert seen[0] != seen[1]


def test_the_numbers_are_those_of_the_summary(chromium: Browser, audited: Path) -> None:
    summary = read(audited / "summary.json")
    sums = Sums.of(summary.by_verdict)
    assert sums.flagged == 60
    with Opened(chromium, audited / "report.html", 1280, "light") as opened:
        page = opened.page
        heading = page.inner_text("h1")
        assert heading == f"{sums.flagged:,} of {sums.judged:,} judged lines are prohibited or urgent"
        rows = page.eval_on_selector_all(
            "#verdicts tbody tr:not(.part), #verdicts tfoot tr",
            "rows => rows.map(row => [...row.cells].map(cell => cell.innerText.trim()))",
        )
        lines = {row[0]: row[1] for row in rows}
        for verdict, name in view(summary)["legend"].items():
            assert lines.get(name, "0") == f"{sums.lines[verdict]:,}"
        assert (lines["Judged"], lines["All lines"]) == (f"{sums.judged:,}", f"{summary.lines:,}")
        places = page.query_selector_all("#where tbody tr")
        assert len(places) == len(summary.by_jurisdiction)
        said = page.inner_text("body")
    for why in summary.reasons:
        if why.standing == "not_judged":
            assert why.reason in said
    for trouble in summary.troubles:
        assert trouble.what in said
    assert summary.knowledge in said
    assert "Not legal or medical advice" in said
    assert "dx=DIAG1" in said
    cited = [rule.citation for rule in summary.rules if rule.standing in FLAGGED and rule.citation]
    assert cited[0] in said


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    '=HYPERLINK("https://example.org")',
    "javascript:alert(1)",
    "</style><style>body{display:none}",
    "{{ 7 * 7 }}",
]


def hostile(summary: Summary) -> Summary:
    """The summary with hostile text wherever it holds text of files, codes, rules and settings."""
    many = len(HOSTILE)
    data = msgspec.to_builtins(summary)
    data["files"] = [{**data["files"][0], "key": text, "format": text} for text in HOSTILE]
    data["skipped"] = HOSTILE
    data["parameters"] = {text: [text] for text in HOSTILE}
    data["unmapped"] = [{"code": text, "lines": 1, "dollars": 1.0} for text in HOSTILE]
    data["troubles"] = [{"file": t, "row": 1, "where": t, "what": t, "rows": 1} for t in HOSTILE]
    data["troubles_in_all"], data["unmapped_codes"] = many, many
    data["notes"] = [{"note": text, "text": text, "lines": 1} for text in HOSTILE]
    rule = {"lines": 1, "dollars": 1.0, "text_seen": False}
    data["rules"] = [
        {**rule, "rule": t, "standing": standing, "text": t, "citation": t, "source": t}
        for t in HOSTILE
        for standing in ("prohibited", "conditional")
    ]
    group = {"lines": 2, "dollars": 3.0, "by": [{"standing": "prohibited", "lines": 2, "dollars": 3.0}]}
    data["by_jurisdiction"] = [{**group, "key": text} for text in HOSTILE]
    data["by_who"] = [{**group, "profession": text, "technique": text} for text in HOSTILE]
    return msgspec.convert(data, Summary)


def test_text_of_files_stays_text(chromium: Browser, audited: Path, tmp_path: Path) -> None:
    path = tmp_path / "hostile.html"
    path.write_text(report(hostile(read(audited / "summary.json"))), encoding="utf-8")
    with Opened(chromium, path, 1280, "light") as opened:
        page = opened.page
        assert page.query_selector_all("script, img, iframe, object, form") == []
        links = page.eval_on_selector_all("a", "links => links.map(a => a.getAttribute('href'))")
        assert all(link.startswith(("#", "https://", "http://")) for link in links)
        said = page.inner_text("body")
        assert all(text in said for text in HOSTILE)
        assert page.is_visible("h1")
        assert Axe().run(page).response["violations"] == []
        assert opened.complaints == []


def test_a_source_with_several_addresses_has_a_link_for_each(audited: Path) -> None:
    text = report(read(audited / "summary.json"))
    addresses = re.findall(r'<a href="(http[^"]*)"', text)
    assert len(addresses) > 20
    assert all(re.fullmatch(r"https?://[^\s;]+", unescape(address)) for address in addresses)


def empty() -> dict[str, Any]:
    """A summary of nothing."""
    lists = (
        "files skipped written by_verdict by_who by_jurisdiction by_month rules reasons unmapped notes troubles"
    )
    numbers = (
        "rows rows_lost lines claims_about providers_about without_amount findings unmapped_codes troubles_in_all"
    )
    texts = {"notice": "Not legal or medical advice.", "knowledge": "k", "codes": "c"}
    made = {**{key: [] for key in lists.split()}, **dict.fromkeys(numbers.split(), 0), **texts}
    return {**made, "shape": 1, "dollars": 0.0, "parameters": {}}


def test_nothing_is_reported_as_nothing(chromium: Browser, tmp_path: Path) -> None:
    path = tmp_path / "empty.html"
    path.write_text(report(empty()), encoding="utf-8")
    with Opened(chromium, path, 360, "dark") as opened:
        assert opened.page.inner_text("h1").startswith("0 of 0 judged lines")
        assert "100%" not in opened.page.inner_text("#verdicts")
        assert Axe().run(opened.page).response["violations"] == []
        assert opened.complaints == []


def test_many_years_are_shown_as_years() -> None:
    by = [{"standing": "prohibited", "lines": 1, "dollars": 2.0}]
    months = [{"key": key, "lines": 1, "dollars": 2.0, "by": by} for key in ("1991-02", "2003-05", "2003-07", "")]
    page = report({**empty(), "by_month": months})
    assert "By year of service" in page
    assert '<th scope="row" class="said">2003</th><td class="n">2</td>' in page
    assert "have no day" in page


@pytest.mark.parametrize("wrong", [{}, {"shape": 2}, {**empty(), "lines": "many"}, [1]])
def test_what_is_no_summary_is_said(wrong: Any, tmp_path: Path) -> None:
    path = tmp_path / "summary.json"
    path.write_text(json.dumps(wrong), encoding="utf-8")
    with pytest.raises(InputError, match="is no summary"):
        read(path)
    path.write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="is not JSON"):
        read(path)


def test_the_command_makes_the_same_page_again(audited: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.html"
    assert run(["audit", "report", str(audited / "summary.json"), "--out", str(again)]) == 0
    assert again.read_bytes() == (audited / "report.html").read_bytes()


def test_the_page_needs_nothing_else(audited: Path) -> None:
    text = (audited / "report.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in text
    assert not re.search(r"<(script|iframe|object|embed)|@import|url\(", text)


def test_every_place_has_a_tile_of_its_own() -> None:
    tiles = view(msgspec.convert(empty(), Summary))["tiles"]
    assert sorted(tile["code"] for tile in tiles) == sorted(jurisdictions())
    assert len({(tile["column"], tile["row"]) for tile in tiles}) == len(tiles)


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_shares_never_hide_what_is_there(part: int, rest: int) -> None:
    said = share(part, part + rest)
    assert (said == "0%") == (part == 0 and rest > 0)
    assert (said == "100%") == (rest == 0 and part > 0)
    assert (said == "–") == (part + rest == 0)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_steps_of_the_map_are_in_order(flagged: int, rest: int) -> None:
    found = step(flagged, flagged + rest)
    if flagged + rest == 0:
        assert found is None
    elif flagged == 0:
        assert found == 0
    else:
        assert found is not None
        assert flagged / (flagged + rest) <= STEPS[found - 1] * (1 + 1e-9)
        assert found == 1 or flagged / (flagged + rest) > STEPS[found - 2] * (1 - 1e-9)


def test_short_numbers() -> None:
    assert [short(value) for value in (0, 8, 1500, 3e6)] == ["0", "8", "1.5k", "3M"]

"""Synthetic claims: planted violations are found, all of them, and nothing else is called prohibited."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.csv as pcsv
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from handrail.audit import open_claims
from handrail.audit.generate import LAYOUTS, Planted, generate
from handrail.audit.npi import right
from handrail.audit.run import audit
from handrail.audit.summary import Summary
from handrail.audit.synthetic.cells import changes, periods
from handrail.audit.synthetic.figures import figures
from handrail.cli.run import run
from handrail.decide import Case, Client, Credential, Finding, decide
from handrail.law import jurisdictions
from handrail.safety import icd10cm, is_valid, strongest
from handrail.terms import PROFESSIONS, InputError
from handrail.terms.billing import shipped

ROWS = 20_000


def audited(made: Planted, out: Path) -> tuple[Summary, list[dict[str, Any]]]:
    """The audit of generated claims, told what they need, and its prohibited and urgent findings."""
    told = dict(zip(made.options[::2], made.options[1::2], strict=True))
    claims = open_claims(
        [made.files[0]],
        place=told.get("--place"),
        providers=Path(told["--providers"]) if "--providers" in told else None,
        year=int(told["--year"]) if "--year" in told else None,
    )
    summary = audit(claims, out)
    wanted = ds.field("verdict").isin(["prohibited"])
    return summary, ds.dataset(out / "findings.parquet").to_table(filter=wanted).to_pylist()


def listed(made: Planted) -> list[dict[str, Any]]:
    """The list of planted violations."""
    text = pcsv.ConvertOptions(column_types=dict.fromkeys(["claim", "npi"], "string"), strings_can_be_null=True)
    return pcsv.read_csv(made.listed, convert_options=text).to_pylist()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_planted_violations_are_found_and_nothing_else_is_prohibited(layout: str, tmp_path: Path) -> None:
    # X12 is read segment by segment, so a few lines have to do.
    rows, ending = (1500 if layout == "x12_837p" else ROWS), LAYOUTS[layout][1][0]
    made = generate(rows, seed=5, layout=layout, out=tmp_path / f"claims{ending}", violations=24)
    summary, found = audited(made, tmp_path / "out")
    planted = listed(made)
    assert (made.violations, len(planted), summary.lines) == (24, 24, rows)
    assert summary.troubles_in_all == 0

    def key(line: dict[str, Any]) -> tuple[Any, ...]:
        return line["row"], line["claim"], line["line"] or 1, line["rule"], line["reason"], line["jurisdiction"]

    assert sorted(map(key, planted)) == sorted(map(key, found))
    assert len({line["profession"] for line in planted}) > 1
    kinds = {line["kind"] for line in planted}
    assert kinds == ({"law", "finding"} if layout in ("plain", "x12_837p", "fhir") else {"law"})


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    """Claims in the plain layout."""
    out = tmp_path_factory.mktemp("plain") / "claims.parquet"
    return generate(60_000, seed=11, out=out, violations=200)


def test_decide_says_the_same_of_what_is_listed(plain: Planted) -> None:
    """The list is chosen with the compiled tables; the reference agrees, line by line."""
    for line in listed(plain):
        procedure = shipped().procedure(str(line["procedure"]))
        assert procedure is not None
        assert procedure.technique is not None
        codes = line["diagnoses"].split()
        named = [shipped().region_of_diagnosis(code) for code in codes] if procedure.region == "@dx" else []
        regions = tuple(dict.fromkeys(name for name in named if name)) or tuple(filter(None, [procedure.region]))
        matches = strongest(match for code in codes for match in icd10cm(code).matches)
        findings = tuple(Finding(match.finding, match.site, match.match) for match in matches)
        case = Case(
            line["jurisdiction"],
            procedure.technique,
            (Credential(line["profession"]),),
            region=regions if regions != ("@dx",) else None,
            on=line["service_from"],
            client=Client(findings=findings, steps=None),
        )
        decision = decide(case)
        assert (decision.verdict.value, decision.reasons[0].rule) == ("prohibited", line["rule"])


def test_the_same_seed_makes_the_same_claims(tmp_path: Path) -> None:
    def made(name: str, seed: int) -> list[bytes]:
        result = generate(3000, seed=seed, out=tmp_path / f"{name}.csv")
        return [result.files[0].read_bytes(), result.listed.read_bytes()]

    assert made("one", 3) == made("two", 3)
    assert made("one", 3)[0] != made("other", 4)[0]


def test_what_is_drawn_follows_the_figures(plain: Planted) -> None:
    table = pq.read_table(plain.files[0])
    numbers = np.array([int(npi) for npi in table["npi"].unique().to_pylist() if npi])
    assert right(numbers).all()
    days = table["service_from"].to_pylist()
    assert date(2023, 1, 1) <= min(days) <= max(days) <= date(2025, 12, 31)
    assert set(table["state"].unique().to_pylist()) <= set(jurisdictions())
    codes = Counter(table["procedure"].to_pylist())
    adjusted = {code: codes[code] for code in ("98940", "98941", "98942")}
    share = {code: number / sum(adjusted.values()) for code, number in adjusted.items()}
    assert share["98941"] == pytest.approx(0.67, abs=0.08)
    assert share["98940"] == pytest.approx(0.29, abs=0.08)
    # Providers stand where they are counted: nobody is where nobody was, and more where more were.
    lines = Counter(table["state"].to_pylist())
    assert lines["US-CA"] > 5 * lines["US-VT"] > 0


def test_figures_name_their_sources_and_say_what_is_known() -> None:
    known = figures()
    used = {name for about in known.professions.values() for name in (*about.source, *about.billed.source)}
    parts = (known.elsewhere, known.amounts, known.amounts.units, known.diagnoses, known.planted)
    used |= {name for part in parts for name in part.source}
    assert used == set(known.sources)
    documented = (Path(__file__).parents[2] / "docs" / "audit-demo.md").read_text(encoding="utf-8")
    assert all(source.url in documented for source in known.sources.values() if source.url)
    assert all(f"`{layout}`" in documented for layout in LAYOUTS)
    for name, about in known.professions.items():
        assert name in PROFESSIONS
        assert (
            about.provider_type is None
            or shipped().provider_types[about.provider_type.casefold()].profession == name
        )
        assert set(known.counts(name)) <= set(jurisdictions())
        for taxonomy in about.taxonomies:
            assert shipped().professions_of_taxonomy(taxonomy) == (name,)
        for code in (*about.billed.first, *about.billed.further):
            assert code in known.amounts.dollars
    diagnoses = [*known.diagnoses.groups.values(), known.diagnoses.seldom.codes, known.diagnoses.regions_treated]
    assert all(is_valid(code) for shares in diagnoses for code in shares)


def test_a_place_has_a_period_for_every_change_of_its_law() -> None:
    places, first, last = list(jurisdictions()), date(2015, 1, 1), date(2025, 12, 31)
    spans = periods(places, first, last)
    for number, place in enumerate(places):
        within = [day for day in changes(place) if first < day <= last]
        assert spans.first[number + 1] - spans.first[number] == len(within) + 1
        for day in within:
            at = (day - first).days
            assert spans.at[number, at] == spans.at[number, at - 1] + 1


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"layout": "plian"}, "plain"),
        ({"rows": 0}, "not a number of rows"),
        ({"violations": 101}, "do not fit"),
        ({"out": Path("claims.xlsx")}, "has another ending"),
        ({"first": date(2026, 1, 1)}, "lies before"),
        ({"seed": -1}, "not a seed"),
        ({"place": "Narnia"}, "not a jurisdiction"),
        ({"place": "Ontario", "layout": "x12_837p", "out": Path("claims.x12")}, "has no claims in this layout"),
    ],
)
def test_what_cannot_be_made_is_said(wrong: dict[str, Any], message: str, tmp_path: Path) -> None:
    given = {"rows": 100, "out": Path("claims.parquet"), **wrong}
    with pytest.raises(InputError, match=message):
        generate(given.pop("rows"), out=tmp_path / given.pop("out"), **given)


def test_the_command_says_how_to_audit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "claims.csv"
    arguments = ["--rows", "2000", "--seed", "2", "--layout", "cms_puf", "--violations", "3", "--out", str(out)]
    assert run(["audit", "generate", *arguments]) == 0
    said = capsys.readouterr().out
    assert "3 violations planted, listed in" in said
    assert f"handrail audit {out} --year 2023 --out DIR" in said

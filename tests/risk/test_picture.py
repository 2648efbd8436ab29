"""The pictures: nothing is drawn that the dossier does not say, every mark names its source."""

from __future__ import annotations

import math
import re

import pytest

from handrail.risk import risks, rows
from handrail.risk.text import lines
from handrail.terms import TECHNIQUES, InputError

ASKED = [(technique, region) for technique, about in TECHNIQUES.items() for region in (None, *about.regions)]


def text(technique="thrust_spine", region="cervical", width=100) -> list[str]:
    return [line.plain for line in lines(risks(technique, region), width)]


@pytest.mark.parametrize(("technique", "region"), ASKED)
def test_every_row_has_its_study_year_denominator_and_a_listed_source(technique, region):
    found = risks(technique, region)
    shown = rows.shown(found)
    said = "\n".join(text(technique, region, 4000))
    for row in shown.drawn:
        assert f"{row.estimate.study} {row.estimate.year}" in said
        assert rows.words(row) in said
        assert rows.PER[row.mark.per] in said
        assert f"[{row.source}] {row.estimate.source.title}" in said
        assert row.mark.number.partition(" per ")[0] in row.estimate.value
    for block in shown.blocks:
        for beside in block.beside:
            assert beside.listed.text in said
            assert beside.estimate.denominator in said
        if not block.event.estimates:
            assert f"{block.event.event.name}: {rows.NOTHING}" in said


def test_what_was_not_read_is_marked():
    said = "\n".join(text(width=4000))
    assert f"per manipulation ({rows.UNREAD}): malpractice claims: about 1 per 5.85 million" in said
    assert any("○" in line for line in text())


def test_marks_stand_where_their_figures_do():
    shown = rows.shown(risks("thrust_spine", "cervical"))
    for row in shown.drawn:
        for end in (row.mark.at, row.mark.low, row.mark.high):
            if end:
                assert math.isclose(rows.place(end, shown.lowest, 100), (1 - math.log10(end) / shown.lowest) * 100)
                assert 0 <= rows.place(end, shown.lowest, 100) <= 100


@pytest.mark.parametrize("width", [40, 60, 80, 100])
def test_the_terminal_form_keeps_to_its_width(width):
    for line in text(width=width):
        assert len(line) <= width or " " not in line.strip()  # only an address may be longer


def test_the_terminal_form_draws_limits_and_ranges():
    drawn = "\n".join(text())
    assert re.search(r"◂╌+┤", drawn)  # less than
    assert re.search(r"├─+┤", drawn)  # a range without a point
    assert re.search(r"├─*●─*┤", drawn)  # a figure with its interval


def _picture(kind: str, technique="thrust_spine", region="cervical") -> bytes:
    pytest.importorskip("altair")
    pytest.importorskip("vl_convert")
    from handrail.risk.chart import picture

    return picture(risks(technique, region), kind)


def test_the_svg_draws_one_mark_for_each_figure_and_names_every_source():
    svg = _picture("svg").decode()
    shown = rows.shown(risks("thrust_spine", "cervical"))
    points = re.findall(r'aria-label="([^"]*)" role="graphics-symbol" aria-roledescription="point"', svg)
    assert len(points) == sum(row.mark.at is not None for row in shown.drawn)
    plain = " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg))
    for number, (source, _) in enumerate(shown.sources, 1):
        first = source.title.split()[0].replace("&", "&amp;")
        assert f"[{number}] {first}" in plain
    for row in shown.drawn:
        assert f"{row.estimate.study.replace('&', '&amp;')} {row.estimate.year}" in plain


def test_the_svg_shows_no_number_that_is_not_in_the_dossier():
    svg = _picture("svg").decode()
    found = risks("thrust_spine", "cervical")
    allowed = rows.RULE + rows.title(found) + " ".join(rows.WHY.values())
    for event in found.events:
        allowed += f" {event.event.name}"
        for part in event.estimates:
            one = part.estimate
            allowed += (
                f" {one.study} {one.year} {one.value} {one.denominator} {one.source.title} {one.source.url} "
            )
            allowed += " ".join(listed.note or "" for listed in part.listed)
    shown = rows.shown(found)
    allowed += " ".join(rows.one_in(power) for power in range(shown.lowest, 1))
    allowed += " ".join(f"[{number}]" for number in range(1, len(shown.sources) + 1))
    plain = " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg))
    for number in re.findall(r"\d[\d,.]*\d|\d", plain):
        assert number in allowed, number


def test_the_same_picture_twice():
    assert _picture("svg") == _picture("svg")


@pytest.mark.parametrize("technique", TECHNIQUES)
def test_every_technique_has_a_picture(technique):
    assert _picture("png", technique, None).startswith(b"\x89PNG")


def test_another_kind_of_picture_is_refused():
    pytest.importorskip("altair")
    from handrail.risk.chart import picture

    with pytest.raises(InputError, match="svg or png"):
        picture(risks("thrust_spine"), "gif")  # type: ignore[arg-type]

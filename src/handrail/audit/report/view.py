"""What the report says, made from a summary: rows with all their denominators, ready for the template."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from handrail.audit.report import charts
from handrail.audit.report.charts import VERDICTS
from handrail.audit.report.numbers import count, dollars, share
from handrail.audit.summary import Count, Group, RuleCount, Summary
from handrail.terms import PLACES, PROFESSIONS, TECHNIQUES, tiles

#: Verdicts that say no.
FLAGGED = ("urgent", "prohibited")
#: So many rules of each kind, codes and troubles are told one by one.
RULES, CODES, TROUBLES, FILES = 40, 15, 50, 20
#: Of the rules that say no, so many are told with their text.
CARDS = 10
#: Steps of the map: the upper end of each, as a share of judged lines.
STEPS = (0.001, 0.01, 0.1, 1.0)
#: More months than these are shown as years.
MOST_MONTHS = 72
LEANINGS = {"yes": "leaning yes", "none": "no leaning", "no": "leaning no"}


class Sums(NamedTuple):
    """Lines and dollars by verdict, and in all."""

    lines: dict[str, int]
    dollars: dict[str, float]

    @classmethod
    def of(cls, counts: Iterable[Count]) -> Sums:
        """Sums of counts by standing."""
        made = cls(dict.fromkeys(VERDICTS, 0), dict.fromkeys(VERDICTS, 0.0))
        for one in counts:
            verdict = one.standing.partition("/")[0]
            made.lines[verdict] = made.lines.get(verdict, 0) + one.lines
            made.dollars[verdict] = made.dollars.get(verdict, 0.0) + one.dollars
        return made

    @property
    def all_lines(self) -> int:
        """All lines."""
        return sum(self.lines.values())

    @property
    def judged(self) -> int:
        """Lines that were judged."""
        return self.all_lines - self.lines["not_judged"]

    @property
    def judged_dollars(self) -> float:
        """Dollars of lines that were judged."""
        return sum(self.dollars.values()) - self.dollars["not_judged"]

    @property
    def flagged(self) -> int:
        """Lines that are prohibited or urgent."""
        return sum(self.lines[verdict] for verdict in FLAGGED)

    @property
    def flagged_dollars(self) -> float:
        """Their dollars."""
        return sum(self.dollars[verdict] for verdict in FLAGGED)


def view(made: Summary) -> dict[str, Any]:
    """Everything that the template says."""
    sums = Sums.of(made.by_verdict)
    return {
        "made": made,
        "sums": sums,
        "count": count,
        "dollars": dollars,
        "share": share,
        "swatch": charts.swatch,
        "pips": charts.pips,
        "legend": VERDICTS,
        "steps": _legend_of_steps(),
        "verdicts": _verdicts(made, sums),
        "bars": _bars(sums),
        "people": _people(made),
        "pairs": _pairs(made),
        "tiles": _tiles(made),
        "places": _places(made),
        "months": _months(made),
        **_rules(made),
        "unjudged": _reasons(made, judged=False),
        "open": [row for row in _reasons(made, judged=True) if row["verdict"] == "undetermined"],
        "codes": made.unmapped[:CODES],
        "troubles": made.troubles[:TROUBLES],
        "files": made.files[:FILES],
        "parameters": _parameters(made),
        "cards": CARDS,
    }


def _name(names: Any, key: str, none: str) -> str:
    if key in names:
        return str(names[key].name)
    return {"": none, "several": "one of several techniques"}.get(key, key)


def profession(key: str) -> str:
    """A profession's name."""
    return _name(PROFESSIONS, key, "not known")


def technique(key: str) -> str:
    """A technique's name."""
    return _name(TECHNIQUES, key, "none, or not known")


def place(key: str) -> str:
    """A place's name."""
    return _name(PLACES, key, "not known")


def _verdicts(made: Summary, sums: Sums) -> list[dict[str, Any]]:
    """Rows of the table of verdicts, worst first; undetermined ones by leaning."""
    rows = []
    for verdict, name in VERDICTS.items():
        parts = [one for one in made.by_verdict if one.standing.partition("/")[0] == verdict]
        if verdict == "undetermined" or parts or verdict in FLAGGED:
            rows.append(
                {
                    "verdict": verdict,
                    "name": name,
                    "lines": sums.lines[verdict],
                    "dollars": sums.dollars[verdict],
                    "parts": [
                        {
                            "name": LEANINGS.get(one.standing.partition("/")[2], one.standing),
                            "lines": one.lines,
                            "dollars": one.dollars,
                        }
                        for one in parts
                        if "/" in one.standing
                    ],
                }
            )
    return rows


def _parts(sums: Sums, *, money: bool = False, judged: bool = True) -> list[charts.Part]:
    values: dict[str, Any] = sums.dollars if money else sums.lines
    whole = sum(value for verdict, value in values.items() if not judged or verdict != "not_judged")
    written = dollars if money else count
    return [
        charts.Part(verdict, value, f"{VERDICTS[verdict]}: {written(value)}, {share(value, whole)}")
        for verdict in VERDICTS
        if (value := values[verdict]) and not (judged and verdict == "not_judged")
    ]


def _bar(sums: Sums, what: str, *, money: bool = False, judged: bool = True) -> Any:
    parts = _parts(sums, money=money, judged=judged)
    return charts.bar(parts, f"{what}. " + "; ".join(part.said for part in parts))


def _bars(sums: Sums) -> list[dict[str, Any]]:
    return [
        {
            "name": "All lines",
            "of": f"{count(sums.all_lines)} lines",
            "bar": _bar(sums, "All lines by verdict", judged=False),
        },
        {
            "name": "Judged lines",
            "of": f"{count(sums.judged)} lines",
            "bar": _bar(sums, "Judged lines by verdict"),
        },
        {
            "name": "Their dollars",
            "of": dollars(sums.judged_dollars),
            "bar": _bar(sums, "Dollars of judged lines by verdict", money=True),
        },
    ]


def _people(made: Summary) -> list[dict[str, Any]]:
    """By profession: the most judged lines first."""
    counts: dict[str, list[Count]] = {}
    for pair in made.by_who:
        counts.setdefault(pair.profession, []).extend(pair.by)
    rows = []
    for key, these in counts.items():
        sums = Sums.of(these)
        name = profession(key)
        rows.append({"name": name, "sums": sums, "bar": _bar(sums, f"{name}: judged lines by verdict")})
    return sorted(rows, key=lambda row: (-row["sums"].judged, -row["sums"].all_lines, row["name"]))


def _pairs(made: Summary) -> list[dict[str, Any]]:
    """By profession and technique, as far as lines were judged: the most flagged first."""
    rows = []
    for pair in made.by_who:
        sums = Sums.of(pair.by)
        if sums.judged:
            rows.append(
                {
                    "profession": profession(pair.profession),
                    "technique": technique(pair.technique),
                    "sums": sums,
                    "bar": _bar(sums, "Judged lines by verdict"),
                }
            )
    return sorted(rows, key=lambda row: (-row["sums"].flagged, -row["sums"].judged, row["profession"]))


def step(flagged: int, judged: int) -> int | None:
    """The step of the map: None where nothing was judged, 0 where nothing is flagged."""
    if not judged:
        return None
    if not flagged:
        return 0
    return next(number for number, upper in enumerate(STEPS, 1) if flagged <= upper * judged)


def _legend_of_steps() -> list[dict[str, Any]]:
    ends = [f"{100 * upper:g}%" for upper in STEPS]
    said = ["none", f"up to {ends[0]}", *(f"up to {end}" for end in ends[1:-1]), f"over {ends[-2]}"]
    return [{"step": number, "said": text} for number, text in enumerate(said)]


def _tiles(made: Summary) -> list[dict[str, Any]]:
    """A tile for every place on the grid, whether there are lines from it or not."""
    groups = {group.key: Sums.of(group.by) for group in made.by_jurisdiction}
    nothing = Sums.of(())
    rows = []
    for code, (column, row) in tiles().items():
        sums = groups.get(code, nothing)
        if sums.judged:
            said = f"{count(sums.flagged)} of {count(sums.judged)} judged lines prohibited or urgent"
        else:
            said = "no line was judged" if sums.all_lines else "no lines"
        rows.append(
            {
                "code": code,
                "short": code[3:],
                "name": place(code),
                "column": column,
                "row": row,
                "step": step(sums.flagged, sums.judged),
                "rate": share(sums.flagged, sums.judged) if sums.judged else "",
                "said": said,
                "there": sums.all_lines > 0,
            }
        )
    return sorted(rows, key=lambda tile: (tile["row"], tile["column"]))


def _group(group: Group, name: str) -> dict[str, Any]:
    return {"key": group.key, "name": name, "sums": Sums.of(group.by)}


def _places(made: Summary) -> list[dict[str, Any]]:
    rows = [_group(group, place(group.key)) for group in made.by_jurisdiction]
    return sorted(rows, key=lambda row: (row["key"] == "", row["name"]))


def _months(made: Summary) -> dict[str, Any]:
    """Months in order, those without lines among them; years, if there are too many months."""
    groups = {group.key: Sums.of(group.by) for group in made.by_month if group.key}
    undated = next((Sums.of(group.by) for group in made.by_month if not group.key), None)
    names = _every_month(min(groups), max(groups)) if groups else []
    yearly = len(names) > MOST_MONTHS
    if yearly:
        names = list(dict.fromkeys(name[:4] for name in names))
    nothing = Sums.of(())
    rows: list[dict[str, Any]] = []
    for name in names:
        these = [sums for key, sums in groups.items() if key.startswith(name)]
        rows.append({"name": name, "sums": _added(these) if these else nothing})
    judged = [
        charts.Column(tick, row["sums"].judged, f"{row['name']}: {count(row['sums'].judged)} judged lines")
        for row, tick in zip(rows, _ticks(names), strict=True)
    ]
    flagged = [
        charts.Column(
            tick,
            row["sums"].flagged,
            f"{row['name']}: {count(row['sums'].flagged)} of {count(row['sums'].judged)} judged lines",
        )
        for row, tick in zip(rows, _ticks(names), strict=True)
    ]
    unit = "year" if yearly else "month"
    span = f"{names[0]} to {names[-1]}" if names else "no days"
    return {
        "rows": rows,
        "unit": unit,
        "undated": undated,
        "flagged": charts.columns(flagged, f"Prohibited and urgent lines by {unit}, {span}", "prohibited"),
        "judged": charts.columns(judged, f"Judged lines by {unit}, {span}", "plain"),
    }


def _added(sums: Sequence[Sums]) -> Sums:
    made = Sums.of(())
    for one in sums:
        for verdict in one.lines:
            made.lines[verdict] += one.lines[verdict]
            made.dollars[verdict] += one.dollars[verdict]
    return made


def _every_month(first: str, last: str) -> list[str]:
    start, end = (int(text[:4]) * 12 + int(text[5:7]) - 1 for text in (first, last))
    return [f"{number // 12}-{number % 12 + 1:02}" for number in range(start, end + 1)]


def _ticks(names: Sequence[str]) -> list[str]:
    """The year below its first column."""
    return [name[:4] if at == 0 or name[:4] != names[at - 1][:4] else "" for at, name in enumerate(names)]


def _rules(made: Summary) -> dict[str, Any]:
    flagged = [_rule(rule) for rule in made.rules if rule.standing in FLAGGED]
    others = [_rule(rule) for rule in made.rules if rule.standing not in FLAGGED]
    others.sort(key=lambda row: -row["rule"].lines)
    return {
        "flagged_rules": flagged[:RULES],
        "other_rules": others[: RULES // 2],
        "more_flagged": len(flagged) - len(flagged[:RULES]),
        "more_others": len(others) - len(others[: RULES // 2]),
    }


def _rule(rule: RuleCount) -> dict[str, Any]:
    verdict, _, leaning = rule.standing.partition("/")
    source = (rule.source or "").strip()
    return {
        "rule": rule,
        "id": charts.breakable(rule.rule),
        "verdict": verdict,
        "said": f"{VERDICTS.get(verdict, verdict)}, {LEANINGS[leaning]}"
        if leaning in LEANINGS
        else VERDICTS.get(verdict, verdict),
        "pieces": pieces(source),
    }


def pieces(source: str) -> list[tuple[str, str]]:
    """A source as words, each followed by an address of the web or by nothing; nothing else becomes a link.

    >>> pieces("https://a.example/x ; https://b.example/y (s. 4)")
    [('', 'https://a.example/x'), (' ; ', 'https://b.example/y'), (' (s. 4)', '')]
    >>> pieces("javascript:alert(1)")
    [('javascript:alert(1)', '')]
    """
    parts = re.split(r"((?:^|(?<=[\s;(]))https?://[^\s;<>\"]*[^\s;<>\".,])", source)
    pairs = zip(parts[::2], [*parts[1::2], ""], strict=True)
    return [(words, address) for words, address in pairs if words or address]


def _reasons(made: Summary, *, judged: bool) -> list[dict[str, Any]]:
    """Reasons, the most frequent first, with bars against the most frequent."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for why in made.reasons:
        verdict = why.standing.partition("/")[0]
        if (verdict == "not_judged") == judged:
            continue
        row = rows.setdefault(
            (verdict, why.reason),
            {"verdict": verdict, "reason": why.reason, "text": why.text, "lines": 0, "dollars": 0.0},
        )
        row["lines"] += why.lines
        row["dollars"] += why.dollars
    found = sorted(rows.values(), key=lambda row: (-row["lines"], row["reason"]))
    for row in found:
        text = str(row["text"])
        row["text"] = text[:1].upper() + text[1:].rstrip(".") + "."
    return found


def _parameters(made: Summary) -> list[tuple[str, str]]:
    """The settings that were given, as words."""
    rows = []
    for name, value in made.parameters.items():
        if value in (None, [], "", False):
            continue
        words = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
        rows.append((name, "yes" if value is True else words))
    return rows

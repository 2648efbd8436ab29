"""The shipped law as a ZEN decision table, Cedar policies and Rego, asked the same questions as ``decide``.

Each rule is one row, or one policy. What they answer is less than ``decide`` does (a rule and its effect: no
process, no limits, no worst of several), which is in their favour.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date

import cedarpy
import zen
from regopy import Interpreter

from handrail.decide import Case, Decision, decide
from handrail.law import Effect, Rule, load
from handrail.terms import TECHNIQUES


def _number(day: date | None, otherwise: int) -> int:
    return int(day.strftime("%Y%m%d")) if day else otherwise


def _rules(places: Iterable[str]) -> list[tuple[str, str, Rule]]:
    return [(place, profession, rule) for place in places for profession, rule in load(place).file.rules()]


def _regions(rule: Rule) -> tuple[str, ...]:
    return TECHNIQUES[rule.technique].regions if rule.regions == "all" else rule.regions


def plain(decision: Decision) -> object:
    """What a service would send, without who_may and instead."""
    return (
        decision.verdict.value,
        [reason._asdict() for reason in decision.reasons],
        [need._asdict() for need in decision.needs],
        [step._asdict() for step in decision.before],
    )


class Zen:
    """ZEN with one decision table, a row per rule."""

    def __init__(self, places: Iterable[str]) -> None:
        inputs = ("jurisdiction", "profession", "technique", "region", "day")
        rows = []
        for place, profession, rule in _rules(places):
            start, end = _number(rule.effective_from, 0), _number(rule.effective_to, 99991231)
            rows.append(
                {
                    "_id": rule.id,
                    "jurisdiction": json.dumps(place),
                    "profession": json.dumps(profession),
                    "technique": json.dumps(rule.technique),
                    "region": ", ".join(json.dumps(region) for region in _regions(rule)),
                    "day": f"[{start}..{end}]",
                    "effect": json.dumps(rule.effect.value),
                    "rule": json.dumps(rule.id),
                    "citation": json.dumps(rule.citation or ""),
                }
            )
        outputs = ("effect", "rule", "citation")
        table = {
            "nodes": [
                {"id": "in", "type": "inputNode", "name": "in"},
                {
                    "id": "table",
                    "type": "decisionTableNode",
                    "name": "law",
                    "content": {
                        "hitPolicy": "first",
                        "inputs": [{"id": name, "name": name, "field": name} for name in inputs],
                        "outputs": [{"id": name, "name": name, "field": name} for name in outputs],
                        "rules": rows,
                    },
                },
                {"id": "out", "type": "outputNode", "name": "out"},
            ],
            "edges": [
                {"id": "a", "sourceId": "in", "targetId": "table", "type": "edge"},
                {"id": "b", "sourceId": "table", "targetId": "out", "type": "edge"},
            ],
        }
        self.decision = zen.ZenEngine().create_decision(json.dumps(table))

    def ask(self, case: Case) -> str | None:
        """The effect of the first rule that matches, or None."""
        result = self.decision.evaluate(
            {
                "jurisdiction": case.jurisdiction,
                "profession": case.credentials[0].profession,
                "technique": case.technique,
                "region": case.region,
                "day": _number(case.on, 0),  # type: ignore[arg-type]  (the benchmark asks by date)
            }
        )["result"]
        return result.get("effect") if result else None


class Cedar:
    """Cedar with a policy per rule that permits or forbids, parsed beforehand."""

    def __init__(self, places: Iterable[str]) -> None:
        policies = []
        for place, profession, rule in _rules(places):
            if rule.effect not in (Effect.PERMITTED, Effect.PROHIBITED):
                continue
            start, end = _number(rule.effective_from, 0), _number(rule.effective_to, 99991231)
            regions = ", ".join(json.dumps(region) for region in _regions(rule))
            effect = "permit" if rule.effect is Effect.PERMITTED else "forbid"
            policies.append(
                f'@id("{rule.id}")\n{effect}(principal == Profession::"{profession}", '
                f'action == Action::"{rule.technique}", resource == Place::"{place}") when '
                f"{{ context.day >= {start} && context.day <= {end} && [{regions}].contains(context.region) }};"
            )
        self.policies = cedarpy.PolicySet.from_str("\n".join(policies))
        self.entities = cedarpy.Entities.from_json_str("[]")

    def ask(self, case: Case) -> bool:
        """Whether some policy permits and none forbids."""
        request = {
            "principal": {"type": "Profession", "id": case.credentials[0].profession},
            "action": {"type": "Action", "id": case.technique},
            "resource": {"type": "Place", "id": case.jurisdiction},
            "context": {"day": _number(case.on, 0), "region": case.region},  # type: ignore[arg-type]
        }
        return bool(cedarpy.is_authorized(request, self.policies, self.entities).allowed)


class Rego:
    """Rego (rego-cpp) with the rules as data under the cell they are about, built into a bundle beforehand."""

    MODULE = """
package law
import rego.v1
matching contains rule if {
  some rule in data.rules[input.cell]
  input.region in rule.regions
  rule.first <= input.day
  input.day <= rule.last
}
effects contains rule.effect if some rule in matching
"""

    def __init__(self, places: Iterable[str]) -> None:
        cells: dict[str, list[dict[str, object]]] = {}
        for place, profession, rule in _rules(places):
            cells.setdefault(f"{place}/{profession}/{rule.technique}", []).append(
                {
                    "first": _number(rule.effective_from, 0),
                    "last": _number(rule.effective_to, 99991231),
                    "regions": list(_regions(rule)),
                    "effect": rule.effect.value,
                }
            )
        self.engine = Interpreter()
        self.engine.add_data({"rules": cells})
        self.engine.add_module("law", self.MODULE)
        self.bundle = self.engine.build("data.law.effects", [])

    def ask(self, case: Case) -> list[str]:
        """The effects of all rules that match."""
        self.engine.set_input(
            {
                "cell": f"{case.jurisdiction}/{case.credentials[0].profession}/{case.technique}",
                "region": case.region,
                "day": _number(case.on, 0),  # type: ignore[arg-type]
            }
        )
        return list(json.loads(str(self.engine.query_bundle(self.bundle)))["expressions"][0])


def agree(table: Zen, cedar: Cedar, cases: Iterable[Case]) -> None:
    """Makes sure that the engines really answer: a plain yes of ours is theirs too.

    A conditional rule whose conditions all are duties is a plain yes of ours; the engines look at no conditions.
    """
    for case in cases:
        if decide(case).verdict == "permitted":
            says = table.ask(case)
            assert says in ("permitted", "silent", "conditional"), case
            assert cedar.ask(case) or says in ("silent", "conditional"), case

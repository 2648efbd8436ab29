"""PyDMNrules runs the exported DMN, and the example. One test: its import takes a quarter of a minute."""

from __future__ import annotations

from tests.export import engines, examples
from tests.export.signs import NASTY, PLAIN, spoilt

from handrail.export import Tables, dmn, write
from handrail.law import load


def test_pydmnrules_answers_as_decide_and_its_example_runs(tables, space, drawn, tmp_path, monkeypatch):
    from pyDMNrules import DMN

    some = engines.part(engines.general_of(tables, drawn), 100, 16)
    engines.check("pyDMNrules", tables, engines.pydmnrules(tables), engines.part(space, 1_500, 8), some)

    patched, rule, case = spoilt(NASTY)
    rules = DMN()
    assert "errors" not in rules.useXML(dmn.dmn(patched, "US-FL").decode())
    said = rules.decide(dmn.request(patched, case))[1]["Result"]
    assert (said["rule"], said["citation"]) == (rule, PLAIN)

    write(Tables([load("US-WA")]), "dmn", tmp_path / "law" / "dmn")
    monkeypatch.chdir(tmp_path)
    examples.run(examples.sections()["DMN"])

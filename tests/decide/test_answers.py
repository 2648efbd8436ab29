"""The general answers of the whole law are those that were reviewed: answers.txt beside the cases."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from handrail.law import jurisdictions, load

ROOT = Path(__file__).parents[2]


def _writer():
    spec = importlib.util.spec_from_file_location("answers", ROOT / "scripts" / "answers.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_general_answers_are_those_that_were_reviewed():
    writer = _writer()
    now = writer.document(map(load, jurisdictions())).splitlines()
    reviewed = writer.FILE.read_text(encoding="utf-8").splitlines()
    changed = [line.strip() for line in now if line not in set(reviewed)]
    assert now == reviewed, f"run `make answers` and read the diff; new lines: {changed[:5]}"

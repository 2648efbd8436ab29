"""How findings are judged, and some decisions whole, are as they were reviewed: the texts beside the cases."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "visits.py"


@pytest.mark.parametrize("name", ["findings", "decisions"])
def test_it_is_as_it_was_reviewed(name):
    spec = importlib.util.spec_from_file_location("visits", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    writer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(writer)
    now = getattr(writer, name)().splitlines()
    reviewed = (writer.FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    changed = [line.strip() for line in now if line not in set(reviewed)]
    assert now == reviewed, f"run `make answers` and read the diff; new lines: {changed[:5]}"

"""docs/audit.md says what the files hold."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from handrail.audit import summary
from handrail.audit.judged import FINDINGS
from handrail.compiled import VERDICTS

TEXT = (Path(__file__).parents[2] / "docs" / "audit.md").read_text(encoding="utf-8")
SHAPES = [kind for kind in vars(summary).values() if isinstance(kind, type) and issubclass(kind, msgspec.Struct)]


@pytest.mark.parametrize("kind", SHAPES, ids=lambda kind: kind.__name__)
def test_every_field_of_the_summary_is_documented(kind):
    for field in msgspec.structs.fields(kind):
        assert f"`{field.name}`" in TEXT, field.name


def test_every_column_of_the_findings_is_documented():
    for name in FINDINGS.names:
        if name.startswith("dx"):
            assert "`dx1` to\n`dx12`" in TEXT
        else:
            assert f"`{name}`" in TEXT, name


def test_every_verdict_is_documented():
    for verdict in VERDICTS:
        assert f"`{verdict}`" in TEXT, verdict


def test_the_version_of_the_shape_is_documented():
    assert f"| `shape` | the version of this shape: {summary.SHAPE} |" in TEXT

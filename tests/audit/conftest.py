"""Files of claims, made as their sources write them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from handrail.audit import Trouble, open_claims

PLAIN = "claim,line,npi,taxonomy,state,procedure,modifiers,service_from,service_to,dx1,dx2,amount"

Read = Callable[..., tuple[list[dict[str, Any]], list[Trouble]]]


@pytest.fixture
def read() -> Read:
    """The lines of some paths, nulls left out, and the troubles."""

    def reading(*paths: Path, **options: Any) -> tuple[list[dict[str, Any]], list[Trouble]]:
        claims = open_claims(paths, **options)
        lines: list[dict[str, Any]] = []
        troubles: list[Trouble] = []
        for file in claims.files:
            for batch in claims.batches(file):
                troubles += batch.troubles
                if batch.lines is not None:
                    lines += [{k: v for k, v in row.items() if v is not None} for row in batch.lines.to_pylist()]
        return lines, troubles

    return reading


@pytest.fixture
def plain(tmp_path: Path) -> Callable[..., Path]:
    """A file of the plain layout with these rows."""

    def made(*rows: str, name: str = "claims.csv", header: str = PLAIN) -> Path:
        path = tmp_path / name
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        return path

    return made

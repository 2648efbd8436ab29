"""Runs the Python examples of docs/export.md, section by section, as a reader would who copies them."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path
from typing import Any

DOCUMENT = Path(__file__).parents[2] / "docs" / "export.md"
SECTION = re.compile(r"^##+ (.+)$", re.MULTILINE)
BLOCK = re.compile(r"^```python\n(.*?)^```$(?:\n+^```text\n(.*?)^```$)?", re.MULTILINE | re.DOTALL)


def sections() -> dict[str, list[tuple[str, str | None]]]:
    """Examples and what they print, by the heading above them."""
    parts = SECTION.split(DOCUMENT.read_text(encoding="utf-8"))
    named = {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}
    found = {name: [(code, said or None) for code, said in BLOCK.findall(text)] for name, text in named.items()}
    return {name: blocks for name, blocks in found.items() if blocks}


def run(blocks: list[tuple[str, str | None]], folder: str = "") -> None:
    """Runs a section's examples one after the other, and compares what they print.

    Args:
        folder: where the law lies, for an engine that was started elsewhere.
    """
    names: dict[str, Any] = {}
    for code, said in blocks:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            code = code.replace('"law/', f'"{folder}/law/') if folder else code
            exec(compile(code, str(DOCUMENT), "exec"), names)  # noqa: S102
        assert out.getvalue().strip() == (said or "").strip()

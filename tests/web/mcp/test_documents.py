"""docs/mcp.md says what there is, and its examples run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from handrail.web import Settings
from handrail.web.mcp.shapes import DISCLAIMER
from handrail.web.mcp.tools import TOOLS

TEXT = (Path(__file__).parents[3] / "docs" / "mcp.md").read_text(encoding="utf-8")


def test_every_tool_and_setting_is_documented():
    for tool in TOOLS:
        assert f"| `{tool.__name__}` |" in TEXT
    for name in Settings.model_fields:
        if name.startswith("mcp_"):
            assert f"| `HANDRAIL_{name.upper()}` |" in TEXT
    assert f"    {DISCLAIMER}\n" in TEXT


def test_the_configurations_are_json_and_name_what_there_is():
    local, http = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL))
    assert local["mcpServers"]["handrail"] == {"command": "handrail", "args": ["mcp"]}
    assert http["mcpServers"]["handrail"]["url"].endswith(":8000/mcp")


def test_the_example_prints_what_is_shown():
    code = re.search(r"```python\n(.*?)```\n\nIt prints\n\n    (.*?)\n", TEXT, re.DOTALL)
    assert code
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [sys.executable, "-c", code[1]],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PATH": path},
    )
    assert done.stdout.strip() == code[2]

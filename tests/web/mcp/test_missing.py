"""Without the SDK the service still starts, and says which extra is missing."""

from __future__ import annotations

import subprocess
import sys

WITHOUT = "import sys\nsys.modules['mcp'] = None\n"


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", WITHOUT + code], capture_output=True, text=True, check=False)


def test_the_command_names_the_extra():
    done = run("from handrail.cli.run import run\nsys.exit(run(['mcp']))")
    assert done.returncode == 2
    assert "pip install 'handrail[mcp]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_service_starts_and_names_the_extra():
    done = run(
        "from starlette.testclient import TestClient\nfrom handrail.web import create_app\n"
        "door = TestClient(create_app(), base_url='http://127.0.0.1')\n"
        "answer = door.post('/mcp')\nprint(answer.status_code, answer.json()['hint'])\n"
        "print(door.get('/about').status_code)"
    )
    assert done.stdout.splitlines() == ["501 Run: pip install 'handrail[mcp]'", "200"], done.stderr

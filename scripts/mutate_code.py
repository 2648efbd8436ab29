"""Changes the code of ``decide`` in one place at a time and counts what its fast tests notice. Uses mutmut.

``make mutate-code`` runs it; names narrow it down: ``scripts/mutate_code.py "handrail.decide.scope*"``. It works
on a copy under build/, in which functions behind ``lru_cache`` are unwrapped: mutmut leaves decorated ones alone.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
COPY = ROOT / "build" / "mutate"
TESTS = ("test_cases", "test_themes", "test_must_show", "test_input", "test_json", "test_visits")
CONFIG = """
[tool.mutmut]
source_paths = ["src/"]
only_mutate = ["src/handrail/decide/*.py"]
# The caches of decide, once filled, would hide a mutant: no worker may descend from a process that ran a test.
process_isolation = "forkserver"
forkserver_warmup = "collect"
also_copy = ["scripts"]
track_dependencies = false
use_git_change_detection = false
pytest_add_cli_args = ["-p", "no:cacheprovider", "-q"]
pytest_add_cli_args_test_selection = [{tests}]
"""


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("names", nargs="*", help='mutants, such as "handrail.decide.scope*"; default: all')
    arguments.add_argument("--jobs", type=int, default=2)
    arguments.add_argument("--keep", action="store_true", help="go on where an earlier run stopped")
    given = arguments.parse_args()
    if not given.keep:
        prepare()
    mutmut = Path(sys.executable).parent / "mutmut"
    run = [str(mutmut), "run", "--max-children", str(given.jobs), *given.names]
    # mutmut ends its whole process group when it stops: it gets one of its own.
    subprocess.run(run, cwd=COPY, check=False, start_new_session=True)  # noqa: S603
    # Results are read even if the run was stopped.
    return report(mutmut)


def prepare() -> None:
    """Copies what the tests need, and unwraps what is cached."""
    shutil.rmtree(COPY, ignore_errors=True)
    COPY.mkdir(parents=True)
    for folder in ("src", "tests", "scripts"):
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, COPY / folder, ignore=ignore)
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    tests = ", ".join(f'"tests/decide/{name}.py"' for name in TESTS)
    (COPY / "pyproject.toml").write_text(text + CONFIG.format(tests=tests), encoding="utf-8")
    for path in (COPY / "src" / "handrail" / "decide").glob("*.py"):
        path.write_text(unwrapped(path.read_text(encoding="utf-8")), encoding="utf-8")


def unwrapped(text: str) -> str:
    """Source in which ``@lru_cache(...)`` before a function is a call after it.

    >>> print(unwrapped("@lru_cache(maxsize=1)\\ndef f(x):\\n    return x\\n"))
    def f(x):
        return x
    f = lru_cache(maxsize=1)(f)
    <BLANKLINE>
    """
    lines = text.splitlines()
    for node in reversed(ast.parse(text).body):
        if isinstance(node, ast.FunctionDef) and len(node.decorator_list) == 1:
            decorator = lines[node.decorator_list[0].lineno - 1]
            if re.match(r"@lru_cache\(", decorator):
                lines.insert(node.end_lineno or 0, f"{node.name} = {decorator[1:]}({node.name})")
                del lines[node.decorator_list[0].lineno - 1]
    return "\n".join(lines) + "\n"


def report(mutmut: Path) -> int:
    """The score so far, by module, and the survivors."""
    listed = subprocess.run(  # noqa: S603
        [str(mutmut), "results", "--all", "true"], cwd=COPY, check=True, capture_output=True, text=True
    )
    rows = re.findall(r"^\s*(\S+): (.+)$", listed.stdout, re.MULTILINE)
    modules: dict[str, Counter[str]] = {}
    for name, outcome in rows:
        modules.setdefault(name.split(".x")[0], Counter())[outcome] += 1
    total: Counter[str] = Counter()
    for module, counts in sorted(modules.items()):
        total.update(counts)
        sys.stdout.write(f"{module}: {dict(counts.most_common())}\n")
    tried = sum(count for outcome, count in total.items() if outcome not in ("not checked", "skipped"))
    noticed = total["killed"] + total["timeout"] + total["caught by type check"]
    share = f"{100 * noticed / tried:.1f} %" if tried else "none"
    sys.stdout.write(f"{noticed:,} of {tried:,} mutants tried were noticed: {share}\n")
    if os.environ.get("SURVIVORS", "1") != "0":
        for name, outcome in rows:
            if outcome in ("survived", "no tests", "suspicious"):
                sys.stdout.write(f"  {outcome}: {name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

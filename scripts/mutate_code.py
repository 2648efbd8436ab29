"""Changes the code of ``decide`` or of ``compiled`` in one place at a time and counts what the tests notice.

``make mutate-code`` runs it on both; names narrow it down: ``mutate_code.py decide "handrail.decide.scope*"``. It
works with mutmut on a copy under build/. mutmut leaves decorated functions alone: there, those behind a cache
are unwrapped, and the kernel runs as plain Python, which numba can do, not compiled.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import re
import shutil
import subprocess
import sys
import textwrap
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
CONFIG = """
[tool.mutmut]
source_paths = ["src/"]
only_mutate = [{files}]
# Caches, once filled, would hide a mutant: no worker may descend from a process that ran a test.
process_isolation = "forkserver"
forkserver_warmup = "collect"
also_copy = ["scripts", "docs"]
track_dependencies = false
use_git_change_detection = false
pytest_add_cli_args = ["-p", "no:cacheprovider", "-q", "-W", "ignore::RuntimeWarning", "-k", "{without}"]
pytest_add_cli_args_test_selection = [{tests}]
"""
#: They start a process of their own, or take twenty seconds.
WITHOUT = "not no_home and not misses_nothing"
POINTER = '''def pointer(address):
    """An address as a pointer, in plain Python."""
    import ctypes

    return ctypes.c_void_p(int(address))
'''


class Room(NamedTuple):
    """What is mutated, and by which tests."""

    files: tuple[str, ...]
    tests: tuple[str, ...]
    environment: dict[str, str]


ROOMS = {
    "decide": Room(
        ("src/handrail/decide/*.py",),
        tuple(
            f"tests/decide/test_{name}.py"
            for name in ("cases", "themes", "must_show", "input", "json", "visits", "edges", "survey", "whatif")
        ),
        {},
    ),
    "compiled": Room(
        ("src/handrail/compiled/*.py",),
        (
            "tests/compiled/test_batches.py",
            "tests/compiled/test_store.py",
            *(
                f"tests/compiled/test_agreement.py::test_{name}"
                for name in (
                    "the_reason_is_that_of_the_rule_that_decides",
                    "findings_that_a_stronger_one_covers",
                    "random_lines",
                    "the_comparison_can_fail",
                    *(f"the_whole_finite_space[{part}]" for part in range(4)),
                )
            ),
        ),
        # Tables kept on the disk would hide what builds them.
        {"NUMBA_DISABLE_JIT": "1", "HANDRAIL_LINES": "4000", "XDG_CACHE_HOME": "/dev/null"},
    ),
}


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("room", choices=ROOMS)
    arguments.add_argument("names", nargs="*", help='mutants, such as "handrail.decide.scope*"; default: all')
    arguments.add_argument("--jobs", type=int, default=2)
    arguments.add_argument("--sample", type=int, help="only so many, drawn at random, always the same")
    arguments.add_argument("--keep", action="store_true", help="go on where an earlier run stopped")
    arguments.add_argument("--again", action="store_true", help="run all tests on what survived an earlier run")
    given = arguments.parse_args()
    room, copy = ROOMS[given.room], ROOT / "build" / "mutate" / given.room
    if not (given.keep or given.again):
        prepare(room, copy)
    mutmut = Path(sys.executable).parent / "mutmut"
    # The same random cases for every mutant.
    environment = {**os.environ, **room.environment, "CI": "true"}

    def run(*names: str) -> None:
        command = [str(mutmut), "run", "--max-children", str(given.jobs), *names]
        # mutmut ends its whole process group when it stops: it gets one of its own.
        subprocess.run(command, cwd=copy, check=False, start_new_session=True, env=environment)  # noqa: S603

    names = given.names
    if given.sample:
        run("handrail.none*")  # writes the mutants, runs none
        every = sorted(name for name, _ in results(mutmut, copy))
        names = random.Random(20261127).sample(every, min(given.sample, len(every)))  # noqa: S311
    if not given.again:
        run(*names)
    # Results are read even if the run was stopped.
    rows = results(mutmut, copy)
    if given.again:
        rows = again(room, copy, rows, environment, given.jobs)
    return report(rows)


def prepare(room: Room, copy: Path) -> None:
    """Copies what the tests need, and unwraps what is decorated."""
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir(parents=True)
    for folder in ("src", "tests", "scripts", "docs"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    files, tests = (", ".join(f'"{name}"' for name in names) for names in (room.files, room.tests))
    text += CONFIG.format(files=files, tests=tests, without=WITHOUT)
    (copy / "pyproject.toml").write_text(text, encoding="utf-8")
    for pattern in room.files:
        for path in copy.glob(pattern):
            path.write_text(unwrapped(path.read_text(encoding="utf-8")), encoding="utf-8")


def unwrapped(text: str) -> str:
    """Source without decorators that mutmut cannot look behind.

    A cache around a function is put after it; what numba compiles is left plain; a function that only closes over
    another one (the kernel, for the sake of its fingerprint) makes room for it.

    >>> print(unwrapped("@lru_cache(maxsize=1)\\ndef f(x):\\n    return x\\n"))
    def f(x):
        return x
    f = lru_cache(maxsize=1)(f)
    <BLANKLINE>
    """
    lines = text.splitlines()
    for node in reversed(ast.parse(text).body):
        if not isinstance(node, ast.FunctionDef):
            if isinstance(node, ast.Assign) and ast.unparse(node) == "run = _made(_fingerprint())":
                lines[node.lineno - 1] = ""
            continue
        first, last = node.lineno - 1, node.end_lineno or 0
        if node.name == "_made":
            inner = next(part for part in node.body if isinstance(part, ast.FunctionDef))
            body = textwrap.dedent("\n".join(lines[inner.lineno - 1 : inner.end_lineno]))
            lines[first:last] = body.replace("_ = fingerprint", "_ = None").splitlines()
        if len(node.decorator_list) != 1:
            continue
        at = node.decorator_list[0].lineno - 1
        decorator = lines[at]
        if re.match(r"@(lru_cache\(|cache$)", decorator):
            lines.insert(last, f"{node.name} = {decorator[1:]}({node.name})")
            del lines[at]
        elif decorator in ("@compiled", "@kept"):
            del lines[at]
        elif decorator == "@intrinsic":
            lines[at:last] = POINTER.splitlines()
    return "\n".join(lines) + "\n"


def again(
    room: Room, copy: Path, rows: list[tuple[str, str]], environment: dict[str, str], jobs: int
) -> list[tuple[str, str]]:
    """The results, after every test was run on what survived.

    mutmut runs the tests that it saw reach a function; where a cache answers, it saw fewer than there are.
    """
    shutil.copytree(ROOT / "tests", copy / "mutants" / "tests", dirs_exist_ok=True)
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-k", WITHOUT, *room.tests]

    def outcome(row: tuple[str, str]) -> tuple[str, str]:
        name, before = row
        if before not in ("survived", "no tests"):
            return row
        given = {**environment, "MUTANT_UNDER_TEST": name, "PYTHONPATH": "src"}
        ran = subprocess.run(command, cwd=copy / "mutants", env=given, check=False, capture_output=True)  # noqa: S603
        return name, {0: before, 1: "killed"}.get(ran.returncode, "segfault" if ran.returncode < 0 else before)

    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(outcome, rows))


def results(mutmut: Path, copy: Path) -> list[tuple[str, str]]:
    """Mutants and what became of them."""
    listed = subprocess.run(  # noqa: S603
        [str(mutmut), "results", "--all", "true"], cwd=copy, check=True, capture_output=True, text=True
    )
    return re.findall(r"^\s*(\S+): (.+)$", listed.stdout, re.MULTILINE)


def report(rows: list[tuple[str, str]]) -> int:
    """The score so far, by module, and the survivors."""
    modules: dict[str, Counter[str]] = {}
    for name, outcome in rows:
        modules.setdefault(name.split(".x")[0], Counter())[outcome] += 1
    total: Counter[str] = Counter()
    for module, counts in sorted(modules.items()):
        total.update(counts)
        sys.stdout.write(f"{module}: {dict(counts.most_common())}\n")
    tried = sum(count for outcome, count in total.items() if outcome not in ("not checked", "skipped"))
    noticed = sum(total[outcome] for outcome in ("killed", "timeout", "segfault", "caught by type check"))
    share = f"{100 * noticed / tried:.1f} %" if tried else "none"
    sys.stdout.write(f"{noticed:,} of {tried:,} mutants tried were noticed: {share}\n")
    if os.environ.get("SURVIVORS", "1") != "0":
        for name, outcome in rows:
            if outcome in ("survived", "no tests", "suspicious"):
                sys.stdout.write(f"  {outcome}: {name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The arrays on disk: used if whole, built anew if not, done without where nothing can be written."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path
from typing import get_args, get_type_hints

import numpy as np
import pytest

from handrail import compiled
from handrail.compiled import base, store


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "handrail"


def same(one: base.Base, other: base.Base) -> bool:
    return all(
        np.array_equal(a, b) and getattr(a, "dtype", None) == getattr(b, "dtype", None)
        for a, b in zip(one, other, strict=True)
    )


def files(home: Path) -> list[Path]:
    return sorted(home.iterdir())


def test_what_was_kept_is_what_was_built(home: Path) -> None:
    built = store.load()
    (path,) = files(home)
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    read = store._read(path)
    assert read is not None
    assert same(read, built)
    assert same(built, base.build())


@pytest.mark.parametrize("harm", ["cut", "flip", "empty", "other"])
def test_a_broken_file_is_built_anew(home: Path, harm: str) -> None:
    whole = store.load()
    (path,) = files(home)
    raw = path.read_bytes()
    flipped = raw[:-9] + bytes([raw[-9] ^ 1]) + raw[-8:]
    path.write_bytes({"cut": raw[: len(raw) // 2], "flip": flipped, "empty": b"", "other": b"\x00" * 99}[harm])
    assert store._read(path) is None
    assert same(store.load(), whole)
    assert path.read_bytes() == raw


def test_files_of_other_knowledge_go(home: Path) -> None:
    home.mkdir()
    (home / "tables-0123.bin").write_bytes(b"old")
    (home / "mine.txt").write_text("not ours")
    store.load()
    assert [path.suffix for path in files(home)] == [".txt", ".bin"]


@pytest.mark.parametrize("place", ["/proc/none", "/dev/null"])
def test_nowhere_to_write(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", place)
    assert store.load().jurisdictions


def test_the_digest_is_of_the_knowledge() -> None:
    assert len(compiled.digest()) == 64
    code = "from handrail import compiled; print(compiled.digest())"
    again = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert again.strip() == compiled.digest()


def test_a_package_that_cannot_be_written_and_no_home_still_judges(tmp_path: Path) -> None:
    """Numba then compiles in every process; that takes long, so only the decoration is tried."""
    code = (
        "import numba.core.caching as c\n"
        "c.CacheImpl._locator_classes = []\n"
        "c.CompileResultCacheImpl._locator_classes = []\n"
        "from handrail.compiled import kernel\n"
        "print(type(kernel.run._cache).__name__)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout.strip() == "NullCache", run.stderr


@pytest.mark.parametrize("missing", ["numpy", "pyarrow", "numba"])
def test_a_missing_library_is_named(missing: str) -> None:
    code = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "from handrail import compiled\n"
        "from handrail.terms import InputError\n"
        "try: compiled.warm()\n"
        "except InputError as error: print(error)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert f"needs {missing}, which is not installed. Run: pip install 'handrail[audit]'" in run.stdout, run.stderr


def test_rules_keep_their_effect_and_conditions() -> None:
    made = base.build()
    at = made.rules.index("US-WA/physical_therapist/thrust_spine/1")
    assert base.EFFECTS[made.rule_effect[at]] in base.EFFECTS
    from handrail.law import load

    law = load("US-WA")
    for id_, rule in law.rules_by_id.items():
        at = made.rules.index(id_)
        assert base.EFFECTS[made.rule_effect[at]] == rule.effect
        bits = int.from_bytes(made.rule_conditions[at].astype("<u8").tobytes(), "little")
        held = {name for number, name in enumerate(made.conditions) if bits >> number & 1}
        assert held == {condition.id for condition in law.conditions(rule)}


def test_every_array_has_the_type_that_is_declared_and_lies_in_one_piece() -> None:
    """The kernel is compiled for these types: another one would be compiled anew, and slower."""
    made, seen = base.build(), 0
    for name, declared in get_type_hints(base.Base).items():
        array = getattr(made, name)
        if isinstance(array, np.ndarray):
            (kind,) = get_args(get_args(declared)[1])
            assert array.dtype == np.dtype(kind), name
            assert array.flags.c_contiguous, name
            seen += 1
    assert seen == 10

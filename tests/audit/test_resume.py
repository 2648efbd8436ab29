"""An audit that is stopped anywhere, and goes on, comes out as one that was not: the same bytes."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from handrail.audit import job, open_claims
from handrail.audit.generate import generate
from handrail.audit.run import audit
from handrail.cli.run import run
from handrail.terms import InputError

SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
PART = 300
#: Says when it begins, so that kills hit the audit and not imports; it takes its time.
CHILD = """
import sys
import time
from pathlib import Path
from handrail.audit import job, open_claims
from handrail.audit.run import audit
from handrail.compiled import warm
job.ONE_FILE = int(sys.argv[3])
warm()
print("ready", flush=True)
slowly = lambda done, of: time.sleep(0.02)
audit(open_claims(sys.argv[1]), Path(sys.argv[2]), part_rows=300, progress=slowly)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Files of several formats in small pieces; one of them has a column of another type, one is damaged."""
    place = tmp_path_factory.mktemp("claims")
    generate(3000, seed=7, layout="plain", out=place / "made.parquet")
    table = pq.read_table(place / "made.parquet")
    for path in place.iterdir():
        path.unlink()
    pq.write_table(table.slice(0, 1000), place / "a.parquet", row_group_size=150)
    other = table.slice(1000, 1000)
    at = other.schema.get_field_index("amount")
    pq.write_table(other.set_column(at, "amount", other.column(at).cast(pa.string())), place / "b.parquet", 150)
    generate(1000, seed=8, layout="plain", out=place / "c.csv")
    (place / "d.parquet").write_bytes(b"PAR1 damaged")
    return place


@pytest.fixture(scope="module")
def once(folder, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("once") / "out"
    audit(open_claims(folder), out, part_rows=PART)
    return out


def contents(out: Path) -> dict[str, bytes]:
    """All that an audit has written, by name."""
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}


@pytest.mark.parametrize("one_file", [job.ONE_FILE, 0], ids=["one file", "a folder of files"])
def test_killed_at_random_and_resumed_it_writes_the_same_bytes(folder, tmp_path, one_file, monkeypatch):
    monkeypatch.setattr(job, "ONE_FILE", one_file)
    audit(open_claims(folder), tmp_path / "once", part_rows=PART)
    wanted, kills = (50 if SOAK else 4), 0
    draw = random.Random(20261127)  # noqa: S311  (no secret)
    rounds = 0
    while kills < wanted:
        out = tmp_path / f"out{rounds}"
        rounds += 1
        assert rounds <= 10 * wanted, "no kill came before the end"
        for _ in range(wanted + 1):
            command = [sys.executable, "-c", CHILD, str(folder), str(out), str(one_file)]
            child = subprocess.Popen(command, stdout=subprocess.PIPE)
            child.stdout.readline()
            if kills < wanted:
                time.sleep(draw.uniform(0, 0.6))
            if kills < wanted and child.poll() is None:
                child.send_signal(signal.SIGKILL)
                kills += 1
            if child.wait() == 0:
                break
        assert contents(out) == contents(tmp_path / "once")


def stopped(folder: Path, out: Path, after: int) -> None:
    """An audit that is broken off after some rows."""

    class EnoughError(Exception):
        pass

    def progress(done: int, _total: int | None) -> None:
        if done >= after:
            raise EnoughError

    with pytest.raises(EnoughError):
        audit(open_claims(folder), out, part_rows=PART, progress=progress)


@pytest.mark.parametrize("after", [1, 400, 1000, 1200, 2100, 2900])
def test_stopped_after_so_many_rows_it_writes_the_same_bytes(folder, once, tmp_path, after):
    out = tmp_path / "out"
    stopped(folder, out, after)
    audit(open_claims(folder), out, part_rows=PART)
    assert contents(out) == contents(once)


def test_what_a_stop_can_leave_behind_does_not_matter(folder, once, tmp_path):
    """Half a part, counts without their end, a folder that was just being made or cleared away."""
    out = tmp_path / "out"
    stopped(folder, out, 1500)
    kept = sorted((out / job.FOLDER).glob("part-*.json"))
    kept[-1].write_bytes(kept[-1].read_bytes()[:-20])
    (out / job.FOLDER / "part-000099.parquet.part").write_bytes(b"PAR1")
    audit(open_claims(folder), out, part_rows=PART)
    assert contents(out) == contents(once)

    fresh = tmp_path / "fresh"
    for name in (job.NEW, job.GONE):
        (fresh / name).mkdir(parents=True)
        (fresh / name / "job.json").write_text("{")
    audit(open_claims(folder), fresh, part_rows=PART)
    assert contents(fresh) == contents(once)


@pytest.mark.parametrize("step", ["findings.parquet", "summary.json", "report.html"])
def test_stopped_while_results_are_put_in_place(folder, once, tmp_path, step, monkeypatch):
    out = tmp_path / "out"
    write, write_table = job._write, job._write_table

    def broken(place: Path, *rest: object) -> None:
        if place.name == step:
            raise KeyboardInterrupt
        (write_table if place.suffix == ".parquet" else write)(place, *rest)

    monkeypatch.setattr(job, "_write", broken)
    monkeypatch.setattr(job, "_write_table", broken)
    with pytest.raises(KeyboardInterrupt):
        audit(open_claims(folder), out, part_rows=PART)
    monkeypatch.undo()
    audit(open_claims(folder), out, part_rows=PART)
    assert contents(out) == contents(once)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"place": "US-FL"}, "unfinished audit with other settings"),
        ({"every": True}, "unfinished audit with other written"),
        ({"part_rows": 301}, "unfinished audit with other settings"),
    ],
)
def test_another_audit_does_not_go_on_with_this_one(folder, tmp_path, change, said):
    out = tmp_path / "out"
    stopped(folder, out, 700)
    given = {"part_rows": PART, **change}
    place = given.pop("place", None)
    with pytest.raises(InputError, match=said):
        audit(open_claims(folder, place=place), out, **given)
    assert audit(open_claims(folder, place=place), out, **given, force=True).lines == 3000


def test_other_claims_or_knowledge_do_not_go_on(folder, tmp_path):
    out, own = tmp_path / "out", tmp_path / "claims"
    shutil.copytree(folder, own)
    stopped(own, out, 700)
    about = json.loads((out / job.FOLDER / "job.json").read_text())
    changed = {**about, "knowledge": ["0" * 64, about["knowledge"][1]]}
    (out / job.FOLDER / "job.json").write_text(json.dumps(changed))
    with pytest.raises(InputError, match="other knowledge"):
        audit(open_claims(own), out, part_rows=PART)
    (out / job.FOLDER / "job.json").write_text(json.dumps(about))
    os.utime(own / "a.parquet", ns=(1, 1))
    with pytest.raises(InputError, match="other files"):
        audit(open_claims(own), out, part_rows=PART)


def test_a_finished_audit_is_not_written_over(folder, once):
    with pytest.raises(InputError, match="is not empty"):
        audit(open_claims(folder), once, part_rows=PART)


def test_a_full_disk_keeps_what_was_done(folder, tmp_path):
    """Files may grow to 20 kB only, as on a disk that runs full; afterwards the same command goes on."""
    out = tmp_path / "out"
    code = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
    code += "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    code += "from handrail.cli.run import run; import sys; sys.exit(run(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "audit", str(folder), "--out", str(out)]
    child = subprocess.run(command, capture_output=True, text=True, check=False)
    assert child.returncode == 2, child.stderr
    assert "no room left" in child.stderr
    assert child.stderr.count("\n") == 1
    assert not (out / "summary.json").exists()
    assert run(["audit", str(folder), "--out", str(out)]) == 1  # d.parquet is damaged

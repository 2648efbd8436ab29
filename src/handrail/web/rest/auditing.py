"""One audit in a process of its own: ``python -m handrail.web.rest.auditing FOLDER``, started by ``jobs``."""

from __future__ import annotations

import fcntl
import signal
import sys
import time
from pathlib import Path

import msgspec

from handrail.terms import InputError
from handrail.web.rest.jobs import Job, write_whole

#: Seconds between two reports of progress.
OFTEN = 0.25


def main(folder: Path) -> int:
    """Runs the audit of a folder; what goes wrong is told in ``failed.json``."""
    # A stop of the service stops this too; it goes on later where it was.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    job = msgspec.json.decode((folder / "job.json").read_bytes(), type=Job)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return 0  # another worker is at it
        last = 0.0

        def progress(rows: int, expected: int | None) -> None:
            nonlocal last
            now = time.monotonic()
            if now - last >= OFTEN:
                last = now
                told = {"rows": rows, "expected": expected}
                write_whole(folder / "progress.json", msgspec.json.encode(told))

        try:
            from handrail.audit import open_claims
            from handrail.audit.run import audit

            progress(0, None)
            claims = open_claims(folder / "claims", **job.options)
            audit(claims, folder / "out", progress=progress, part_rows=500_000)
        except InputError as error:
            # Names within the folder only: the rest of the path is nobody's business.
            told = str(error).replace(f"{folder / 'claims'}/", "").replace(str(folder), "")
            write_whole(folder / "failed.json", msgspec.json.encode({"problem": told}))
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

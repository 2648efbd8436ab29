"""A writer to be killed: appends to a log, and says of each entry that it is kept only once it is."""

from __future__ import annotations

import sys

from handrail.clinic import Log, Store, StoreError
from handrail.decide import Case, Client, Credential, decide

DECISION = decide(
    Case("US-WA", "thrust_spine", [Credential("chiropractor")], on="2026-11-27", client=Client((), None))
)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """``writer.py URL NAME COUNT``: appends, for ever if the count is 0."""
    url, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    log = Log(Store(url))
    log.store.get("log")  # connected
    say("ready")
    number = 0
    while count == 0 or number < count:
        number += 1
        try:
            entry = log.append(DECISION, user=name, client=f"c-{number}")
        except StoreError as error:
            say(f"error {error.kind}")
            return
        assert entry is not None
        say(f"kept {entry.seq} {entry.hash}")


if __name__ == "__main__":
    main()

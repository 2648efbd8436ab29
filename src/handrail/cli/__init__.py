"""The command line. ``app.py`` lists the commands; each room has a module of its own here.

Exit codes: 0 answered, 1 only with ``--exit-code``, 2 bad input.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Runs the command line; bad input ends with one line and exit code 2, never with a traceback."""
    from handrail.cli.run import run

    sys.exit(run(sys.argv[1:]))

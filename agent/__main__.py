"""`python -m agent`, and the console script `afinador`."""

from __future__ import annotations

import gc
import os
import sys


def main() -> int:
    # Everything this program writes is for its owner alone: training data, answers, logs.
    os.umask(0o077)
    # Nearly all that is loaded stays: to look through it for garbage, hundreds of times, would take
    # a seventh of a start.
    gc.set_threshold(5_000)
    from agent.cli import main as run

    try:
        return run()
    finally:
        _forget_what_cannot_be_said()


def _forget_what_cannot_be_said() -> None:
    """Keeps the exit code: Python flushes stderr once more at its end.

    If a full disk refuses that, Python would end with an exit code of its own.
    """
    try:
        sys.stderr.flush()
    except OSError:
        sys.stderr = None
    except ValueError:
        pass  # closed already


if __name__ == "__main__":
    sys.exit(main())

"""`python -m agent`, and the console script `afinador`."""

from __future__ import annotations

import gc
import os
import sys


def main() -> int:
    # Everything this program writes is for its owner alone: training data, answers, logs.
    os.umask(0o077)
    # Nearly all that is loaded stays: to look through it for garbage, hundreds of times, would take
    # a seventh of a start. A daemon sets its own (agent/drivers/memory.py).
    gc.set_threshold(250_000)
    from agent.cli import main as run

    try:
        code = run()
    finally:
        _forget_what_cannot_be_said()
    if "temporalio" in sys.modules:
        _end_at_once(code)
    return code


def _end_at_once(code: int) -> None:
    """Ends this process as it is: a thread of Temporal's SDK may still hold Python's lock, and a
    Python that finalizes meanwhile aborts (github.com/temporalio/sdk-python/issues/300)."""
    import logging
    from contextlib import suppress

    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(code)


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

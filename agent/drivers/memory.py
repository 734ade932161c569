"""What a process that goes on for days keeps of the machine's memory. Called by local.py.

What thousands of ticks at once have taken is given back. The C library keeps a pool of memory for
each thread, and what was freed in it; where it is another one than glibc, nothing happens here.
"""

from __future__ import annotations

import gc
from contextlib import suppress

_ARENA_MAX = -8  # of <malloc.h>: the number of pools


def settle() -> None:
    """All that is loaded stays, and is never looked through for garbage again."""
    gc.freeze()
    gc.set_threshold(5_000)


def share_pools() -> None:
    """All threads take memory from two pools: Python runs one of them at a time anyway."""
    import ctypes  # a few ms, which few need

    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 2)


def give_back() -> None:
    """What was freed is the machine's again."""
    import ctypes

    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)

"""A process that is short of file handles: this one, for a while."""

from __future__ import annotations

import contextlib
import os
import resource
from collections.abc import Iterator


@contextlib.contextmanager
def file_handles(left: int) -> Iterator[None]:
    """This process may open so many files more, and gets EMFILE for the next."""
    former = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = max(map(int, os.listdir("/proc/self/fd"))) + 1  # noqa: PTH208  as short as it gets
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, former[1]))
    taken: list[int] = []
    try:
        with contextlib.suppress(OSError):
            while True:
                taken.append(os.open(os.devnull, os.O_RDONLY))
        for handle in taken[:left]:
            os.close(handle)
        del taken[:left]
        yield
    finally:
        for handle in taken:
            os.close(handle)
        resource.setrlimit(resource.RLIMIT_NOFILE, former)

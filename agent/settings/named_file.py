"""A file that a setting names: a regular one of a bounded size, so that nothing waits or swells.

prices.py, environment.py, temporal.py and agent/providers/network.py open theirs by it. A pipe
would wait for its writer, a device has no end, and both are read once where a file is read again.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from states.errors import SettingsError, problem_of
from states.text import Text, say

_OPEN = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


def read_named(path: Path, most: int) -> bytes:
    """All of it. SettingsError, whose text is the reason alone, where that is not `most` bytes or
    fewer of a regular file."""
    mind_named(path, most)  # with some devices the mere opening does something
    try:
        with os.fdopen(os.open(path, _OPEN), "rb") as file:
            _refuse(os.fstat(file.fileno()), most)
            content = file.read(most + 1)
    except OSError as error:
        raise SettingsError(problem_of(error)) from error
    if len(content) > most:  # files of /proc are as long as they like, and say 0
        raise SettingsError(_too_large(most))
    return content


def mind_named(path: Path, most: int) -> None:
    """The same SettingsError, by looking alone; whether it may be read is not looked at."""
    try:
        status = path.stat()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        problem = problem_of(error) if isinstance(error, OSError) else str(error)
        raise SettingsError(problem) from error
    _refuse(status, most)


def _refuse(status: os.stat_result, most: int) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise SettingsError(say("Is a directory"))
    if not stat.S_ISREG(status.st_mode):
        raise SettingsError(say("a pipe or a device, and not a file"))
    if status.st_size > most:
        raise SettingsError(_too_large(most))


def _too_large(most: int) -> Text:
    return say("it is larger than {limit} kB", limit=most // 1000)

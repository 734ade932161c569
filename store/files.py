"""Atomic files: after a crash a file is the old one or the new one, whole.

Used for every file that a person sees below the home, through bootstrap.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from states.errors import StoreError, problem_of
from states.text import say

_OURS = re.compile(
    r"\..+\.[a-z0-9_]{8}\.part"
)  # as replace_file and mkstemp name it; a person's own .part files are theirs


def write_atomically(path: Path, content: bytes | Iterable[bytes]) -> None:
    """`path` holds `content`, which may come in pieces, on disk, with mode 0600."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        replace_file(path, content)
        _sync_folder(path.parent)
    except OSError as error:
        raise StoreError(
            say(
                "{path} cannot be written: {problem}. What was there before is untouched.",
                path=str(path),
                problem=problem_of(error),
            )
        ) from error


def replace_file(path: Path, content: bytes | Iterable[bytes]) -> None:
    """Writes beside `path`, fsyncs, and renames: a reader sees the old content or the new one."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            for piece in (content,) if isinstance(content, bytes) else content:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def _sync_folder(folder: Path) -> None:
    # Without this a power cut may lose the rename itself; the end of the process does not.
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_leftovers(folder: Path, now: float) -> None:
    """Half-written files of a process that was killed are gone.

    Those of the last minute stay: they may belong to a living process."""
    if folder.is_dir():
        for path in folder.rglob(".*.part"):
            with suppress(OSError):
                if _OURS.fullmatch(path.name) and path.stat().st_mtime < now - 60:
                    path.unlink()

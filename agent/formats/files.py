"""A person's file: found, known for what it is, and the same one each time that it is opened.

reading.py makes it, and every reader opens it. Nothing here can wait for a pipe or a device.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from states.errors import SettingsError, problem_of
from states.foreign import clean
from states.text import say, with_suggestion

_NEIGHBOURS = 10_000  # names of a folder that are compared with a mistyped one
_OPEN = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


@dataclass(frozen=True)
class Document:
    """A regular file. `stamp`: what changes when somebody writes to it or puts another there."""

    path: Path
    stamp: tuple[int, ...]

    @property
    def name(self) -> str:
        return clean(self.path.name)

    @property
    def size(self) -> int:
        """In bytes."""
        return self.stamp[0]

    @property
    def suffix(self) -> str:
        return self.path.suffix.lower()

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """From its beginning. SettingsError if it is not the file that was looked at.

        Also at the end: who writes while it is read leaves rows of two files.
        """
        with _open(self.path) as file:
            self._refuse_changed(file)
            yield file
            self._refuse_changed(file)

    def _refuse_changed(self, file: BinaryIO) -> None:
        if file.closed or _stamp(os.fstat(file.fileno())) == self.stamp:
            return
        raise SettingsError(
            say("{file} was changed while it was read. Begin again.", file=self.name)
        )

    def head(self, size: int) -> bytes:
        """Its first bytes."""
        with self.open() as file:
            return file.read(size)


def find(path: Path) -> Document:
    """SettingsError if there is no such file, or if it is nothing that can be read."""
    with _open(path) as file:
        stamp = _stamp(os.fstat(file.fileno()))
    if not stamp[0]:
        raise SettingsError(
            say("{file} is empty. Give a file with sentences.", file=clean(str(path)))
        )
    return Document(path, stamp)


def _stamp(status: os.stat_result) -> tuple[int, ...]:
    return (status.st_size, status.st_mtime_ns, status.st_dev, status.st_ino)


def _open(path: Path) -> BinaryIO:
    try:
        # Looked at first: with some devices the mere opening does something.
        _refuse_irregular(path, path.stat().st_mode)
        file = os.fdopen(os.open(path, _OPEN), "rb")
    except FileNotFoundError as error:
        raise _missing(path) from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        problem = problem_of(error) if isinstance(error, OSError) else str(error)
        raise SettingsError(
            say("{file} cannot be read: {problem}.", file=clean(str(path)), problem=problem)
        ) from error
    try:
        _refuse_irregular(path, os.fstat(file.fileno()).st_mode)
    except SettingsError:
        file.close()
        raise
    return file


def _refuse_irregular(path: Path, mode: int) -> None:
    file = clean(str(path))
    if stat.S_ISDIR(mode):
        raise SettingsError(say("{file} is a folder. Name the file in it.", file=file))
    if not stat.S_ISREG(mode):
        raise SettingsError(
            say(
                "{file} is a pipe or a device, and data is read more than once. Save it to a file.",
                file=file,
            )
        )


def _missing(path: Path) -> SettingsError:
    complaint = say("There is no file {file}", file=clean(str(path)))
    try:
        with os.scandir(path.parent) as entries:
            names = [clean(entry.name) for entry in islice(entries, _NEIGHBOURS)]
    except OSError:
        names = []
    suggested = with_suggestion(complaint, path.name, names)
    return SettingsError(
        suggested if suggested is not complaint else say("{complaint}.", complaint=complaint)
    )

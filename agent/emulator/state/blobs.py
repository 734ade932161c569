"""File contents and model heads as files in HOME/blobs; a write is atomic.

The resources put and get them by name; home.py uses `write_atomically` for its announcement.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.emulator.model.features import Floats


class Blobs:
    """Named byte strings in one folder that only its owner may read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def put(self, name: str, content: bytes) -> None:
        """Writes the content to disk under this name."""
        write_atomically(self._folder / name, content)

    def get(self, name: str) -> bytes:
        """The content. Raises FileNotFoundError."""
        return (self._folder / name).read_bytes()

    def drop(self, name: str) -> None:
        """Removes the content of a name, if there is any."""
        (self._folder / name).unlink(missing_ok=True)

    def keep_only(self, names: Iterable[str]) -> None:
        """Removes what a kill between writing a file and recording it left behind."""
        kept = set(names)
        for path in self._folder.iterdir():
            if path.name not in kept:
                path.unlink()

    def put_array(self, name: str, array: Floats) -> None:
        """Writes a model head."""
        import numpy as np  # only a process that trains or answers needs numpy

        buffer = BytesIO()
        np.save(buffer, array, allow_pickle=False)
        self.put(name, buffer.getvalue())

    def get_array(self, name: str) -> Floats:
        """Reads a model head back."""
        import numpy as np

        array: Floats = np.load(BytesIO(self.get(name)), allow_pickle=False)
        return array


def write_atomically(path: Path, content: bytes) -> None:
    """Replaces a file: a reader or a crash finds the old content or the new one, never a part."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)

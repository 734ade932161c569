"""A project's files below the home: written whole, remembered by content, checked before they are relied upon."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from states.errors import FileEdited, NeedsOperator, StoreError, problem_of
from states.store_port import Store
from states.text import say


class FolderArtifacts:
    """states.ports.Artifacts over a folder and the store's blobs."""

    def __init__(self, home: Path, store: Store, write: Callable[[Path, bytes], None]) -> None:
        self._home, self._store, self._write = home, store, write

    def given(self, place: str) -> bytes | None:
        path = self._home / place
        try:
            if path.exists() and not path.is_file():
                # A pipe would be waited for without end, and the daemon with it.
                raise NeedsOperator(
                    say("{place} is not a file. Remove it, or put the file there.", place=place),
                    heals=True,
                )
            return path.read_bytes()
        except FileNotFoundError:
            _refuse_dead_links(path, place)
            return None
        except OSError as error:
            raise self._unreadable(place, error) from error

    def save(self, place: str, content: bytes) -> str:
        # The store first: if the process ends in between, the file can be made from it, and not the other way round.
        sha256 = self._store.put_blob(content)
        if self.given(place) != content:
            self._write(self._home / place, content)
        return sha256

    def load(self, place: str, sha256: str) -> bytes:
        content = self.given(place)
        if content is None:
            content = self.recorded(sha256)
            self._write(self._home / place, content)
        elif hashlib.sha256(content).hexdigest() != sha256:
            raise FileEdited(place)
        return content

    def recorded(self, sha256: str) -> bytes:
        return self._store.get_blob(sha256)

    def restore(self, place: str, sha256: str) -> None:
        """The file is again what was recorded."""
        self._write(self._home / place, self.recorded(sha256))

    @staticmethod
    def _unreadable(place: str, error: OSError) -> Exception:
        if isinstance(error, PermissionError | NotADirectoryError):
            return NeedsOperator(
                say("{place} cannot be read: {problem}.", place=place, problem=problem_of(error)),
                heals=True,
            )
        return StoreError(
            say("{place} cannot be read: {problem}.", place=place, problem=problem_of(error))
        )


def _refuse_dead_links(path: Path, place: str) -> None:
    """A link to nothing (a share that is not mounted, say) is not "no file": another one would be made up in its place."""
    for link in (path, *path.parents):
        if link.is_symlink() and not link.exists():
            raise NeedsOperator(
                say(
                    "{place} cannot be read: {link} is a link to {target}, which is not there. Mend"
                    " the link, or remove it.",
                    place=place,
                    link=str(link),
                    target=str(link.readlink()),
                ),
                heals=True,
            )

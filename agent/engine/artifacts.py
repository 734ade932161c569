"""The files of one project below the home: written whole, known by content, checked before use.

Built for every tick by bootstrap; steps reach it as `ports.artifacts`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from states.errors import FileEdited, NeedsOperator, StoreError, problem_of
from states.model import Project
from states.places import Artifact, place_of
from states.store_port import Store
from states.text import say

MEGABYTE = 1_000_000  # bytes
# Of a file of sentences: 80,000 of them, read with the line of each in 0.4 GB of memory. Others are
# made of them: 30 MB with the instruction that the program writes.
LARGEST, LARGEST_OF_SENTENCES = 64 * MEGABYTE, 5 * MEGABYTE


class FolderArtifacts:
    """states.ports.Artifacts over a folder and the store's blobs, for `project` as it stands."""

    def __init__(
        self, home: Path, store: Store, write: Callable[[Path, bytes], None], project: Project
    ) -> None:
        self._home, self._store, self._write = home, store, write
        self._name, self._digests = project.name, project.facts.artifacts

    def place(self, artifact: Artifact) -> str:
        return place_of(artifact, self._name)

    def find(self, artifact: Artifact) -> bytes | None:
        place, path = self.place(artifact), self._path(artifact)
        try:
            if path.exists() and not path.is_file():
                # Reading a pipe would block the daemon for ever.
                raise NeedsOperator(
                    say("{place} is not a file. Remove it, or put the file there.", place=place),
                    heals=True,
                )
            return _read(path, place, _largest(artifact))
        except FileNotFoundError:
            _refuse_dead_links(path, place)
            return None
        except OSError as error:
            raise _to_readable_error(place, error) from error

    def save(self, artifact: Artifact, content: bytes) -> str:
        # The store first: after a crash in between the file can be made from it, not vice versa.
        sha256 = self._store.put_blob(content)
        if self.find(artifact) != content:
            self._write(self._path(artifact), content)
        return sha256

    def load(self, artifact: Artifact) -> bytes:
        content = self.find(artifact)
        if content is None:
            content = self.recorded(artifact)
            self._write(self._path(artifact), content)
        elif hashlib.sha256(content).hexdigest() != self._digests[artifact]:
            raise FileEdited(artifact, self.place(artifact))
        return content

    def recorded(self, artifact: Artifact) -> bytes:
        return self._store.get_blob(self._digests[artifact])

    def restore(self, artifact: Artifact) -> None:
        self._write(self._path(artifact), self.recorded(artifact))

    def _path(self, artifact: Artifact) -> Path:
        return self._home / self.place(artifact)


def _largest(artifact: Artifact) -> int:
    is_of_sentences = artifact in (Artifact.EXAMPLES, Artifact.CASES)
    return LARGEST_OF_SENTENCES if is_of_sentences else LARGEST


def _read(path: Path, place: str, most: int) -> bytes:
    """What is in the file. NeedsOperator if that is more than `most` bytes: none of it is used."""
    with path.open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise NeedsOperator(
            say(
                "{place} is larger than {limit} MB, and is not read: make it smaller. A few hundred"
                " sentences teach an intent.",
                place=place,
                limit=most // MEGABYTE,
            ),
            heals=True,
        )
    return content


def _to_readable_error(place: str, error: OSError) -> Exception:
    text = say("{place} cannot be read: {problem}.", place=place, problem=problem_of(error))
    if isinstance(error, PermissionError | NotADirectoryError):
        return NeedsOperator(text, heals=True)
    return StoreError(text)


def _refuse_dead_links(path: Path, place: str) -> None:
    """Raises NeedsOperator for a link to nothing, such as a share that is not mounted.

    It is not "no file": the program would make up another one in its place.
    """
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

"""The files of one project below the home: written whole, known by content, checked before use.

Built for every tick by bootstrap; steps reach it as `ports.artifacts`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from states.errors import FileEdited, FileRefused, StoreError, problem_of
from states.model import Project
from states.places import GIVEN, Artifact, place_of
from states.ports import Kept
from states.store_port import Store
from states.text import Text, say

if TYPE_CHECKING:
    from agent.engine.home_notes import HomeNotes

MEGABYTE = 1_000_000  # bytes
# Of what is read in pieces: the service takes 512 MB, and the prompts are two such files.
LARGEST = 1024 * MEGABYTE
READ_WHOLE = (Artifact.EXAMPLES, Artifact.INTENTS, Artifact.CASES)
PIECE = 2**20  # bytes

T = TypeVar("T")
Write = Callable[[Path, Iterable[bytes]], None]


class FolderArtifacts:
    """states.ports.Artifacts over a folder and the store's blobs, for `project` as it stands.

    `notes`: where other homes share the store. Then a file that this home wrote is a view, made
    anew when the project has recorded another content since; one that a person wrote is theirs."""

    def __init__(
        self,
        home: Path,
        store: Store,
        write: Write,
        project: Project,
        notes: HomeNotes | None = None,
    ) -> None:
        self._home, self._store, self._write, self._notes = home, store, write, notes
        self._name, self._digests = project.name, project.facts.artifacts

    def place(self, artifact: Artifact) -> str:
        return place_of(artifact, self._name)

    def find(self, artifact: Artifact) -> bytes | None:
        from states.intents import annotated_json

        self._look(artifact, takes=True)
        most = annotated_json.LARGEST if artifact in READ_WHOLE else LARGEST
        return self._use(artifact, b"".join, most)

    def fingerprint(self, artifact: Artifact) -> str:
        try:
            found = self._use(artifact, _digest)
        except FileRefused as refusal:
            return refusal.refused[artifact]
        return "" if found is None else found.sha256

    def record(self, content: bytes) -> str:
        return self._store.put_blob(content)

    def keep(self, artifact: Artifact) -> Kept | None:
        found = self._look(artifact, takes=True)
        if found is None or self._store.has_blob(found.sha256):
            return found
        return self._use(artifact, self._put)

    def carried(self, which: Sequence[Artifact] = GIVEN) -> Mapping[Artifact, str]:
        if self._notes is None:
            return {}
        found = {artifact: self.keep(artifact) for artifact in which}
        return {artifact: kept.sha256 for artifact, kept in found.items() if kept is not None}

    def save(self, artifact: Artifact, content: bytes) -> str:
        return self._publish(artifact, self._store.put_blob(content))

    def save_pieces(self, artifact: Artifact, content: Iterable[bytes]) -> str:
        return self._publish(artifact, self._store.put_pieces(content))

    def load(self, artifact: Artifact) -> bytes:
        return b"".join(self.load_pieces(artifact))

    def load_pieces(self, artifact: Artifact) -> Iterator[bytes]:
        self.check(artifact)
        # Not from the file: it may change while it is read.
        return self.recorded_pieces(artifact)

    def check(self, artifact: Artifact) -> None:
        found = self._look(artifact)
        if found is None:
            self.restore(artifact)
        elif found.sha256 != self._digests[artifact]:
            raise FileEdited(artifact, self.place(artifact))

    def recorded(self, artifact: Artifact) -> bytes:
        return b"".join(self.recorded_pieces(artifact))

    def recorded_pieces(self, artifact: Artifact) -> Iterator[bytes]:
        return self.pieces(self._digests[artifact])

    def pieces(self, sha256: str) -> Iterator[bytes]:
        return self._store.get_pieces(sha256)

    def renew(self) -> None:
        """What a person reads below the home, or a command, is no older than what is recorded."""
        for artifact in (*GIVEN, Artifact.PREPARATION):
            self._look(artifact)

    def restore(self, artifact: Artifact) -> None:
        self._write_view(artifact, self._digests[artifact])

    def _publish(self, artifact: Artifact, sha256: str) -> str:
        """The file has this content of the store, which comes first: after a crash in between the
        file can be made from the store, not vice versa.
        """
        found = self._use(artifact, _digest)
        if found is None or found.sha256 != sha256:
            self._write_view(artifact, sha256)
        return sha256

    def _write_view(self, artifact: Artifact, sha256: str) -> None:
        if self._notes is not None:
            self._notes.begin(self.place(artifact), sha256)
        self._write(self._path(artifact), self.pieces(sha256))
        if self._notes is not None:
            self._notes.end(self.place(artifact), sha256)

    def _look(self, artifact: Artifact, *, takes: bool = False) -> Kept | None:
        """The file as it is now; a view that is missing or out of date is made anew first.

        `takes`: what a person has put there is about to be used."""
        found = self._use(artifact, _digest)
        if self._notes is None:
            return found
        place, recorded = self.place(artifact), self._digests.get(artifact)
        if found is None:
            return None if recorded is None else self._renew(artifact)
        if found.sha256 == recorded:
            self._notes.end(place, recorded)
            return found
        if recorded is not None and self._notes.is_ours(place, found.sha256):
            return self._renew(artifact)
        if recorded is not None and self._notes.is_overruled(place, found.sha256, recorded):
            path = self._path(artifact)  # a person's: it is kept beside the view
            path.replace(path.with_name(f"{path.name}.before"))
            return self._renew(artifact)
        if takes:
            self._notes.take(place, found.sha256, recorded)
        return found

    def _renew(self, artifact: Artifact) -> Kept | None:
        self.restore(artifact)
        return self._use(artifact, _digest)

    def _path(self, artifact: Artifact) -> Path:
        return self._home / self.place(artifact)

    def _put(self, content: Iterable[bytes]) -> Kept:
        sizes: list[int] = []

        def counted() -> Iterator[bytes]:
            for piece in content:
                sizes.append(len(piece))
                yield piece

        return Kept(self._store.put_pieces(counted()), sum(sizes))

    def _use(
        self, artifact: Artifact, use: Callable[[Iterator[bytes]], T], most: int | None = None
    ) -> T | None:
        """What `use` makes of the file as it is now. None if there is none."""
        try:
            return use(self._read(artifact, most or LARGEST))
        except FileNotFoundError:
            _refuse_dead_links(self._path(artifact), self.place(artifact), artifact)
            return None
        except OSError as error:
            raise _to_readable_error(self.place(artifact), artifact, error) from error

    def _read(self, artifact: Artifact, most: int) -> Iterator[bytes]:
        """The file in pieces. FileRefused after `most` bytes: what came before is not used."""
        place, path, size = self.place(artifact), self._path(artifact), 0
        if path.exists() and not path.is_file():
            # Reading a pipe would block the daemon for ever.
            text = say("{place} is not a file. Remove it, or put the file there.", place=place)
            raise FileRefused(text, {artifact: "not a file"})
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                size += len(piece)
                if size > most:
                    # A limit of one reader's does not hide what the file is from the others.
                    is_larger = most >= LARGEST
                    mark = "too large" if is_larger else self.fingerprint(artifact)
                    raise FileRefused(describe_size(place, most), {artifact: mark})
                yield piece


def _digest(content: Iterable[bytes]) -> Kept:
    digest, size = hashlib.sha256(), 0
    for piece in content:
        digest.update(piece)
        size += len(piece)
    return Kept(digest.hexdigest(), size)


def describe_size(place: str, most: int) -> Text:
    return say(
        "{place} is larger than {limit} MB, and is not read: make it smaller. A few hundred"
        " sentences teach an intent.",
        place=place,
        limit=most // MEGABYTE,
    )


def _to_readable_error(place: str, artifact: Artifact, error: OSError) -> Exception:
    text = say("{place} cannot be read: {problem}.", place=place, problem=problem_of(error))
    if isinstance(error, PermissionError | NotADirectoryError):
        return FileRefused(text, {artifact: "not readable"})
    return StoreError(text)


def _refuse_dead_links(path: Path, place: str, artifact: Artifact) -> None:
    """Raises FileRefused for a link to nothing, such as a share that is not mounted.

    It is not "no file": the program would make up another one in its place.
    """
    for link in (path, *path.parents):
        if link.is_symlink() and not link.exists():
            raise FileRefused(
                say(
                    "{place} cannot be read: {link} is a link to {target}, which is not there. Mend"
                    " the link, or remove it.",
                    place=place,
                    link=str(link),
                    target=str(link.readlink()),
                ),
                {artifact: "a link to nothing"},
            )

"""Which files a home has written itself, where several homes share one database.

There a file below a home is a view of what the store holds, and may be out of date: another worker
has taken the project on since. It is told from a file that a person has edited by a note beside it,
of what this home wrote there last. Used by artifacts.py; with a database of its own a home needs
none of it.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from states.errors import StoreError, problem_of
from states.text import say

Write = Callable[[Path, Iterable[bytes]], None]
FOLDER = Path("data", ".views")  # of the notes, below the home


@dataclass(frozen=True)
class Note:
    """Of one file. All are sha-256 of contents.

    `ours`: what this home wrote last, and while it writes also what it wrote before. `taken`: what
    a person had put there and a step began to use, when the project had recorded `instead`: once
    the project has recorded anything else since, it is used, or overruled by another home's."""

    ours: tuple[str, ...] = ()
    taken: str | None = None
    instead: str | None = None


@dataclass(frozen=True)
class HomeNotes:
    """`write`: atomic."""

    home: Path
    write: Write

    def identity(self) -> str:
        """Tells this home from others on the same database; made when it is first asked for."""
        path = self.home / FOLDER / "home"
        try:
            return path.read_text().strip()
        except FileNotFoundError:
            self.write(path, [uuid.uuid4().hex.encode()])
            return path.read_text().strip()
        except OSError as error:
            raise _unreadable(path, error) from error

    def is_ours(self, place: str, found: str) -> bool:
        """This home has written the content `found` there, and nobody has changed it."""
        return found in self._read(place).ours

    def is_overruled(self, place: str, found: str, recorded: str | None) -> bool:
        """A person wrote `found`, and the project has recorded something since it was used."""
        note = self._read(place)
        return found == note.taken and recorded != note.instead

    def begin(self, place: str, sha256: str) -> None:
        """This content is about to be written. What was ours stays so, should this process end."""
        note = self._read(place)
        self._save(place, replace(note, ours=(sha256, *note.ours[:1])))

    def end(self, place: str, sha256: str) -> None:
        """The file has this content, which the project has recorded."""
        if self._read(place) != (note := Note(ours=(sha256,))):
            self._save(place, note)

    def take(self, place: str, found: str, recorded: str | None) -> None:
        """A person's file is about to be used."""
        note = replace(self._read(place), taken=found, instead=recorded)
        if note != self._read(place):
            self._save(place, note)

    def _path(self, place: str) -> Path:
        return self.home / FOLDER / f"{place}.json"

    def _read(self, place: str) -> Note:
        path = self._path(place)
        try:
            known = json.loads(path.read_bytes())
            return Note(tuple(known["ours"]), known["taken"], known["instead"])
        except FileNotFoundError:
            return Note()
        except (ValueError, TypeError, KeyError):
            return Note()  # a person's: their file then counts as edited, and is asked about
        except OSError as error:
            raise _unreadable(path, error) from error

    def _save(self, place: str, note: Note) -> None:
        self.write(self._path(place), [json.dumps(asdict(note)).encode()])


def _unreadable(path: Path, error: OSError) -> StoreError:
    return StoreError(
        say("{place} cannot be read: {problem}.", place=str(path), problem=problem_of(error))
    )

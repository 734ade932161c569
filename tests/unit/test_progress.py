"""What `run` tells of a project, and when it has come to the end: from what has changed alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest

from agent.drivers.errand import Errand
from agent.drivers.progress import Progress
from states.errors import StoreError
from states.model import Project
from states.state import State
from states.store_port import Pause
from states.text import Text, say
from tests.unit.desk import Desk
from tests.unit.stored import NOW, move

FOREVER = Errand(None, None, False, "emulator")


class Watched:
    """A Progress, and what it tells and reads."""

    def __init__(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch, errand: Errand = FOREVER
    ) -> None:
        self.told: list[tuple[str, str, str | None]] = []
        self.read: list[str] = []
        self.rested = 0
        self.progress = Progress(desk.store, errand, self._tell, self._rest)
        honest = desk.store.some

        def some(names: Iterable[str]) -> Iterator[Project]:
            for project in honest(names):
                self.read.append(project.name)
                yield project

        monkeypatch.setattr(desk.store, "some", some)

    def _tell(self, project: Project, note: Text | None) -> None:
        self.told.append((project.name, project.state.value, None if note is None else str(note)))

    def _rest(self) -> None:
        self.rested += 1

    def look(self) -> list[tuple[str, str, str | None]]:
        """What is new."""
        self.told.clear()
        self.read.clear()
        self.progress.observe()
        return self.told


@pytest.fixture
def watched(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Watched:
    return Watched(desk, monkeypatch)


def test_only_what_has_changed_is_read(desk: Desk, watched: Watched) -> None:
    """Of ten thousand finished projects none, whoever has changed the others."""
    for name in ("una", "otra"):
        desk.create(name)
    assert [name for name, *_ in watched.look()] == ["otra", "una"]
    assert watched.look() == []
    assert watched.read == []
    desk.tick("otra")
    assert [(name, state) for name, state, _ in watched.look()] == [("otra", "PROMPTED")]
    assert watched.read == ["otra"]


def test_the_notes_of_moves_that_nobody_has_looked_at_are_told(
    desk: Desk, watched: Watched
) -> None:
    project = desk.create()
    watched.look()
    for number in range(3):
        project = desk.store.move(project, move(note=say("note {n}", n=number)), NOW)
    assert [note for *_, note in watched.look()] == ["note 0", "note 1", "note 2"]


def test_a_look_that_breaks_off_is_made_good(
    desk: Desk, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trouble of the store in the middle: nothing is passed over."""
    for name in ("una", "otra"):
        desk.create(name)

    def breaks(*_: object, **__: object) -> None:
        raise StoreError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(desk.store, "history", breaks)
        with pytest.raises(StoreError):
            watched.look()
    assert [name for name, *_ in watched.look()] == ["otra", "una"]


def test_rest_is_told_once_until_somebody_wakes(desk: Desk, watched: Watched) -> None:
    project = desk.create()
    watched.look()
    assert watched.rested == 0
    desk.store.pause(project, Pause(None, None, 0, None))
    watched.look()
    watched.look()
    assert watched.rested == 1


def test_the_end_is_reached_when_the_last_is_there(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And one of another service is not waited for."""
    watched = Watched(desk, monkeypatch, replace(FOREVER, until=State.PROMPTED))
    desk.create("una")
    desk.create("otra")
    desk.store.create("ajena", "00c0ffee", "another", NOW)
    watched.look()
    desk.tick("una")
    watched.look()
    assert not watched.progress.is_over()
    desk.tick("otra")
    watched.look()
    assert watched.progress.is_over()

"""What a person has given below one home, and the view of the database that a home is otherwise.

Where several homes share a database, what a person gives goes into it at once, so that any worker
goes on with it. With a database of its own, all of this does nothing: there the files say what they
are. Built by bootstrap, once a process.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from agent.engine.artifacts import FolderArtifacts
from agent.engine.mended import is_watched_in
from states.errors import NeedsOperator, StoreError
from states.facts import Facts
from states.model import Project
from states.places import Artifact
from states.state import Event, State
from states.store_port import Move, Store
from states.text import say

if TYPE_CHECKING:
    from agent.engine.home_notes import HomeNotes, Write


class HomeView:
    """`write`: atomic."""

    def __init__(self, home: Path, store: Store, write: Write) -> None:
        self._home, self._store, self._write = home, store, write
        self._notes = _open_notes(home, write) if store.is_shared else None

    @cached_property
    def identity(self) -> str | None:
        """Tells this home from others on the same database; None where there are none."""
        return None if self._notes is None else self._notes.identity()

    def sees(self, project: Project) -> bool:
        """It is not held about a file that lies in another home."""
        return is_watched_in(self.identity, project)

    def artifacts_of(self, project: Project) -> FolderArtifacts:
        """The files of a project, as it stands."""
        return FolderArtifacts(self._home, self._store, self._write, project, self._notes)

    def given(self, name: str) -> Mapping[Artifact, str]:
        """What lies there for a project that is created now."""
        newborn = Project(
            name, "", "", State.DRAFT, 1, 0, 0.0, None, None, None, 0, None, facts=Facts()
        )
        return self.artifacts_of(newborn).carried()

    def plan_taking(self, project: Project, now: float) -> Move | None:
        """A project in DRAFT goes on with what has been given since, whichever worker ticks it."""
        given = self.artifacts_of(project).carried() if project.state is State.DRAFT else {}
        artifacts = {**project.facts.artifacts, **given}
        if artifacts == project.facts.artifacts:
            return None
        facts = replace(project.facts, artifacts=artifacts)
        note = say("other sentences or test cases")
        return Move(Event.RELEASED, project.state, facts, now, project.generation, note=note)

    def renew(self, project: Project) -> None:
        """What a person or a command reads below the home is what the database holds now."""
        if self._notes is not None:
            # Met again, and told of, where the file is used: not every command uses one.
            with suppress(NeedsOperator, StoreError):
                self.artifacts_of(project).renew()


def _open_notes(home: Path, write: Write) -> HomeNotes:
    from agent.engine.home_notes import HomeNotes

    return HomeNotes(home, write)

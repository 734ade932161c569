"""What one command has decided, for the workflows of its projects. Imports nothing of the SDK.

Filled by bootstrap with each move; told by the command line when the command ends.
"""

from __future__ import annotations

from agent.drivers.temporal.extra import require_temporal
from agent.settings.config import Settings
from states.model import Project


class Decided:
    """Kept for the end of the command, so that there is one connection for all of it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._projects: dict[str, Project] = {}
        self._is_worker = False

    def become_worker(self) -> None:
        """From now on what this process moves is moved by the workflows themselves."""
        self._is_worker = True
        self._projects.clear()

    def note(self, project: Project) -> None:
        """The project was moved."""
        if not self._is_worker:
            self._projects[project.name] = project

    def tell(self) -> None:
        """Their workflows are awake. Unreachable, or SettingsError, says why they are not."""
        service = self._settings.service.name
        due = [p for p in self._projects.values() if p.due_at is not None and p.service == service]
        if due:
            require_temporal(self._settings.temporal)
            from agent.drivers.temporal.waking import wake

            wake(self._settings.temporal, service, due)

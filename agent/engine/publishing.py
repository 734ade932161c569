"""Shows a project after each change, and again later if that failed. Held by the ticker.

The checkpoint is made already: a view of it that cannot be made or written is no reason to stop
the project, nor the others.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog

from states.errors import StoreError
from states.model import Project
from states.store_port import ProjectStore

log = structlog.get_logger()


class Publisher:
    """`write` renders the project and writes its files; it may raise anything."""

    def __init__(self, store: ProjectStore, write: Callable[[Project], None]) -> None:
        self._store, self._write = store, write
        self._pending: set[str] = set()

    def publish(self, project: Project) -> None:
        """The files show the project; otherwise this is logged and tried again."""
        try:
            self._write(project)
        except Exception as error:
            self._put_off(project.name, error)
        else:
            self._pending.discard(project.name)

    def publish_pending(self) -> None:
        """Tries again what could not be published: the disk may have been full, say."""
        for project in self._store.some(self._pending):
            self.publish(project)

    def _put_off(self, name: str, error: Exception) -> None:
        if name not in self._pending:  # logged once, not at every sweep that tries again
            self._pending.add(name)
            is_bug = not isinstance(error, StoreError)
            log.warning("not_published", project=name, reason=str(error), exc_info=is_bug)

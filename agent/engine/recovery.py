"""Makes good what a killed predecessor left behind. Called once, when the daemon starts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress

from states.errors import NeedsOperator, StoreError
from states.model import Project
from states.ports import Artifacts


def recover(
    projects: Iterable[Project],
    artifacts_of: Callable[[Project], Artifacts],
    publish: Callable[[Project], None],
) -> None:
    """Lost files are back, and what was not published any more is published."""
    for project in projects:
        _put_back_lost_files(project, artifacts_of(project))
        publish(project)


def _put_back_lost_files(project: Project, artifacts: Artifacts) -> None:
    for artifact in project.facts.artifacts:
        # A file that cannot be read is met again, and told of, where it is needed.
        with suppress(NeedsOperator, StoreError):
            artifacts.check(artifact)

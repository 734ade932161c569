"""Which projects live at the service of the settings: nothing is ever sent to another one.

Called by the daemon when it starts, and by each command that decides about a project.
"""

from __future__ import annotations

import structlog

from agent.engine.decisions import adopt_service, new_uid
from agent.settings.services import Service
from states.errors import SettingsError
from states.model import Project
from states.store_port import ProjectStore, Store
from states.text import say

log = structlog.get_logger()

DEFAULT_PROJECT = "tienda"


def select_projects(store: Store, name: str | None, service: Service, now: float) -> list[Project]:
    """The projects that `run` is about: the named one, or all (`name` None).

    If there is none, the named one is created, or else a first one. A project that is selected by
    name, or is the only one, is taken to `service` where that is safe; of several, those that live
    elsewhere are left alone.
    """
    wanted = name or (None if store.all() else DEFAULT_PROJECT)
    if wanted is not None and store.load(wanted) is None:
        store.create(wanted, new_uid(), service.name, now)
        log.info("project_created", project=wanted)
    everyone = store.all()
    if name is None and len(everyone) > 1:
        for project in everyone:
            _log_if_elsewhere(project, service)
        return [project for project in everyone if project.service == service.name]
    chosen = [project for project in everyone if name in (None, project.name)]
    return [adopt_service(store, project, service, now) for project in chosen]


def _log_if_elsewhere(project: Project, service: Service) -> None:
    if project.service != service.name:
        log.warning(
            "left_alone", project=project.name, lives_at=project.service, settings_say=service.name
        )


def claim(store: ProjectStore, project: Project, service: Service) -> Project:
    """The project lives at `service`, or SettingsError: only `run` takes it to another one.

    StoreError if its row cannot be read: nothing may be decided about it then.
    """
    store.load(project.name)
    if project.service != service.name:
        raise SettingsError(
            say(
                "Project {project} lives at {theirs}, and the settings say {ours}. Put the"
                " settings back; or `run`, which takes it there where that is safe.",
                project=project.name,
                theirs=project.service,
                ours=service.name,
            )
        )
    return project

"""Which projects live at the service of the settings: nothing is ever sent to another one.

Called by the daemon when it starts, and by each command that decides about a project.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from itertools import islice

import structlog

from agent.engine.finding import projects_of
from agent.settings.services import Service
from states.errors import SettingsError
from states.facts import Facts
from states.graph import destination
from states.model import Project
from states.places import DEFAULT_PROJECT, GIVEN, Artifact
from states.state import Event, State
from states.store_port import Move, ProjectStore, Store
from states.text import say

log = structlog.get_logger()


def select_projects(
    store: Store,
    name: str | None,
    service: Service,
    now: float,
    given: Callable[[str], Mapping[Artifact, str]] = lambda _: {},
) -> Iterable[Project]:
    """The projects that `run` is about: the named one, or all (`name` None).

    `given`: what a person has put below the home for one that is created (Artifacts.carried).

    If there is none, the named one is created, or else a first one. A project that is selected by
    name, or is the only one, is taken to `service` where that is safe; of several, those that live
    elsewhere are left alone. In a database that several workers share the only one may have a
    worker of its own service: there it takes the name.
    """
    found = list(islice(projects_of(store, name), 2))  # beside a named one no other is read
    wanted = name if found or name else _first_name(store, service, given)
    if not found and wanted is not None:
        store.create(wanted, new_uid(), service.name, now, artifacts=given(wanted))
        log.info("project_created", project=wanted)
        found = list(store.some([wanted]))
    if name is None and (store.is_shared or len(found) > 1):
        _identify_all(store, service, now)
        _log_those_elsewhere(store, service)
        return (project for project in store.each() if project.service == service.name)
    return [
        adopt_service(store, _identify(store, one, service, now), service, now) for one in found
    ]


def _identify_all(store: Store, ours: Service, now: float) -> None:
    unnamed = [] if ours.kind == ours.name else [name for name, _, _ in store.marks(ours.kind)]
    for project in store.some(unnamed):
        _identify(store, project, ours, now)


def _first_name(
    store: Store, service: Service, given: Callable[[str], Mapping[Artifact, str]]
) -> str | None:
    """Of the project that is made, for there is none. A worker that is started before anybody has
    made one, at a service that charges money, makes none without sentences: it would only stand
    there for all of them, held."""
    is_idle = store.is_shared and service.charges_money
    return None if is_idle and Artifact.EXAMPLES not in given(DEFAULT_PROJECT) else DEFAULT_PROJECT


def _identify(store: Store, project: Project, ours: Service, now: float) -> Project:
    """A project made before emulators had an identity; the first may have it, if none knows it."""
    is_unnamed = project.service == ours.kind and project.service != ours.name
    if not is_unnamed or project.version < 0 or store.is_known_there(project):
        return project
    move = Move(
        Event.RELEASED,
        project.state,
        project.facts,
        project.due_at,
        project.generation,
        note=say("at the emulator {ours}", ours=ours.name),
        hold=project.hold,
        service=ours.name,
    )
    return store.move(project, move, now)


def _log_those_elsewhere(store: Store, service: Service) -> None:
    """One line for each service: there may be thousands of projects, of dozens of resources."""
    for theirs, count in store.elsewhere(service.name):
        log.warning("left_alone", projects=count, lives_at=theirs, settings_say=service.name)


def claim(store: ProjectStore, project: Project, service: Service) -> Project:
    """The project lives at `service`, or SettingsError: only `run` takes it to another one.

    StoreError if its row cannot be read: nothing may be decided about it then.
    """
    store.load(project.name)
    if project.service != service.name:
        raise SettingsError(
            say(
                "Project {project} lives at {theirs}, and the settings say {ours}. Give this"
                " command with the settings it was made with; or `run --project {project}`, which"
                " takes it here where that is safe.",
                project=project.name,
                theirs=project.service,
                ours=service.name,
            )
        )
    return project


def adopt_service(store: Store, project: Project, ours: Service, now: float) -> Project:
    """The project, moved to the service `ours`, where it begins anew.

    From a service that charges money, and from one emulator to another, it never moves, unless
    nothing of it is there (the endpoint was mistyped, say): SettingsError.
    """
    service = ours.name
    if project.service == service or project.version < 0:  # a row that cannot be read stays
        return project
    theirs = Service.named(project.service)
    if theirs.has_identity and ours.has_identity and store.is_known_there(project):
        raise SettingsError(
            say(
                "Project {project} lives at another emulator ({theirs}); that of this AGENT_HOME is"
                " {ours}. Go on with it in the AGENT_HOME where it was begun, or begin another one"
                " here: `run --project NAME`.",
                project=project.name,
                theirs=project.service,
                ours=service,
            )
        )
    is_paid = theirs.charges_money
    if is_paid and (not ours.charges_money or store.is_known_there(project)):
        raise SettingsError(
            say(
                "Project {project} lives at {theirs}, and the settings say {ours}. Its files and"
                " training are there: put the settings back, or use another AGENT_HOME.",
                project=project.name,
                theirs=project.service,
                ours=service,
            )
        )
    log.warning("service_changed", project=project.name, was=project.service, now=service)
    kept = project.facts.artifacts if store.is_shared else {}
    facts = Facts(artifacts={one: kept[one] for one in GIVEN if one in kept})
    return store.move(project, _plan_move(project, service, facts, now), now)


def _plan_move(project: Project, service: str, facts: Facts, now: float) -> Move:
    names = {"theirs": project.service, "ours": service}
    if project.state is State.CANCELLED:  # it goes on only when a person says so
        note = say("moved from {theirs} to {ours}", **names)
        kept = project.generation
        return Move(Event.RELEASED, project.state, facts, None, kept, note=note, service=service)
    note = say("moved from {theirs} to {ours}, where it begins anew", **names)
    return Move(
        Event.DATA_REOPENED,
        destination(project.state, Event.DATA_REOPENED),
        facts,
        due_at=now,
        generation=project.generation + 1,
        note=note,
        service=service,
    )


def new_uid() -> str:
    """8 hex digits that tell this project from others of the same name."""
    return secrets.token_hex(4)

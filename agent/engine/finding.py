"""Which project a person means. Called by bootstrap and by decisions.py.

One that is named costs what one costs, beside however many others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from states.errors import SettingsError
from states.model import Project
from states.store_port import Mark, Store
from states.text import say, with_suggestion

MANY = 20  # names in one sentence; `status` has the others


def find_project(store: Store, name: str | None) -> Project:
    """The named project, or the only one there is. SettingsError names those there are."""
    found = None if name is None else next(projects_of(store, name), None)
    if found is not None:
        return found
    names = store.names()
    if name is None and len(names) == 1:
        return next(projects_of(store, names[0]))
    if name is None and names:
        raise SettingsError(say("Name one of the projects: {known}.", known=_list(names)))
    if name is None:
        raise SettingsError(say("There is no project yet: `new NAME --examples FILE` makes one."))
    unknown = say(
        "There is no project {name} (there are: {known})", name=name, known=_list(names) or "—"
    )
    raise SettingsError(with_suggestion(unknown, name, names))


def projects_of(store: Store, only: str | None) -> Iterator[Project]:
    """All projects, or the one of that name, if there is one."""
    return store.each() if only is None else store.some([only])


def marks_of(store: Store, service: str, only: str | None) -> Iterable[Mark]:
    """Of each project there, or of that one, what tells whether it has changed."""
    if only is None:
        return store.marks(service)
    return [(p.name, p.version, p.due_at) for p in store.some([only]) if p.service == service]


def _list(names: Sequence[str]) -> str:
    return ", ".join([*names[:MANY], "…"] if len(names) > MANY else names)

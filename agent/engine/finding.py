"""Which project a person means. Called by bootstrap and by decisions.py."""

from __future__ import annotations

from states.errors import SettingsError
from states.model import Project
from states.store_port import ProjectStore
from states.text import say, with_suggestion


def find_project(store: ProjectStore, name: str | None) -> Project:
    """The named project, or the only one there is. SettingsError names those there are."""
    everyone = store.all()
    if name is None and len(everyone) == 1:
        return everyone[0]
    found = next((p for p in everyone if p.name == name), None)
    if found is not None:
        return found
    names = ", ".join(p.name for p in everyone)
    if name is None and names:
        raise SettingsError(say("Name one of the projects: {known}.", known=names))
    if name is None:
        raise SettingsError(say("There is no project yet. `run` creates one."))
    unknown = say(
        "There is no project {name} (there are: {known})", name=name or "", known=names or "—"
    )
    raise SettingsError(with_suggestion(unknown, name or "", [p.name for p in everyone]))

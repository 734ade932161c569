"""A hold about a person's file, and the moment at which that file is another one.

tick.py looks while a project is held, decisions.py and the daemon's start when a person asks. How
the project goes on then: retry_plan.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from states.facts import Facts
from states.model import Project
from states.places import Artifact
from states.ports import Artifacts

SETTLING = 1.0  # seconds between the two looks that find a file the same: an editor saves in pieces

_CONTENT = re.compile("[0-9a-f]{64}")  # the fingerprint of one, as opposed to a word or to nothing


def is_watched(project: Project) -> bool:
    """The project is held about a file of a person's, so it goes on once that is mended."""
    facts = project.facts
    return project.hold is not None and (facts.edited is not None or facts.refused is not None)


def is_watched_in(home: str | None, project: Project) -> bool:
    """Not a hold about a file of another home: nobody here sees that file. A person's command in
    any home still ends it."""
    return not is_watched(project) or project.facts.home in (None, home)


def find_mended(project: Project, artifacts: Artifacts) -> Mapping[Artifact, str]:
    """The files that the hold is about and that are mended, each with its fingerprint of now.

    A file that was edited is mended when it is again what the project recorded."""
    facts = project.facts
    if facts.edited is not None:
        now = artifacts.fingerprint(facts.edited)
        return {facts.edited: now} if now == facts.artifacts.get(facts.edited) else {}
    refused = {} if facts.refused is None else facts.refused.files
    found = {artifact: artifacts.fingerprint(artifact) for artifact in refused}
    return {a: now for a, now in found.items() if _is_mended(refused[a], now)}


def _is_mended(refused: str, now: str) -> bool:
    """Another content is. A file that is gone is not: nobody has decided to do without it.

    Unless it was something in the place of a file, which had to go."""
    return now != refused and (is_content(now) or not is_content(refused))


def is_content(fingerprint: str) -> bool:
    return _CONTENT.fullmatch(fingerprint) is not None


def is_settled(facts: Facts, mended: Mapping[Artifact, str]) -> bool:
    """The files were the same at the last look, or are as the project knows them."""
    return facts.refused is None or facts.refused.seen == mended


def note_seen(facts: Facts, mended: Mapping[Artifact, str]) -> Facts:
    """The facts with what this look has seen."""
    if facts.refused is None:
        return facts
    return replace(facts, refused=replace(facts.refused, seen=mended or None))

"""The test cases that a project has, as they would be gathered from the files they came from."""

from __future__ import annotations

from collections.abc import Sequence

from agent.engine.evaluation import find_cases
from states.errors import Mistake, SettingsError
from states.intents import cases
from states.intents.gather_cases import CaseSet
from states.model import Project
from states.places import Artifact
from states.ports import Artifacts
from states.steps.grading import locate_cases
from states.text import say


def read_known_cases(project: Project, artifacts: Artifacts, intents: Sequence[str]) -> CaseSet:
    """Empty where it has none of its own. SettingsError where its file cannot be used."""
    content = find_cases(project, artifacts)
    if content is None:
        return CaseSet()
    try:
        given = cases.parse(content, artifacts.place(Artifact.CASES), intents)
    except Mistake as mistake:
        raise SettingsError(
            say(
                "The test cases that the project has cannot be used, so nothing can be added to"
                " them: correct them, or take these in their place with `--replace`.\n{mistake}",
                mistake=mistake.text,
            )
        ) from mistake
    return CaseSet(given.cases, locate_cases(artifacts, given, content))

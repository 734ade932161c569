"""An evaluation by the name of its project and, with `@N`, of its generation."""

from __future__ import annotations

from dataclasses import dataclass

from states.errors import SettingsError
from states.evaluation.answers import Evaluation
from states.facts import known
from states.model import Project
from states.stages import Evaluated
from states.store_port import Store
from states.text import say


@dataclass(frozen=True)
class Graded:
    """`name`: as a person calls it, `tienda@2`. `model`: of which the answers are."""

    name: str
    model: str
    generation: int
    project: Project
    evaluation: Evaluation


def split_name(said: str) -> tuple[str, int | None]:
    """`tienda@2` is (tienda, 2). SettingsError for what is no number."""
    name, at, number = said.partition("@")
    if not at:
        return name, None
    if not (number.isascii() and number.isdecimal() and int(number[:9]) > 0):
        raise SettingsError(
            say("{said}: after the @ stands the number of a generation, as in tienda@2.", said=said)
        )
    return name, int(number[:9])


def find_graded(store: Store, project: Project, generation: int | None) -> Graded:
    """Of that generation, else of the newest that was evaluated. SettingsError for none."""
    wanted = range(project.generation, 0, -1) if generation is None else [generation]
    for number in wanted:
        found = _find(store, project, number)
        if found is not None:
            return found
    if generation is None:
        raise SettingsError(say("{project} was never evaluated.", project=project.name))
    raise SettingsError(
        say(
            "Generation {generation} of {project} was never evaluated (it is in generation"
            " {present}).",
            generation=generation,
            project=project.name,
            present=project.generation,
        )
    )


def _find(store: Store, project: Project, generation: int) -> Graded | None:
    moments = [project] if generation == project.generation else []
    for moment in (*moments, *store.past(project, generation)):
        if moment.facts.evaluated is not None:
            return _read(store, moment, moment.facts.evaluated)
    return None


def _read(store: Store, moment: Project, evaluated: Evaluated) -> Graded:
    kept = store.memory(moment.name).recall(evaluated.evaluation)
    return Graded(
        f"{moment.name}@{moment.generation}",
        known(moment.facts.trained).model,
        moment.generation,
        moment,
        Evaluation.from_json(kept),
    )

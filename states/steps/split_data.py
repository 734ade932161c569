"""PROMPTED: split the prompts per intent, seeded, into training and validation."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from states.errors import Mistake
from states.intents.annotated_json import describe_hidden
from states.intents.dataset import RowError, describe_refusal
from states.intents.row_lines import RowLines
from states.intents.split import Rows
from states.model import Project
from states.outcome import Done, Outcome
from states.places import Artifact
from states.ports import Ports
from states.refusing import refusing
from states.state import Event
from states.text import say


def step(project: Project, ports: Ports) -> Outcome:
    rows = _read_prompts(project, ports)
    training, validation = rows.split(
        ports.preferences.train_split,
        ports.preferences.plan.seed,
        _read_former_validation(project, ports),
    )
    save = ports.artifacts.save_pieces
    artifacts = {
        **project.facts.artifacts,
        Artifact.TRAINING: save(Artifact.TRAINING, rows.lines(training)),
        Artifact.VALIDATION: save(Artifact.VALIDATION, rows.lines(validation)),
    }
    hidden = describe_hidden(ports.artifacts.place(Artifact.PROMPTS), rows.hidden)
    note = say("the prompts are tidied:\n{warnings}", warnings=tuple(hidden)) if hidden else None
    return Done(Event.DATA_SPLIT, replace(project.facts, artifacts=artifacts), note)


def _read_former_validation(project: Project, ports: Ports) -> Collection[bytes]:
    """What the generation before was validated on, and may have been asked: never trained on, so
    that both generations can be asked the same."""
    parent = project.facts.parent
    if parent is None or parent.validation is None:
        return ()
    return {literal for _, _, _, literal in RowLines(ports.artifacts.pieces(parent.validation))}


def _read_prompts(project: Project, ports: Ports) -> Rows:
    """The prompts, which a person may have edited; FileRefused where they cannot be read."""
    content = ports.artifacts.load_pieces(Artifact.PROMPTS)
    with refusing({Artifact.PROMPTS: project.facts.artifacts[Artifact.PROMPTS]}):
        try:
            return Rows(RowLines(content))
        except (RowError, UnicodeDecodeError) as error:
            problem = describe_refusal(ports.artifacts.place(Artifact.PROMPTS), error)
            raise Mistake(
                say("The prompts cannot be read ({problem}).", problem=problem)
            ) from error

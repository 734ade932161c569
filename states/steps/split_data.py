"""PROMPTED: split the prompts per intent, seeded, into training and validation."""

from __future__ import annotations

from dataclasses import replace

from states.errors import NeedsOperator
from states.intents.dataset import (
    Row,
    RowError,
    decode,
    describe_hidden_in,
    describe_refusal,
    encode,
    split,
)
from states.model import Project
from states.outcome import Done, Outcome
from states.places import Artifact
from states.ports import Ports
from states.state import Event
from states.text import say


def step(project: Project, ports: Ports) -> Outcome:
    rows = _read_prompts(ports)
    training, validation = split(rows, ports.preferences.train_split, ports.preferences.plan.seed)
    artifacts = {
        **project.facts.artifacts,
        Artifact.TRAINING: ports.artifacts.save(Artifact.TRAINING, encode(training)),
        Artifact.VALIDATION: ports.artifacts.save(Artifact.VALIDATION, encode(validation)),
    }
    hidden = describe_hidden_in(ports.artifacts.place(Artifact.PROMPTS), rows)
    note = say("the prompts are tidied:\n{warnings}", warnings=tuple(hidden)) if hidden else None
    return Done(Event.DATA_SPLIT, replace(project.facts, artifacts=artifacts), note)


def _read_prompts(ports: Ports) -> list[Row]:
    """The prompts, which a person may have edited; NeedsOperator where they cannot be read."""
    content = ports.artifacts.load(Artifact.PROMPTS)
    try:
        return decode(content)
    except (RowError, UnicodeDecodeError) as error:
        problem = describe_refusal(ports.artifacts.place(Artifact.PROMPTS), error)
        raise NeedsOperator(
            say("The prompts cannot be read ({problem}). Mend them and `retry`.", problem=problem)
        ) from error

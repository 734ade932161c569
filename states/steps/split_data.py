"""PROMPTED: split the prompts per intent, seeded, into training and validation."""

from __future__ import annotations

from dataclasses import replace

from states.intents.dataset import decode, encode, split
from states.model import Project
from states.outcome import Done, Outcome
from states.places import Artifact
from states.ports import Ports
from states.state import Event


def step(project: Project, ports: Ports) -> Outcome:
    rows = decode(ports.artifacts.load(Artifact.PROMPTS))
    training, validation = split(rows, ports.preferences.train_split, ports.preferences.plan.seed)
    artifacts = {
        **project.facts.artifacts,
        Artifact.TRAINING: ports.artifacts.save(Artifact.TRAINING, encode(training)),
        Artifact.VALIDATION: ports.artifacts.save(Artifact.VALIDATION, encode(validation)),
    }
    return Done(Event.DATA_SPLIT, replace(project.facts, artifacts=artifacts))

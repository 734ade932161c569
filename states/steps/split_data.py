"""PROMPTED: split per intent, seeded, into training and validation."""

from __future__ import annotations

from dataclasses import replace

from states import places
from states.intents.dataset import decoded, encoded, split
from states.model import Event, Project
from states.outcome import Done, Outcome
from states.ports import Ports


def step(project: Project, ports: Ports) -> Outcome:
    place = places.of_project(project.name, places.PROMPTS)
    rows = decoded(ports.artifacts.load(place, project.facts.artifacts[place]))
    training, validation = split(rows, ports.preferences.train_split, ports.preferences.plan.seed)
    digests = dict(project.facts.artifacts)
    for name, part in ((places.TRAINING, training), (places.VALIDATION, validation)):
        own = places.of_project(project.name, name)
        digests[own] = ports.artifacts.save(own, encoded(part))
    return Done(Event.DATA_SPLIT, replace(project.facts, artifacts=digests))

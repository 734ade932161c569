"""EVALUATED: grade the answers. The analysis itself is a pure view of them (agent/report)."""

from __future__ import annotations

from dataclasses import replace

from states.intents.verdict import grade
from states.model import Event, Project
from states.outcome import Done, Outcome
from states.ports import Ports


def step(project: Project, ports: Ports) -> Outcome:
    letter = grade(project.facts.accuracy or 0.0, ports.catalog.service["grades"])
    return Done(Event.ANALYSIS_MADE, replace(project.facts, grade=letter))

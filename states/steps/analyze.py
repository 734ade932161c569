"""EVALUATED: analyze the answers, once, with the grades and bounds of this moment.

The analysis is kept as texts with values, so that every view and language renders the same one.
"""

from __future__ import annotations

from dataclasses import replace

from states.evaluation.analysis import Analysis, Subject, analyze
from states.evaluation.answers import Evaluation
from states.evaluation.loss_curve import LossCurve
from states.facts import Analyzed, Facts, known
from states.model import Project
from states.outcome import Done, Outcome
from states.places import Artifact, Result, place_of
from states.ports import Catalog, Memory, Ports
from states.state import Event


def step(project: Project, ports: Ports) -> Outcome:
    analysis = analyze_project(
        project.name, project.facts, ports.memory, ports.catalog, ports.preferences.target
    )
    analyzed = Analyzed(analysis.grade, ports.memory.keep(analysis.as_json()))
    return Done(Event.ANALYSIS_MADE, replace(project.facts, analyzed=analyzed))


def _recall_curve(memory: Memory, record: str | None) -> LossCurve:
    kept = memory.recall(record) if record else {}
    return LossCurve(kept.get("loss_curve", ()), kept.get("diverged_at"))


def analyze_project(
    name: str, facts: Facts, memory: Memory, catalog: Catalog, target: float | None = None
) -> Analysis:
    """The analysis of what `facts` name. Results of version 0.1, which kept none, use it too."""
    record = facts.trained.record if facts.trained else None
    subject = Subject(
        evaluation=Evaluation.from_json(memory.recall(known(facts.evaluated).evaluation)),
        curve=_recall_curve(memory, record),
        project=name,
        results_place=place_of(Result.TEST_RESULTS, name),
        examples_place=place_of(Artifact.EXAMPLES, name),
        target=target,
    )
    return analyze(subject, catalog.service)

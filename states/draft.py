"""DRAFT: write the example set if there is none, and build one chat prompt per example."""

from __future__ import annotations

from dataclasses import replace

from states import places
from states.dataset import encoded, rows_of
from states.examples import parsed
from states.model import Event, Project
from states.outcome import Done, Outcome
from states.ports import Ports


def step(project: Project, ports: Ports) -> Outcome:
    examples_place = places.of_project(project.name, places.EXAMPLES)
    prompts_place = places.of_project(project.name, places.PROMPTS)
    content = ports.artifacts.given(examples_place)
    if content is None:
        content = ports.catalog.starter_examples
        ports.artifacts.save(examples_place, content)
    _offer_starter_cases(project, ports, content)
    examples = parsed(content, examples_place, ports.catalog.service["limits"]["min_examples"]["value"])
    digest = ports.artifacts.save(prompts_place, encoded(rows_of(examples, ports.catalog.intent_lines)))
    return Done(Event.PROMPTS_BUILT, replace(project.facts, artifacts={prompts_place: digest}))


def _offer_starter_cases(project: Project, ports: Ports, examples: bytes) -> None:
    """The starter's test cases belong to the starter's examples only."""
    place = places.of_project(project.name, places.CASES)
    if examples == ports.catalog.starter_examples and ports.artifacts.given(place) is None:
        ports.artifacts.save(place, ports.catalog.starter_cases)

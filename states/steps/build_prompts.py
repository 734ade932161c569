"""DRAFT: write the example set if there is none, and build one chat prompt per example."""

from __future__ import annotations

from dataclasses import replace

from states import places
from states.errors import NeedsOperator
from states.intents.dataset import encoded, rows_of
from states.intents.examples import parsed, repeated
from states.model import Event, Project
from states.outcome import Done, Outcome
from states.ports import Ports
from states.text import Text, say


def step(project: Project, ports: Ports) -> Outcome:
    examples_place = places.of_project(project.name, places.EXAMPLES)
    prompts_place = places.of_project(project.name, places.PROMPTS)
    content, note = ports.artifacts.given(examples_place), None
    if content is None:
        content, note = (
            ports.catalog.starter_examples,
            _starter(project, examples_place, ports.charges_money),
        )
    used = ports.artifacts.save(examples_place, content)
    _offer_starter_cases(project, ports, content)
    examples = parsed(
        content, examples_place, ports.catalog.service["limits"]["min_examples"]["value"]
    )
    rows = rows_of(examples, ports.catalog.intent_lines, ports.preferences.system_prompt)
    digest = ports.artifacts.save(prompts_place, encoded(rows))
    facts = replace(
        project.facts,
        artifacts={examples_place: used, prompts_place: digest},
        repeated=repeated(examples),
    )
    return Done(Event.PROMPTS_BUILT, facts, note)


def _starter(project: Project, place: str, charges_money: bool) -> Text:
    """What to say of the example set; a project of a person's own is never trained on it where that costs money."""
    if charges_money and place != places.EXAMPLES:
        raise NeedsOperator(
            say(
                "There are no sentences for {project} yet. Put them into {place}.",
                project=project.name,
                place=place,
            ),
            heals=True,
        )
    return say(
        "there was no {place}: the sentences of a clothing shop stand there now, as an example. For"
        " your own put them there, then `retry --restart`",
        place=place,
    )


def _offer_starter_cases(project: Project, ports: Ports, examples: bytes) -> None:
    """The starter's test cases belong to the starter's examples only."""
    place = places.of_project(project.name, places.CASES)
    if examples == ports.catalog.starter_examples and ports.artifacts.given(place) is None:
        ports.artifacts.save(place, ports.catalog.starter_cases)

"""DRAFT: write the example set if there is none, and build one chat prompt per example."""

from __future__ import annotations

from dataclasses import replace

from states.errors import NeedsOperator
from states.intents.dataset import build_rows, encode, instruct
from states.intents.examples import parse
from states.model import Project
from states.outcome import Done, Outcome
from states.places import DEFAULT_PROJECT, Artifact
from states.ports import Ports
from states.state import Event
from states.text import Text, say


def step(project: Project, ports: Ports) -> Outcome:
    content, note = ports.artifacts.find(Artifact.EXAMPLES), None
    if content is None:
        note = _describe_starter(project, ports)
        content = ports.catalog.starter_examples
    used = ports.artifacts.save(Artifact.EXAMPLES, content)
    least = ports.catalog.service["limits"]["min_examples"]["value"]
    examples = parse(content, ports.artifacts.place(Artifact.EXAMPLES), least)
    instruction = ports.preferences.system_prompt or instruct(
        list(examples), ports.catalog.intent_lines
    )
    built = ports.artifacts.save(Artifact.PROMPTS, encode(build_rows(examples, instruction)))
    artifacts = {Artifact.EXAMPLES: used, Artifact.PROMPTS: built, **_record_cases(ports, content)}
    return Done(Event.PROMPTS_BUILT, replace(project.facts, artifacts=artifacts), note)


def _describe_starter(project: Project, ports: Ports) -> Text:
    """What to say of the starter's examples.

    Raises NeedsOperator for a project of a person's own at a service that charges money: it is
    never trained on sentences that nobody chose.
    """
    place = ports.artifacts.place(Artifact.EXAMPLES)
    if ports.charges_money and project.name != DEFAULT_PROJECT:
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


def _record_cases(ports: Ports, examples: bytes) -> dict[Artifact, str]:
    """What the project will be graded on, from any home. The starter's go with its examples."""
    content = ports.artifacts.find(Artifact.CASES)
    if content is None and examples == ports.catalog.starter_examples:
        content = ports.catalog.starter_cases
    return (
        {} if content is None else {Artifact.CASES: ports.artifacts.save(Artifact.CASES, content)}
    )

"""DRAFT: write the example set if there is none, and build one chat prompt per example."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import chain

from states.errors import NeedsOperator
from states.intents import descriptions
from states.intents.dataset import instruct
from states.intents.examples import Examples, parse
from states.intents.language import guess_language
from states.intents.prompts import build_prompts
from states.model import Project
from states.outcome import Done, Outcome
from states.places import Artifact
from states.ports import Ports
from states.state import Event
from states.text import Text, say


def step(project: Project, ports: Ports) -> Outcome:
    content, note = ports.artifacts.find(Artifact.EXAMPLES), None
    if content is None:
        note = _describe_starter(project, ports)
        content = ports.catalog.starter_examples
        ports.artifacts.save(Artifact.INTENTS, ports.catalog.starter_intents)
    used = ports.artifacts.save(Artifact.EXAMPLES, content)
    least = ports.catalog.service["limits"]["min_examples"]["value"]
    examples = parse(content, ports.artifacts.place(Artifact.EXAMPLES), least)
    described = _find_descriptions(ports, examples, content)
    instruction = ports.preferences.system_prompt or instruct(
        list(examples),
        descriptions.parse(described, ports.artifacts.place(Artifact.INTENTS), examples),
        ports.preferences.data_language or guess_language(chain(*examples.values())),
    )
    built = ports.artifacts.save_pieces(Artifact.PROMPTS, build_prompts(examples, instruction))
    artifacts = {Artifact.EXAMPLES: used, Artifact.PROMPTS: built, **_record_cases(ports, content)}
    if described is not None:
        artifacts[Artifact.INTENTS] = ports.artifacts.save(Artifact.INTENTS, described)
    return Done(Event.PROMPTS_BUILT, replace(project.facts, artifacts=artifacts), note)


def _describe_starter(project: Project, ports: Ports) -> Text:
    """What to say of the starter's examples.

    Raises NeedsOperator at a service that charges money: it never trains on sentences that nobody
    chose.
    """
    place = ports.artifacts.place(Artifact.EXAMPLES)
    if ports.charges_money:
        raise NeedsOperator(
            say(
                "There are no sentences for {project} yet: `import {project} FILE…` takes them from"
                " a CSV, XLSX, JSON or JSONL file, or put them into {place}.",
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


def _find_descriptions(ports: Ports, examples: Examples, content: bytes) -> bytes | None:
    """What a person says of each intent. The sample's own go with the sample's intents alone."""
    ours = ports.catalog.starter_intents
    found = ports.artifacts.find(Artifact.INTENTS)
    if found is None and content == ports.catalog.starter_examples:
        found = ours
    return None if found == ours and set(examples) != set(json.loads(ours)) else found


def _record_cases(ports: Ports, examples: bytes) -> dict[Artifact, str]:
    """What the project will be graded on, from any home. The starter's go with its examples."""
    content = ports.artifacts.find(Artifact.CASES)
    if content is None and examples == ports.catalog.starter_examples:
        content = ports.catalog.starter_cases
    return (
        {} if content is None else {Artifact.CASES: ports.artifacts.save(Artifact.CASES, content)}
    )

"""DRAFT: write the example set if there is none, and build one chat prompt per example."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import replace
from itertools import chain

from states.bases.table import find_entry
from states.errors import FileRefused
from states.intents import descriptions
from states.intents.dataset import instruct
from states.intents.example_lines import open_examples
from states.intents.examples import check, refuse_too_few
from states.intents.instruction_rules import longest_example, refuse_long_instruction
from states.intents.language import guess_language
from states.intents.prompts import build_prompts
from states.intents.sentences import Examples
from states.model import Project
from states.outcome import Done, Outcome
from states.places import Artifact
from states.ports import Kept, Ports
from states.refusing import refusing
from states.state import Event
from states.text import Text, say


def step(project: Project, ports: Ports) -> Outcome:
    kept, note = ports.artifacts.keep(Artifact.EXAMPLES), None
    if kept is None:
        note = _describe_starter(project, ports)
        kept = _write_starter(ports)
    is_starter = kept == _describe(ports.catalog.starter_examples)
    used = {Artifact.EXAMPLES: kept.sha256}
    with refusing(used):
        examples, repeated = _read_examples(ports, kept)
    described = _find_descriptions(ports, examples, is_starter)
    if described is not None:
        used[Artifact.INTENTS] = ports.artifacts.record(described)
    with refusing(used):
        place = ports.artifacts.place(Artifact.INTENTS)
        in_words = descriptions.parse(described, place, examples)
    instruction = ports.preferences.system_prompt or instruct(
        list(examples),
        in_words,
        ports.preferences.data_language or guess_language(chain.from_iterable(examples.values())),
    )
    with refusing(used):
        _refuse_long_instruction(ports, examples, instruction)
    prompts = build_prompts(examples, instruction, repeated)
    built = ports.artifacts.save_pieces(Artifact.PROMPTS, prompts)
    cases = _record_cases(ports, is_starter)
    artifacts = {**ports.artifacts.carried(), **used, Artifact.PROMPTS: built, **cases}
    return Done(Event.PROMPTS_BUILT, replace(project.facts, artifacts=artifacts), note)


def _refuse_long_instruction(ports: Ports, examples: Examples, instruction: str) -> None:
    service, chosen = ports.catalog.service, ports.preferences.plan.base_model
    place = ports.artifacts.place(Artifact.EXAMPLES)
    longest, count = longest_example(find_entry(service, chosen)), ports.tokens.count
    refuse_long_instruction(examples, instruction, place, service, longest, count)


def _read_examples(ports: Ports, kept: Kept) -> tuple[Examples, Collection[str]]:
    """The sentences, and the intents under which one stands twice.

    Raises Mistake, with every mistake and its line, if they cannot be used."""
    place = ports.artifacts.place(Artifact.EXAMPLES)
    document = open_examples(lambda: ports.artifacts.pieces(kept.sha256), kept.size, place)
    repeated = check(document)
    least = ports.catalog.service["limits"]["min_examples"]["value"]
    refuse_too_few(document.data, place, least)
    return document.data, repeated


def _write_starter(ports: Ports) -> Kept:
    content = ports.catalog.starter_examples
    ports.artifacts.save(Artifact.EXAMPLES, content)
    return _describe(content)


def _describe(content: bytes) -> Kept:
    return Kept(hashlib.sha256(content).hexdigest(), len(content))


def _describe_starter(project: Project, ports: Ports) -> Text:
    """What to say of the starter's examples.

    Raises FileRefused at a service that charges money: it never trains on sentences that nobody
    chose.
    """
    place = ports.artifacts.place(Artifact.EXAMPLES)
    if ports.charges_money:
        raise FileRefused(
            say(
                "There are no sentences for {project} yet: `import {project} FILE…` takes them from"
                " a CSV, XLSX, JSON or JSONL file, or put them into {place}.",
                project=project.name,
                place=place,
            ),
            {Artifact.EXAMPLES: ""},
        )
    return say(
        "there was no {place}: the sentences of a clothing shop stand there now, as an example. For"
        " your own put them there, then `retry --restart`",
        place=place,
    )


def _find_descriptions(ports: Ports, examples: Examples, is_starter: bool) -> bytes | None:
    """What a person says of each intent. The sample's own go with the sample's intents alone."""
    ours = ports.catalog.starter_intents
    found = ports.artifacts.find(Artifact.INTENTS)
    if found is None and is_starter:
        ports.artifacts.save(Artifact.INTENTS, ours)
        found = ours
    return None if found == ours and set(examples) != set(json.loads(ours)) else found


def _record_cases(ports: Ports, is_starter: bool) -> dict[Artifact, str]:
    """What the project will be graded on, from any home. The starter's go with its examples."""
    content = ports.artifacts.find(Artifact.CASES)
    if content is not None:
        return {Artifact.CASES: ports.artifacts.record(content)}
    if not is_starter:
        return {}
    return {Artifact.CASES: ports.artifacts.save(Artifact.CASES, ports.catalog.starter_cases)}

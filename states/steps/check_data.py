"""SPLIT: check the data by every rule, count tokens, estimate the cost, and freeze the plan.

The rules are in states/intents/data_rules.py; what they find is written to
data_preparation_summary.json.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from states.bases.table import find_entry, known_names, price_key, resolve
from states.errors import FileRefused, NeedsOperator
from states.intents import data_rules, sources
from states.intents.annotated_json import describe_hidden
from states.intents.data_file import Counting, DataFile, read_data_file, tidied
from states.intents.data_rules import Data
from states.intents.document import Document
from states.intents.example_lines import open_examples
from states.intents.examples import check, list_sentences
from states.intents.findings import Assessment, Finding
from states.intents.instruction_rules import longest_example
from states.intents.language import guess_language
from states.intents.model_rules import BY_SETTINGS
from states.intents.question_cost import MOST_BEFORE, Asked, estimate_questions
from states.intents.records import Source
from states.intents.row_lines import RowLines
from states.intents.sentences import Sentence, Sentences
from states.intents.summary import summarize
from states.model import Project
from states.outcome import Done, Outcome
from states.places import Artifact
from states.ports import Ports
from states.refusing import advise, refusing
from states.stages import Plan, Prepared
from states.state import Event
from states.steps.ask_rivals import choose_for_rivals
from states.steps.budgeting import describe_training
from states.steps.grading import check_cases, read_cases, record_cases
from states.text import say

# Where what the service would refuse can be mended: the sentences, or what was made of them.
_MADE_FROM = (Artifact.EXAMPLES, Artifact.TRAINING, Artifact.VALIDATION)


def step(project: Project, ports: Ports) -> Outcome:
    model = resolve(ports.catalog.service, ports.preferences.plan.base_model)
    plan = replace(ports.preferences.plan, base_model=model)
    files = _read_files(ports, find_entry(ports.catalog.service, model))
    cases_file = read_cases(project.facts, ports)
    about_cases, asked = check_cases(ports, files[0], cases_file)
    files[0].forms.clear()  # of a million sentences they take 60 MB
    examples, repeated = _read_examples(project, ports)
    sentences = _list_sentences(ports, project, examples)
    data = _gather(ports, plan, files, sentences, repeated)
    hints = [Finding(text) for text in (examples.warnings() if examples else ())]
    found = [*(f for file in files for f in _about_file(file)), *hints, *data_rules.check(data)]
    assessed = _assess(ports, data, asked)
    told = [*found, *about_cases, *assessed.findings]
    questions = _foresee_questions(ports, data, None if cases_file is None else len(asked))
    kept = _save_summary(ports, data, told, assessed.figures, questions)
    _refuse(ports, found, about_cases, _list_read(project, ports, cases_file))
    recorded = record_cases(project.facts, ports, cases_file)
    artifacts = {**recorded, **_tidy_files(ports, files), Artifact.PREPARATION: kept}
    prepared = Prepared(plan, data.job_tokens)
    facts = replace(project.facts, artifacts=artifacts, prepared=prepared)
    return Done(Event.DATA_ACCEPTED, facts, describe_training(facts, ports))


def _read_files(ports: Ports, model: Mapping[str, Any]) -> tuple[DataFile, DataFile]:
    """Both files. Raises FileEdited where one is another than was recorded."""
    framing, load = ports.catalog.service["tokens"], ports.artifacts.load_pieces
    counting = Counting(
        ports.tokens.count, framing["per_message"], framing["per_example"], longest_example(model)
    )
    training, validation = load(Artifact.TRAINING), load(Artifact.VALIDATION)
    places = [ports.artifacts.place(one) for one in (Artifact.TRAINING, Artifact.VALIDATION)]
    trained = read_data_file(places[0], training, counting)
    return trained, read_data_file(places[1], validation, counting, trained)


def _about_file(file: DataFile) -> list[Finding]:
    """Why it is read no further, or what was left out of it."""
    if file.refusal is not None:
        return [Finding(file.refusal, is_error=True)]
    return [Finding(text) for text in describe_hidden(file.place, file.hidden)]


def _tidy_files(ports: Ports, files: Sequence[DataFile]) -> dict[Artifact, str]:
    """What was checked and will be uploaded, where a person's editor has added to that."""
    return {
        artifact: ports.artifacts.save_pieces(
            artifact, tidied(ports.artifacts.recorded_pieces(artifact))
        )
        for artifact, file in zip((Artifact.TRAINING, Artifact.VALIDATION), files, strict=True)
        if not file.is_tidy
    }


def _gather(
    ports: Ports,
    plan: Plan,
    files: tuple[DataFile, DataFile],
    sentences: Sequence[Sentence],
    repeated: Mapping[str, int],
) -> Data:
    service = ports.catalog.service
    return Data(
        training=files[0],
        validation=files[1],
        sentences=sentences or _locate_rows(ports, files),
        repeated=repeated,
        base_model=plan.base_model,
        epochs=plan.epochs,
        limits={name: entry["value"] for name, entry in service["limits"].items()},
        model=find_entry(service, plan.base_model),
        price=service["prices"]["training"].get(price_key(service, plan.base_model)),
        count_tokens=ports.tokens.count,
        now=ports.now,
        deploy_sku=ports.preferences.deploy_sku,
        deploys=ports.preferences.deploy_automatically,
        training_type=plan.training_type,
        known_models=known_names(service),
    )


def _read_examples(project: Project, ports: Ports) -> tuple[Document | None, Mapping[str, int]]:
    """The person's file that the rows come from, and what is repeated in it by intent.

    None where version 0.1 recorded none."""
    if Artifact.EXAMPLES not in project.facts.artifacts:
        return None, {}
    place, artifacts = ports.artifacts.place(Artifact.EXAMPLES), ports.artifacts
    with refusing({Artifact.EXAMPLES: project.facts.artifacts[Artifact.EXAMPLES]}):
        # Of any size: it was accepted when the prompts were made of it.
        document = open_examples(lambda: artifacts.recorded_pieces(Artifact.EXAMPLES), 0, place)
        return document, check(document)


def _list_sentences(
    ports: Ports, project: Project, examples: Document | None
) -> Sequence[Sentence]:
    """As a person finds them: in the files that were imported, or else in the set itself."""
    if examples is None:
        return []
    imported = ports.artifacts.find(Artifact.SOURCES)
    known = sources.parse(imported, project.facts.artifacts[Artifact.EXAMPLES])
    if known is None:
        return list_sentences(examples)
    return Sentences(examples.data, known.locate)


def _locate_rows(ports: Ports, files: Sequence[DataFile]) -> list[Sentence]:
    artifacts = (Artifact.TRAINING, Artifact.VALIDATION)
    return [
        Sentence(sentence, shape.intent, Source(file.place), line)
        for artifact, file in zip(artifacts, files, strict=True)
        if file.refusal is None
        for line, shape, sentence, _ in RowLines(ports.artifacts.recorded_pieces(artifact))
    ]


def _assess(ports: Ports, data: Data, asked: Sequence[Sentence]) -> Assessment:
    language = ports.preferences.data_language or guess_language(s.text for s in data.sentences)
    return ports.quality.assess(data.sentences, asked, language)


def _foresee_questions(ports: Ports, data: Data, cases: int | None) -> Mapping[str, Any]:
    """What asking costs. `cases`: of a person's own; None: the validation sentences serve."""
    rows = RowLines(ports.artifacts.recorded_pieces(Artifact.TRAINING))
    trained = ((sentence, shape.intent) for _, shape, sentence, _ in rows)
    examples = [] if data.training.refusal else choose_for_rivals(trained, ports)
    to_validate, names = data.validation.examples, ports.preferences.base_deployments
    asked = (
        Asked(to_validate, 0, names, examples)
        if cases is None
        else Asked(cases, min(to_validate, MOST_BEFORE), names, examples)
    )
    return estimate_questions(data, asked, ports.catalog.service)


def _save_summary(
    ports: Ports,
    data: Data,
    found: Sequence[Finding],
    figures: Mapping[str, Any],
    questions: Mapping[str, Any],
) -> str:
    """Writes data_preparation_summary.json. Returns its sha-256."""
    place = ports.artifacts.place(Artifact.PREPARATION)
    prices = ports.catalog.service["prices"]
    is_exact = ports.tokens.is_exact_for(data.base_model)
    document = {
        "place": place,
        **summarize(data, found, figures, prices, ports.translate),
        "estimated_cost_of_questions": questions,
        "token_counting": "exact" if is_exact else "estimate",
    }
    content = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    return ports.artifacts.save(Artifact.PREPARATION, content.encode())


def _list_read(project: Project, ports: Ports, given: bytes | None) -> Mapping[Artifact, str]:
    """What was checked, as `Artifacts.fingerprint` has it."""
    recorded = project.facts.artifacts
    read = {a: recorded.get(a) or ports.artifacts.fingerprint(a) for a in _MADE_FROM}
    return {**read, Artifact.CASES: hashlib.sha256(given or b"").hexdigest()}


def _refuse(
    ports: Ports,
    found: Sequence[Finding],
    about_cases: Sequence[Finding],
    read: Mapping[Artifact, str],
) -> None:
    """Raises FileRefused for the first error, if there is one; every one is in the summary.

    NeedsOperator where a setting mends it, and not a file."""
    errors = [finding for finding in found if finding.is_error]
    of_settings = next((one for one in errors if one.kind in BY_SETTINGS), None)
    data = next((one for one in errors if one.kind not in BY_SETTINGS), None)
    given = next((finding for finding in about_cases if finding.is_error), None)
    about = [*(_MADE_FROM if data else ()), *([Artifact.CASES] if given else ())]
    refused = {artifact: read[artifact] for artifact in about}
    if data is not None:
        raise FileRefused(
            say(
                "The service would refuse the data ({problem}). Mend {examples}: a running agent"
                " goes on by itself; otherwise `run`. Every problem is in {place}.",
                problem=data.text,
                examples=ports.artifacts.place(Artifact.EXAMPLES),
                place=ports.artifacts.place(Artifact.PREPARATION),
            ),
            refused,
        )
    if given is not None:
        # The service never sees the cases, and the sentence itself says what to mend.
        raise FileRefused(advise(given.text), refused)
    if of_settings is not None:
        raise NeedsOperator(
            say("{problem} Then start `run` again.", problem=of_settings.text), heals=True
        )

"""VALIDATED, before anything is sent: what is reached without a training, and whether to go on.

upload_files.py calls `weigh` first. A free model was tried when the data was checked; untuned ones
are asked validation sentences here. With AGENT_CONFIRM a person then lets the training be paid,
once for the same data and plan.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from states.errors import NeedsConfirmation
from states.evaluation.left_out import LeftOut
from states.evaluation.weighing import Weighing, measure, read_local
from states.facts import Facts, known
from states.intents.cases import Case, Example, Questions
from states.intents.dataset import decode_line
from states.intents.question_cost import MOST_BEFORE
from states.intents.row_lines import RowLines, lines_of
from states.model import Project
from states.outcome import GoOn, Outcome
from states.places import Artifact
from states.ports import Memory, Ports
from states.stages import Weighed
from states.steps.ask_rivals import ask_rivals, choose_for_rivals, gather_rivals
from states.text import Text, dollars, say


def weigh(project: Project, ports: Ports) -> tuple[Facts, Outcome | None]:
    """The facts with what was weighed; an outcome as long as that goes on.

    Raises NeedsConfirmation where a person is to be asked first."""
    facts = project.facts
    if facts.weighed is None:
        questions = _write_questions(ports)
        if questions is not None:
            kept = ports.memory.keep(questions.as_json())
            return facts, GoOn(_describe_work(), replace(facts, weighed=Weighed(questions=kept)))
        facts = replace(facts, weighed=Weighed())
    if known(facts.weighed).is_open:
        going_on, facts = _compare(facts, ports)
        if going_on is not None:
            return facts, going_on
    subject = _fingerprint(facts)
    if not ports.preferences.confirms_training or facts.confirmed == subject:
        return facts, None
    if facts != project.facts:
        return facts, GoOn(_describe_work(), facts)
    raise NeedsConfirmation(_ask_to_confirm(facts, ports), subject)


def recall_weighing(facts: Facts, memory: Memory) -> Weighing | None:
    """What was weighed; None where there was nothing."""
    kept = facts.weighed and facts.weighed.comparison
    return Weighing.from_json(memory.recall(kept)) if kept else None


def describe_weighing(facts: Facts, ports: Ports) -> Text | None:
    """What is reached without a training, in a sentence, unless a person was told when asked."""
    weighing = None if facts.confirmed else recall_weighing(facts, ports.memory)
    return None if weighing is None else weighing.text


def _describe_work() -> Text:
    return say("the comparison before the training")


def _compare(facts: Facts, ports: Ports) -> tuple[Outcome | None, Facts]:
    """An outcome as long as somebody is asked, then the facts with what came of it."""
    weighed = known(facts.weighed)
    checked = _read_summary(facts, ports).get("local_classifier", {})
    reached = read_local(checked.get("local_accuracy"))
    left_out: list[LeftOut] = []
    if weighed.questions is not None:
        questions = Questions.from_json(ports.memory.recall(weighed.questions))
        going_on = ask_rivals(facts, ports, questions)
        if going_on is not None:
            return going_on, facts
        rivals, left_out = gather_rivals(facts, ports, questions)
        reached += [measure(rival, questions.cases) for rival in rivals]
    weighing = Weighing(reached, left_out, ports.preferences.target)
    kept = ports.memory.keep(weighing.as_json()) if reached or left_out else None
    done = replace(weighed, comparison=kept, is_open=False)
    return None, replace(facts, weighed=done, rivals=None)


def _read_summary(facts: Facts, ports: Ports) -> Mapping[str, Any]:
    """data_preparation_summary.json; empty where version 0.1 recorded none."""
    if Artifact.PREPARATION not in facts.artifacts:
        return {}
    read: Mapping[str, Any] = json.loads(ports.artifacts.recorded(Artifact.PREPARATION))
    return read


# The sentences -------------------------------------------------------------------------------


def _write_questions(ports: Ports) -> Questions | None:
    """None where nobody is asked. The same questions as those of the evaluation, if it has no other
    cases: their answers are kept."""
    if not ports.preferences.base_deployments:
        return None
    first = next(lines_of(ports.artifacts.recorded_pieces(Artifact.TRAINING)))
    examples = choose_for_rivals(_read_examples(ports, Artifact.TRAINING), ports)
    intents = dict.fromkeys(intent for _, intent in _read_examples(ports, Artifact.TRAINING))
    found = [
        Case(f"validation-{number:02}", "validation", sentence, intent)
        for number, (sentence, intent) in enumerate(
            draw(_read_examples(ports, Artifact.VALIDATION)), start=1
        )
    ]
    system = decode_line(1, first.decode("utf-8-sig")).instruction
    return Questions(system, tuple(intents), tuple(found), "validation", tuple(examples))


def _read_examples(ports: Ports, artifact: Artifact) -> Iterator[Example]:
    for _, shape, sentence, _ in RowLines(ports.artifacts.recorded_pieces(artifact)):
        yield sentence, shape.intent


def draw(rows: Iterable[Example], most: int = MOST_BEFORE) -> list[Example]:
    """Of each intent its share of `most`, at least one, spread over its rows."""
    by_intent: dict[str, list[Example]] = {}
    for row in rows:
        by_intent.setdefault(row[1], []).append(row)
    total = sum(map(len, by_intent.values()))
    if total <= most:
        return [row for own in by_intent.values() for row in own]
    kept = []
    for own in by_intent.values():
        count = max(1, most * len(own) // total)
        kept += [own[number * len(own) // count] for number in range(count)]
    return kept


# The question to a person --------------------------------------------------------------------


def _fingerprint(facts: Facts) -> str:
    """Of what is paid for: the same data, trained in the same way."""
    files = [facts.artifacts[one] for one in (Artifact.TRAINING, Artifact.VALIDATION)]
    return hashlib.sha256(repr((files, known(facts.prepared).plan)).encode()).hexdigest()


def _ask_to_confirm(facts: Facts, ports: Ports) -> Text:
    weighing = recall_weighing(facts, ports.memory)
    figures = None if weighing is None else weighing.text
    price = _describe_price(_read_summary(facts, ports), facts)
    question = say(
        "{price} `advance` has it trained; `cancel` ends the project without.", price=price
    )
    if figures is None:
        return question
    return say("{figures} {question}", figures=figures, question=question)


def _describe_price(summary: Mapping[str, Any], facts: Facts) -> Text:
    model, cost = known(facts.prepared).plan.base_model, summary.get("estimated_cost", {})
    if cost.get("amount") is None:
        return say("Training {model} costs money; no price is known.", model=model)
    return say(
        "Training {model} costs about {amount} {currency} ({tokens} tokens, list price of {date}).",
        model=model,
        amount=dollars(cost["amount"]),
        currency=cost["currency"],
        tokens=summary["estimated_training_tokens"],
        date=cost["date"],
    )

"""DEPLOYED: ask the test cases, one a tick, keeping every paid answer as it arrives."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

from states import places
from states.errors import DeploymentNotReady, NeedsOperator, NotFound, Permanent, Transient
from states.intents import cases
from states.intents.dataset import decoded, intents_of, part
from states.intents.verdict import intent_in, score
from states.model import Event, Project
from states.outcome import Done, Outcome, Wait
from states.ports import Ports
from states.remote import Reply
from states.text import say


def step(project: Project, ports: Ports) -> Outcome:
    facts = project.facts
    if facts.cases is None:
        questions = _questions(project, ports)
        return Wait(
            0,
            say(
                "the test cases ({done} of {total} answered)", done=0, total=len(questions["cases"])
            ),
            replace(facts, cases=ports.memory.keep(questions)),
        )
    questions = ports.memory.recall(facts.cases)
    answers = ports.memory.answers(str(facts.model))
    todo = [case for case in questions["cases"] if _digest(case, questions) not in answers]
    if todo:
        ports.memory.expect_answer()
        reply = _asked(project, ports, cases.messages_of(todo[0], questions["system"]))
        answer = {
            "text": reply.text,
            "latency_seconds": round(reply.latency, 4),
            "attempts": project.attempts + 1,
            "filtered": reply.filtered,
        }
        ports.memory.keep_answer(str(facts.model), _digest(todo[0], questions), answer)
        done, total = len(questions["cases"]) - len(todo) + 1, len(questions["cases"])
        return Wait(0, say("the test cases ({done} of {total} answered)", done=done, total=total))
    answered = [
        _joined(case, answers[_digest(case, questions)], questions["intents"])
        for case in questions["cases"]
    ]
    evaluation = ports.memory.keep(
        {"intents": questions["intents"], "source": questions["source"], "cases": answered}
    )
    return Done(
        Event.CASES_ANSWERED,
        replace(facts, evaluation=evaluation, accuracy=score(answered)["accuracy"]),
    )


def _digest(case: dict[str, str], questions: dict[str, Any]) -> str:
    return cases.digest(cases.messages_of(case, questions["system"]))


def _questions(project: Project, ports: Ports) -> dict[str, Any]:
    """The cases as they are now, with the system message the model was trained with."""
    rows = decoded(
        ports.artifacts.recorded(
            project.facts.artifacts[places.of_project(project.name, places.TRAINING)]
        )
    )
    intents = intents_of(rows)
    place = places.of_project(project.name, places.CASES)
    content = ports.artifacts.given(place)
    if content is None:
        validation = project.facts.artifacts[places.of_project(project.name, places.VALIDATION)]
        found, source = cases.from_rows(decoded(ports.artifacts.recorded(validation))), "validation"
    else:
        try:
            found, source = cases.parsed(content, place, intents), place
        except Permanent as error:
            # The model is trained and deployed: a slip in a text file must not throw that away.
            raise NeedsOperator(error.text) from error
    return {"system": part(rows[0], "system"), "intents": intents, "cases": found, "source": source}


def _asked(project: Project, ports: Ports, messages: list[dict[str, str]]) -> Reply:
    name = str(project.facts.deployment)
    _refuse_another_model(project, ports, name)
    try:
        return ports.read.chat(name, messages)
    except NotFound as error:
        if _is_deleted(ports, name):
            raise Permanent(
                say(
                    "The deployment {name} was deleted during the evaluation. Answers so far are"
                    " kept: `retry` asks for a new deployment.",
                    name=name,
                ),
                remote=True,
            ) from error
        raise Transient(
            say("The deployment {name} does not answer at the moment.", name=name)
        ) from error
    except DeploymentNotReady as error:
        raise Transient(error.text, error.retry_after) from error


def _refuse_another_model(project: Project, ports: Ports, name: str) -> None:
    """Answers of a model that somebody put under that name meanwhile would count as this one's."""
    with suppress(NotFound):  # cannot be listed here, so nobody knows
        found = ports.read.deployment(name)
        if found is not None and found.model != project.facts.model:
            raise Permanent(
                say(
                    "The deployment {name} serves {model} now, another model. Answers so far are"
                    " kept: `retry` asks for a new deployment.",
                    name=name,
                    model=found.model,
                ),
                remote=True,
            )


def _is_deleted(ports: Ports, name: str) -> bool:
    try:
        return ports.read.deployment(name) is None
    except NotFound:
        return False  # cannot be listed here, so nobody knows


def _joined(case: dict[str, str], answer: Any, intents: list[str]) -> dict[str, Any]:
    predicted = intent_in(answer["text"], intents)
    return {
        **case,
        "answer": answer["text"],
        "predicted": predicted,
        "correct": predicted == case["expected"],
        "latency_seconds": answer["latency_seconds"],
        "attempts": answer["attempts"],
        "filtered": answer["filtered"],
    }

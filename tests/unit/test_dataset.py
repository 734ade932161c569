"""Rows: how they are made, read and refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agent.resources.catalog import PackagedCatalog
from states.intents.dataset import (
    Message,
    Row,
    RowError,
    decode,
    encode,
    instruct,
    intents_of,
)
from states.intents.examples import parse
from states.intents.prompts import build_prompts
from states.intents.sentences import Examples
from states.places import Artifact
from states.state import State
from tests.unit.desk import Desk

CATALOG = PackagedCatalog()
STARTER = {name: list(said) for name, said in parse(CATALOG.starter_examples, "x", 10).items()}


def rows_of(examples: Examples) -> list[Row]:
    instruction = instruct(list(examples), json.loads(CATALOG.starter_intents))
    return decode(b"".join(build_prompts(examples, instruction, examples)))


def row(sentence: str, intent: str) -> Row:
    said = (("system", "s"), ("user", sentence), ("assistant", intent))
    return Row(tuple(Message(role, content) for role, content in said))


def test_repeated_sentences_are_one_row() -> None:
    """Whatever their case, spaces and Unicode form; an accent makes another sentence."""
    same = ["Qué tal", " QUE\u0301  tal", "otra", "Que tal"]
    assert len(rows_of({"a": same, "b": ["x", "y"]})) == 5


def test_the_system_message_names_every_intent_with_a_line() -> None:
    """The catalogue's, or one made of the intent's own name."""
    text = instruct(["queja", "ver_pedido"], {"queja": "protesta."})
    assert "- queja: protesta." in text
    assert "- ver_pedido: mensajes sobre «ver pedido»" in text
    assert intents_of(rows_of(STARTER)) == list(STARTER)


GOOD = {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "not valid JSON"),
        ("[]", '"messages" is missing'),
        ('{"messages": []}', '"messages" is missing'),
        ('{"messages": [{"role": "robot", "content": "x"}]}', "role of system, user or assistant"),
        ('{"messages": [{"role": "user", "content": " "}]}', "no text"),
        ('{"messages": [{"role": "user", "content": null}]}', "no text"),
        ('{"messages": [{"role": "user", "content": "x"}]}', "must be the assistant's"),
        ('{"messages": [{"role": "assistant", "content": "x"}]}', "there must be a user message"),
    ],
)
def test_a_row_the_service_would_refuse_is_named_by_its_line(line: str, problem: str) -> None:
    """The second of two rows."""
    with pytest.raises(RowError, match=problem) as raised:
        decode(f"{json.dumps(GOOD)}\n{line}\n".encode())
    assert raised.value.line == 2


def edited(desk: Desk, change: Any) -> str:
    """The refusal of a training file that a person has changed and kept."""
    from states.errors import FileRefused
    from states.state import State
    from states.steps.table import step_of

    project = desk.go(State.SPLIT)
    place = "data/training/train_data.jsonl"
    rows = decode((desk.home / place).read_bytes())
    content = change(rows)
    desk.write(place, content if isinstance(content, bytes) else encode(content))
    from dataclasses import replace

    sha = desk.store.put_blob((desk.home / place).read_bytes())
    artifacts = {**project.facts.artifacts, Artifact.TRAINING: sha}
    changed = replace(project, facts=replace(project.facts, artifacts=artifacts))
    with pytest.raises(FileRefused) as raised:
        step_of(State.SPLIT)(changed, desk.ports_for(changed))
    summary = json.loads((desk.home / "data/processed/data_preparation_summary.json").read_text())
    assert summary["ready"] is False
    assert summary["errors"]
    return str(raised.value)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda rows: rows[:9], "9 training examples"),
        (lambda rows: b"{}\n", '"messages" is missing'),
        (lambda rows: b"\xff\n", "not UTF-8"),
        (lambda rows: b"", "0 training examples"),
        (
            lambda rows: [
                *rows,
                row("x " * 70_000, rows[0].intent),
            ],
            "the model takes",
        ),
        (
            lambda rows: [row for row in rows if row.intent != "queja"],
            "'queja' is in validation only",
        ),
    ],
)
def test_data_the_service_would_refuse_goes_no_further(
    desk: Desk, change: Any, problem: str
) -> None:
    """The summary lists every problem, and the project is held for the first."""
    assert problem in edited(desk, change)


def test_a_sentence_in_both_files_is_refused(desk: Desk) -> None:
    """Also one that differs only in its case: the validation would measure memory."""

    def leak(rows: Any) -> Any:
        validation = decode((desk.home / "data/validation/validation_data.jsonl").read_bytes())
        return [*rows, row(validation[0].sentence.upper(), validation[0].intent)]

    assert "is in training and in validation" in edited(desk, leak)


def test_repeated_sentences_are_warned_of(desk: Desk) -> None:
    """Within one intent they are used once, and the summary says so."""
    desk.write(
        "data/raw/intent_examples.json",
        {**STARTER, "queja": [*STARTER["queja"], STARTER["queja"][0].upper()]},
    )
    desk.go(State.VALIDATED)
    summary = json.loads((desk.home / "data/processed/data_preparation_summary.json").read_text())
    assert "1 repeated sentence is used once (queja: 1)." in summary["warnings"]


def test_broken_test_cases_are_told_before_the_training_is_paid_for(desk: Desk) -> None:
    """The first problem names file and case; a case that is a training sentence is only
    warned of.
    """
    first = STARTER["queja"][0]
    for cases, problem in (
        ("[", "not valid JSON"),
        ([], "expected a list of cases"),
        ({"text": "x"}, "expected a list of cases"),
        ([{"text": "x", "expected": "nada"}], "case 1 expects 'nada'"),
        ([{"text": "x", "expected": "queja"}, {"expected": "queja"}], "case 2 has no text"),
        (
            [
                {"expected": "queja"},
                {"text": "x", "expected": "queja"},
                {"text": "y", "expected": "nada"},
            ],
            "has 2 mistakes",
        ),
        (
            [
                {"id": "a", "text": "x", "expected": "queja"},
                {"id": "a", "text": "y", "expected": "queja"},
            ],
            "the same id",
        ),
        ('[{"text": "hola \\ud83d", "expected": "queja"}]', "has a broken character"),
    ):
        desk.create()
        desk.write("data/raw/test_cases.json", cases)
        assert problem in desk.go_to_hold(), cases
        desk.write("data/raw/test_cases.json", [{"text": first, "expected": "queja"}])
        desk.decisions.retry("tienda", restore=False, restart=True)
    desk.go(State.VALIDATED)
    # Which half it fell into is the seed's business; if it is trained on, the summary says so.
    trained = first in (desk.home / "data/training/train_data.jsonl").read_text()
    summary = json.loads((desk.home / "data/processed/data_preparation_summary.json").read_text())
    assert summary["ready"]
    assert any("also a training sentence" in warning for warning in summary["warnings"]) is trained


def test_a_name_of_thousands_of_characters_does_not_hide_what_is_wrong_with_it(
    desk: Desk,
) -> None:
    """Its beginning is quoted, and the message can be read."""
    rows = [f"frase {number} de las doce" for number in range(12)]
    name = " ".join(f"palabra{number}" for number in range(700))
    examples = {name: rows, "corta": [f"otra {row}" for row in rows]}
    desk.write("data/raw/intent_examples.json", examples)
    desk.create()
    told = desk.go_to_hold()
    assert f"The name '{name[:60]}…' has " in told
    assert len(told) < 600

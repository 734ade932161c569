"""Rows and their split: per intent, seeded, and nothing in both halves."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
from states.intents.examples import Examples, parse
from states.intents.forms import same_form, tidy
from states.intents.prompts import build_prompts
from states.intents.row_lines import RowLines
from states.intents.split import Rows
from states.places import Artifact
from states.state import State
from tests.unit.desk import Desk

CATALOG = PackagedCatalog()
STARTER = parse(CATALOG.starter_examples, "x", 10)
words = st.text(alphabet="abcdeéñ ¿?!\u2028\u0085", min_size=1, max_size=12).filter(
    lambda text: bool(text.strip())
)
sets = st.dictionaries(
    st.sampled_from(["uno", "dos", "tres", "cuatro"]),
    st.lists(words.map(str.strip).map(tidy), min_size=2, max_size=14, unique_by=same_form),
    min_size=2,
)


def rows_of(examples: Examples) -> list[Row]:
    instruction = instruct(list(examples), json.loads(CATALOG.starter_intents))
    return decode(b"".join(build_prompts(examples, instruction)))


def split(rows: list[Row], share: float, seed: int) -> tuple[list[Row], list[Row]]:
    held = Rows(RowLines([encode(rows)]))
    training, validation = (decode(b"".join(held.lines(half))) for half in held.split(share, seed))
    return training, validation


def row(sentence: str, intent: str) -> Row:
    said = (("system", "s"), ("user", sentence), ("assistant", intent))
    return Row(tuple(Message(role, content) for role, content in said))


def test_the_starter_is_split_four_by_nine_and_four_by_three() -> None:
    """36 to train on, 12 to validate."""
    training, validation = split(rows_of(STARTER), 0.8, 42)
    assert Counter(row.intent for row in training) == dict.fromkeys(STARTER, 9)
    assert Counter(row.intent for row in validation) == dict.fromkeys(STARTER, 3)


def test_the_seed_decides() -> None:
    """The same seed, the same bytes; another seed, another split."""
    rows = rows_of(STARTER)
    assert encode(split(rows, 0.8, 42)[0]) == encode(split(rows, 0.8, 42)[0])
    assert encode(split(rows, 0.8, 42)[0]) != encode(split(rows, 0.8, 43)[0])


ODD = {
    "uno": [f'frase «{n}» "con" comillas \\ y\u2028fin ½ é 👍' for n in range(40)],
    "dos": ["a\tb", *(f"Otra cosa {n}" for n in range(31))],
    "tres": ["x", "X ", "y"],
}


@pytest.mark.parametrize(
    ("examples", "begins"),
    [
        (STARTER, "2364677aef9f 56c3aa1b3cfc 28c724cc2b2d 59ee97114d1d 24b567959d05"),
        (ODD, "bff9ebcb5dfa 53c2c6825c1c 151a8d971047 113fb39df885 e702ed165b88"),
    ],
    ids=["starter", "odd"],
)
def test_prompts_and_split_are_those_of_earlier_versions(examples: Examples, begins: str) -> None:
    """Byte for byte, so that a job is the same job: their digests as 0.1 had them."""
    instruction = 'Eres un "clasificador".\nuno\u2028dos'
    prompts = b"".join(build_prompts(examples, instruction))
    files = [prompts]
    for share, seed in ((0.8, 42), (0.5, 7)):
        rows = Rows(RowLines([prompts]))
        files += [b"".join(rows.lines(half)) for half in rows.split(share, seed)]
    assert " ".join(hashlib.sha256(file).hexdigest()[:12] for file in files) == begins


def test_one_more_sentence_leaves_the_other_intents_as_they_were() -> None:
    """Each intent is shuffled by itself."""
    more = {**STARTER, "queja": [*STARTER["queja"], "Una frase de más"]}
    before, after = (split(rows_of(examples), 0.8, 42)[1] for examples in (STARTER, more))
    for intent in set(STARTER) - {"queja"}:
        assert [r.sentence for r in before if r.intent == intent] == [
            r.sentence for r in after if r.intent == intent
        ]


@given(sets, st.floats(0.05, 0.95), st.integers(0, 2**31 - 1))
@settings(max_examples=75, deadline=None)
def test_any_split_keeps_every_sentence_once(
    examples: dict[str, list[str]], share: float, seed: int
) -> None:
    """Nothing lost, nothing in both, every intent on both sides, and the same again from its own
    file.
    """
    rows = rows_of(examples)
    by_intent = Counter(row.intent for row in rows)
    if any(by_intent[intent] < 2 for intent in examples):
        return  # a sentence shared by two intents: refused long before
    training, validation = split(rows, share, seed)
    both = [{same_form(row.sentence) for row in half} for half in (training, validation)]
    assert not both[0] & both[1]
    assert sorted(encode(training + validation).splitlines()) == sorted(encode(rows).splitlines())
    for intent, count in by_intent.items():
        own = sum(row.intent == intent for row in training)
        assert 1 <= own <= count - 1
        assert own == min(max(int(count * share), 1), count - 1)
    assert split(rows, share, seed) == (training, validation)
    assert decode(encode(training)) == training


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
    from states.errors import Permanent
    from states.state import State
    from states.steps.table import STEPS

    project = desk.go(State.SPLIT)
    place = "data/training/train_data.jsonl"
    rows = decode((desk.home / place).read_bytes())
    content = change(rows)
    desk.write(place, content if isinstance(content, bytes) else encode(content))
    from dataclasses import replace

    sha = desk.store.put_blob((desk.home / place).read_bytes())
    artifacts = {**project.facts.artifacts, Artifact.TRAINING: sha}
    changed = replace(project, facts=replace(project.facts, artifacts=artifacts))
    with pytest.raises(Permanent) as raised:
        STEPS[State.SPLIT](changed, desk.ports_for(changed))
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
            "tokens; the model takes",
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
    """The summary lists every problem, and the project fails with the first."""
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
    assert "queja: 1 repeated sentence is used once." in summary["warnings"]


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
        desk.go(State.FAILED)
        assert problem in str(desk.project().last_error), cases
        desk.write("data/raw/test_cases.json", [{"text": first, "expected": "queja"}])
        desk.decisions.retry("tienda", restore=False, restart=False)
    desk.go(State.VALIDATED)
    # Which half it fell into is the seed's business; if it is trained on, the summary says so.
    trained = first in (desk.home / "data/training/train_data.jsonl").read_text()
    summary = json.loads((desk.home / "data/processed/data_preparation_summary.json").read_text())
    assert summary["ready"]
    assert any("also a training sentence" in warning for warning in summary["warnings"]) is trained

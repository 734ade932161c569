"""Test cases that no intent fits: how they are said, what refuses them, and what counts them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent.formats.reading import read_file
from agent.quality import leakage
from agent.quality.work import Work
from states.errors import Mistake, SettingsError
from states.facts import known
from states.intents import cases
from states.intents.cases import Case
from states.intents.dataset import Message, Row
from states.intents.example_set import Choices, ExampleSet, Group
from states.intents.gather_cases import CaseSet, encode_cases, gather_cases
from states.intents.no_intent import WORDS, means_no_intent, word_for_no_intent
from states.intents.records import Columns, Record, Source, Table
from states.intents.sentences import Sentence
from states.model import Project
from states.places import Artifact, place_of
from states.state import State
from states.steps.threshold_round import MOST, choose_validation
from tests.unit.desk import Desk
from tests.unit.sentences import SHOP, sentences

FITS = {"text": "esto es una queja", "expected": "queja"}
FITS_NONE = {"text": "¿qué hora es en Quito?", "expected": None}


def parse(*given: dict[str, Any]) -> cases.CaseFile:
    return cases.parse(json.dumps(given, ensure_ascii=False).encode(), "c.json", ["queja"])


def refusal(*given: dict[str, Any]) -> str:
    with pytest.raises(Mistake) as refused:
        parse(*given)
    return str(refused.value)


def gather(*records: Record, intents: tuple[str, ...] = ("queja",)) -> CaseSet:
    examples = ExampleSet(groups={intent: Group() for intent in intents})
    return gather_cases([Table(Source("c.csv", unit="row"), "CSV", records)], examples, Choices())


def expected(found: CaseSet) -> list[str | None]:
    found.refuse_mistakes()
    return [case.expected for case in found.cases]


def test_null_expects_no_intent_and_a_missing_key_is_a_mistake() -> None:
    """The one is said on purpose, the other is forgotten."""
    assert [case.expected for case in parse(FITS, FITS_NONE).cases] == ["queja", None]
    told = refusal(FITS, {"text": "x"})
    assert 'has no "expected": write the intent, or null where none fits' in told


def test_a_sentence_that_fits_and_fits_not_is_refused() -> None:
    other = {**FITS_NONE, "text": FITS["text"]}
    assert "expects null, and in line 1 it expects 'queja'" in refusal(FITS, other)


def test_where_no_case_expects_an_intent_there_is_nothing_to_grade() -> None:
    """In either file."""
    assert "nothing to grade" in refusal(FITS_NONE)
    with pytest.raises(SettingsError, match="nothing to grade"):
        expected(gather(Record("¿qué hora es?", "oos", 2)))


@pytest.mark.parametrize("word", [*WORDS, "OOS", "Out of scope", "out-of-scope", "Ninguna"])
def test_the_usual_words_mean_no_intent(word: str) -> None:
    assert expected(gather(Record("a", "queja", 2), Record("b", word, 3))) == ["queja", None]


def test_a_word_that_is_an_intents_name_is_that_intent() -> None:
    """And nearly its name is a slip, which is told as any other."""
    records = (Record("a", "oos", 2), Record("b", "none", 3))
    assert expected(gather(*records, intents=("oos", "queja"))) == ["oos", None]
    with pytest.raises(SettingsError, match="there is no intent 'oos'"):
        expected(gather(Record("a", "oos", 2), intents=("OOS",)))


def test_an_empty_cell_is_a_mistake_that_tells_what_to_write() -> None:
    with pytest.raises(SettingsError, match=r"write it, or \(none\) where none fits"):
        expected(gather(Record("a", "", 2)))


@pytest.mark.parametrize(
    "content",
    [
        '{"text": "a", "intent": "queja"}\n{"text": "b", "intent": null}\n',
        '["a", "queja"]\n["b", null]\n',
        json.dumps([{"text": "a", "expected": "queja"}, {"text": "b", "expected": None}]),
    ],
)
def test_null_in_json_is_said_on_purpose(tmp_path: Path, content: str) -> None:
    """So that test_cases.json itself can be imported; a key that is missing says nothing."""
    path = tmp_path / ("c.jsonl" if content.count("\n") else "c.json")
    path.write_text(content, encoding="utf-8")
    assert expected(gather(*read_file(path, Columns()).records)) == ["queja", None]


def test_a_key_that_is_missing_is_not_null(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    path.write_text('{"text": "a", "intent": "queja"}\n{"text": "b"}\n', encoding="utf-8")
    with pytest.raises(SettingsError, match="where none fits"):
        expected(gather(*read_file(path, Columns()).records))


def test_what_is_gathered_is_written_as_null() -> None:
    found = gather(Record("a", "queja", 2), Record("b", "oos", 3))
    written = json.loads(b"".join(encode_cases(found)))
    assert [one["expected"] for one in written] == ["queja", None]
    assert [one.intent for one in found.sentences] == ["queja", ""]


def test_the_word_that_is_written_is_read_back() -> None:
    """Whatever the intents of the project are called."""
    for intents in ((), ("(none)",), ("None", "null")):
        assert means_no_intent(word_for_no_intent(intents), intents)


def test_what_is_much_like_a_trained_sentence_and_fits_no_intent_is_no_leak() -> None:
    """It is the best test there is. The very same sentence is a contradiction, and is told."""
    trained = sentences({**SHOP, "envío": ["¿Cuándo llega el pedido que hice ayer?"]})
    near = Sentence("¿Cuándo llega el pedido que hice hoy?", "", Source("c.json"), 1)
    assert leakage.find_leaks(trained, [near])
    assert leakage.stage(Work(trained, [near])).findings == []
    same = Sentence("¿Cuándo llega el pedido que hice ayer?", "", Source("c.json"), 1)
    assert [f.kind for f in leakage.stage(Work(trained, [same])).findings] == ["leakage"]


def evaluate(desk: Desk) -> Project:
    """One case that an intent fits, and one that none does."""
    desk.cloud.answer = "queja"
    desk.go(State.SPLIT)
    desk.write("data/raw/test_cases.json", [FITS, FITS_NONE])
    desk.tick()
    desk.decisions.retry("tienda", restore=False, restart=False)
    project = desk.go(State.ANALYZED)
    desk.results.publish(project)
    return project


def read_results(desk: Desk) -> Any:
    return json.loads((desk.home / "results/test_results.json").read_text())


def asked(desk: Desk) -> int:
    return sum(act.kind == "chat" and not act.detail["probe"] for act in desk.cloud.ledger)


def test_they_are_asked_and_shown_and_are_in_no_other_figure(desk: Desk) -> None:
    """The model names an intent for each, so none is rejected."""
    evaluated = known(evaluate(desk).facts.evaluated)
    assert (evaluated.cases, evaluated.correct) == (1, 1)
    found = read_results(desk)
    assert found["out_of_scope"]["cases"] == 1
    assert found["out_of_scope"]["rejected"] == 0
    assert found["with_cases_trained_on"]["cases"] == 1
    assert list(found["per_intent"]) == ["queja"]
    assert [one["correct"] for one in found["cases_answered"]] == [True, False]


def test_validation_sentences_are_asked_once_where_answers_are_scored(desk: Desk) -> None:
    """They choose the threshold, and are test cases of nothing."""
    desk.cloud.chance = 0.75
    evaluate(desk)
    found = read_results(desk)
    assert found["out_of_scope"]["threshold"] == pytest.approx(0.75, abs=1e-6)
    assert len(found["cases_answered"]) == 2
    path = desk.home / place_of(Artifact.VALIDATION, "tienda")
    validation = len(path.read_text().splitlines())
    assert asked(desk) == 2 + validation
    desk.decisions.evaluate("tienda", deploys=False)
    desk.go(State.ANALYZED)
    assert asked(desk) == 2 + validation


def test_where_nobody_scores_no_validation_sentence_is_paid(desk: Desk) -> None:
    evaluate(desk)
    assert read_results(desk)["out_of_scope"]["threshold"] is None
    assert asked(desk) == 2


def test_the_validation_sentences_are_of_each_intent_its_share() -> None:
    """The same ones each time, and none that was trained on."""
    rows = [
        Row((Message("user", f"{intent} {n}"), Message("assistant", intent)))
        for n in range(900)
        for intent in ("a", "b", "b")
    ]
    found = choose_validation([Case("1", "x", "t", None)], lambda: rows, ["B  0"])
    assert len(found) == MOST
    share = sum(case.expected == "a" for case in found) / MOST
    assert share == pytest.approx(1 / 3, abs=0.01)
    assert "b 0" not in {case.text for case in found}
    assert choose_validation([Case("1", "x", "t", "a")], lambda: rows, []) == []

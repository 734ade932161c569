"""Near duplicates and leaks are found with their rows, and what is only alike is not."""

from __future__ import annotations

from random import Random

import pytest

from agent.quality import duplicates, leakage, near
from agent.quality.work import Work
from tests.unit.sentences import CASES, SHOP, of_kind, rows, sentences

SENTENCE = "¿Cuándo llega el pedido que hice la semana pasada?"


@pytest.mark.parametrize(
    "variant",
    [
        "¿Cuándo llega el pedido qeu hice la semana pasada?",
        "el pedido que hice la semana pasada cuándo llega",
        "Hola, ¿cuándo llega el pedido que hice la semana pasada, por favor?",
        "CUANDO LLEGA EL PEDIDO QUE HICE LA SEMANA PASADA",
        "¿Cuándo llega la compra que hice la semana pasada?",
    ],
)
def test_a_paraphrase_by_a_slip_a_word_or_their_order_is_near(variant: str) -> None:
    """Whatever its case, accents and politeness."""
    assert near.pairs_between([SENTENCE], [variant], 80.0)


@pytest.mark.parametrize("other", ["¿Cuándo abre la tienda?", "Hola", "???", ""])
def test_another_sentence_is_not_near(other: str) -> None:
    """Nor is one without a word."""
    assert near.pairs_between([SENTENCE, "???"], [other], 88.0) == []


def test_near_duplicates_of_one_intent_are_told_once_each() -> None:
    """The later row is the one that repeats; the same sentence again is told elsewhere."""
    given = {
        "envío": [SENTENCE, "¿Dónde está?", "¿Cuándo llega el pedido qeu hice la semana pasada?"]
    }
    found = duplicates.stage(Work(sentences({**SHOP, **given, "otro": [SENTENCE]})))
    (finding,) = of_kind(found, "near_duplicates")
    assert (rows(finding), finding.count) == (["examples.csv, line 20"], 1)
    assert found.figures["near_duplicates"]["within_an_intent"] == 1


def test_nearly_the_same_sentence_under_two_intents_is_told_with_both_rows() -> None:
    """One that differs in marks alone is told by the rules of states/intents."""
    given = {
        "envío": ["¿Cuándo llega el pedido de ayer?", "¿Dónde está?"],
        "compra": ["¿Cuándo llegará el pedido de ayer?", "Donde esta"],
    }
    (finding,) = of_kind(duplicates.stage(Work(sentences(given))), "near_contradictions")
    assert (rows(finding), finding.count) == (["examples.csv, line 2", "examples.csv, line 4"], 1)


def test_different_sentences_have_no_near_duplicate() -> None:
    """A shop's own words give no alarm."""
    assert duplicates.stage(Work(sentences(SHOP))).findings == []


def test_leaks_are_told_exact_and_near() -> None:
    """Each with the row of the case."""
    asked = {
        "comprar": ["quiero comprar una SILLA de madera", "Me interesa adquirir ese sofa azul ya"]
    }
    work = Work(sentences(SHOP), sentences({**asked, "devolver": ["Vuestro transporte"]}, CASES))
    found = leakage.stage(work)
    (exact,), (nearly,) = of_kind(found, "leakage"), of_kind(found, "near_leakage")
    assert (rows(exact), rows(nearly)) == (["cases.csv, line 2"], ["cases.csv, line 3"])
    assert found.figures["leakage"] == {"cases": 3, "exact": 1, "near": 1}


def test_a_leak_names_the_trained_sentence_it_is_like() -> None:
    """For two lists of any kind, such as training and validation."""
    trained = sentences(SHOP)
    (leak,) = leakage.find_leaks(trained, sentences({"comprar": ["cuanto cuesta la mesa grande"]}))
    assert (leak.trained, leak.is_exact) == (trained[1], False)


def test_a_template_filled_in_thousands_of_times_is_compared_in_bounded_work() -> None:
    """Every row is like every other: each still meets one that it repeats, and few more."""
    texts = [f"Quiero comprar el artículo {number}" for number in range(2_000)]
    pairs = near.pairs_within(texts, ["comprar"] * len(texts), 88.0)
    assert len({pair.other for pair in pairs}) > 1_980
    assert len(pairs) <= 3 * len(texts)


def test_the_same_data_is_judged_alike_whatever_came_before() -> None:
    """No hash of the process, no state."""
    texts = [
        f"{Random(n).choice(['quiero', 'deseo'])} la mesa {n % 7} de {n % 5}" for n in range(60)
    ]
    intents = [text[:6] for text in texts]
    found = near.pairs_within(texts, intents, 88.0)
    assert found == near.pairs_within(list(texts), intents, 88.0) != []


def test_a_search_among_a_million_can_be_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two pieces of the longer list."""
    monkeypatch.setattr(near, "_LIST", 4)
    paused = []
    leakage.find_leaks(sentences(SHOP), sentences(SHOP, CASES), lambda: paused.append(1))
    assert len(paused) == 4

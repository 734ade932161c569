"""What the names and numbers of the intents give away."""

from __future__ import annotations

import pytest

from states.intents.label_rules import check, labels_alike
from tests.unit.sentences import CASES, SHOP, of_kind, rows, sentences


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Pedido", "pedido"),
        ("pago tarjeta", "pago_tarjeta"),
        ("pago-tarjeta", "pagotarjeta"),
        ("devolución", "devolucion"),
        ("pago", "pagos"),
        ("envio", "evnio"),
        ("comprar", "compras"),
        ("comprar", "\u0441\u043emprar"),  # two letters of Cyrillic
    ],
)
def test_names_that_differ_in_a_slip_are_alike(one: str, other: str) -> None:
    """In case, space, hyphen, accent, or one letter."""
    assert list(labels_alike([one, "otra cosa", other])) == [(one, other)]


@pytest.mark.parametrize(
    ("one", "other"),
    [("alta", "baja"), ("si", "no"), ("item1", "item2"), ("C#", "C++"), ("abcd", "xbcde")],
)
def test_names_that_differ_on_purpose_are_not(one: str, other: str) -> None:
    """In a digit, in more than one letter, or where a name is so short that one letter is all."""
    assert list(labels_alike([one, other])) == []


def test_ten_thousand_numbered_intents_are_compared_at_once() -> None:
    """Every pair of them would be fifty million."""
    names = [f"intent_{number}" for number in range(10_000)]
    assert list(labels_alike([*names, "Intent_77"])) == [("intent_77", "Intent_77")]


def test_labels_alike_are_told_with_where_each_is_met_first() -> None:
    """And with the option that joins them, where it does: not where a letter differs."""
    (found,) = of_kind(check(sentences({"pago": ["a"] * 5, "pagó": ["b"] * 5}), []), "labels_alike")
    assert (rows(found), found.count) == (["examples.csv, line 2", "examples.csv, line 7"], 1)
    assert str(found.command) == "--merge-labels"
    (found,) = of_kind(
        check(sentences({"pago": ["a"] * 5, "Pagos": ["b"] * 5}), []), "labels_alike"
    )
    assert found.command is None


@pytest.mark.parametrize(("few", "is_told"), [(5, True), (6, False)])
def test_an_intent_ten_times_the_size_of_another_is_told(few: int, is_told: bool) -> None:
    """The model leans towards it; the row is where the small one begins."""
    given = sentences({"comprar": ["a"] * 50, "queja": ["b"] * few})
    found = of_kind(check(given, []), "imbalance")
    assert [rows(one) for one in found] == ([["examples.csv, line 52"]] if is_told else [])


def test_an_intent_too_small_to_split_is_told() -> None:
    """With four sentences, one at most is left to validate with; with five there is no word."""
    given = sentences({"comprar": ["a"] * 5, "queja": ["b"] * 4})
    (found,) = of_kind(check(given, []), "small_intents")
    assert "'queja'" in str(found.text)
    assert "'comprar'" not in str(found.text)


def test_an_intent_without_a_test_case_is_told() -> None:
    """Only where there are cases at all."""
    cases = sentences({"comprar": ["Busco una silla"]}, CASES)
    (found,) = of_kind(check(sentences(SHOP), cases), "intents_without_cases")
    assert (rows(found), found.count) == (["examples.csv, line 10"], 1)
    assert of_kind(check(sentences(SHOP), []), "intents_without_cases") == []

"""The number of cases that would decide: it does, in about four of five trials."""

from __future__ import annotations

import random

import pytest
from scipy.stats import binom

from states.evaluation.sample_size import (
    ALPHA,
    cases_to_compare,
    cases_to_notice,
    cases_to_reach,
    power_of,
)
from states.evaluation.statistics import mcnemar, wilson

TRIALS = 400


@pytest.mark.parametrize(
    "seen", [(3, 0, 40), (6, 2, 40), (12, 5, 60), (8, 3, 100), (30, 20, 400), (3, 8, 200)]
)
def test_the_stated_cases_decide_in_about_four_of_five_trials(seen: tuple[int, int, int]) -> None:
    """Simulated: pairs at the rates that were seen, judged by the exact test."""
    only_first, only_second, cases = seen
    wanted = cases_to_compare(*seen)
    assert wanted is not None
    assert wanted > cases
    chance = random.Random(20261127)
    rates, share = (only_first + only_second) / cases, only_first / (only_first + only_second)
    decided = 0
    for _ in range(TRIALS):
        discordant = _draw(chance, wanted, rates)
        first = _draw(chance, discordant, share)
        p = mcnemar(first, discordant - first)
        decided += p <= ALPHA and (2 * first > discordant) == (only_first > only_second)
    assert 0.74 <= decided / TRIALS <= 0.86


def _draw(chance: random.Random, total: int, share: float) -> int:
    """How many of so many, each with that probability."""
    return int(binom.ppf(chance.random(), total, share)) if total else 0


@pytest.mark.parametrize("rates", [(0.3, 0.1), (0.1, 0.05), (0.05, 0.0), (0.5, 0.1)])
@pytest.mark.parametrize("cases", [7, 40, 150])
def test_the_power_is_counted_out(rates: tuple[float, float], cases: int) -> None:
    """As SciPy's distributions give it, of all tables of so many cases."""
    expected = 0.0
    for discordant in range(cases + 1):
        weight = binom.pmf(discordant, cases, sum(rates))
        share = rates[1] / sum(rates)
        for lost in range(discordant // 2 + 1):
            if mcnemar(lost, discordant - lost) <= ALPHA:
                expected += weight * binom.pmf(lost, discordant, share)
    assert power_of(cases, *rates) == pytest.approx(float(expected), abs=1e-9)


def test_of_equal_ones_no_number_of_cases_shows_a_difference() -> None:
    """What can be said is how many would show one of five points."""
    assert cases_to_compare(4, 4, 40) is None
    assert cases_to_compare(0, 0, 40) is None
    assert cases_to_notice(0.05, 0.0) < cases_to_notice(0.05, 0.2)
    assert power_of(cases_to_notice(0.05, 0.2), 0.125, 0.075) == pytest.approx(0.81, abs=0.02)


def test_a_stricter_level_needs_more_cases() -> None:
    """As where several rivals are compared with."""
    assert (cases_to_compare(6, 2, 40, 0.05 / 3) or 0) > (cases_to_compare(6, 2, 40) or 0)
    assert cases_to_compare(2, 6, 40) == cases_to_compare(6, 2, 40)


def test_many_cases_are_no_trouble() -> None:
    """By the formula, which is within a hundredth there."""
    wanted = cases_to_compare(1600, 1500, 40_000)
    assert wanted is not None
    assert wanted > 40_000


@pytest.mark.parametrize(
    ("correct", "cases", "target"),
    [(36, 40, 0.8), (35, 40, 0.9), (38, 40, 0.9), (900, 1000, 0.91), (33, 40, 0.8)],
)
def test_the_interval_leaves_the_target_in_about_four_of_five_trials(
    correct: int, cases: int, target: float
) -> None:
    """On the side on which the accuracy is; the distribution is SciPy's."""
    wanted = cases_to_reach(correct, cases, target)
    assert wanted is not None
    share = correct / cases
    told = 0.0
    for right in range(wanted + 1):
        low, high = wilson(right, wanted)
        if low >= target if share > target else high < target:
            told += binom.pmf(right, wanted, share)
    assert float(told) == pytest.approx(0.8, abs=0.03)


def test_an_accuracy_at_the_target_leaves_it_by_no_number_of_cases() -> None:
    assert cases_to_reach(36, 40, 0.9) is None
    assert cases_to_reach(0, 0, 0.9) is None
    assert cases_to_reach(40, 40, 0.9) == 35  # even when all are right

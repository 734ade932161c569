"""Intervals and paired tests: as published, as SciPy and statsmodels compute them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from statsmodels.stats import contingency_tables
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from states.evaluation.statistics import at_most, holm, mcnemar, newcombe, wilson

COUNTS = st.integers(0, 300)


@pytest.mark.parametrize(
    ("correct", "total", "interval"),
    [
        (81, 263, (0.2553, 0.3662)),
        (15, 148, (0.0624, 0.1605)),
        (0, 20, (0.0000, 0.1611)),
        (1, 29, (0.0061, 0.1718)),
    ],
)
def test_wilsons_interval_is_as_published(
    correct: int, total: int, interval: tuple[float, float]
) -> None:
    """R. G. Newcombe, Two-sided confidence intervals for the single proportion, Statistics in
    Medicine 17 (1998) 857-872, Table I, method 3."""
    assert wilson(correct, total) == pytest.approx(interval, abs=5e-5)


@pytest.mark.parametrize(
    ("table", "interval"),
    [
        # Newcombe 1998, Statistics in Medicine 17, 2635-2650, the examples of his Table II.
        ((36, 12, 2, 0), (0.0569, 0.3404)),
        ((36, 14, 0, 0), (0.1528, 0.4167)),
        ((54, 0, 0, 0), (-0.0664, 0.0664)),
        # Altman, Machin, Bryant, Gardner, Statistics with Confidence (2000), pp. 52-53.
        ((14, 5, 0, 22), (0.0115, 0.2265)),
        ((212, 144, 256, 707), (-0.114, -0.055)),
        # Fagerland, Lydersen, Laake, Statistics in Medicine 33 (2014) 2850-2875: airways.
        ((1, 1, 7, 12), (-0.507, -0.026)),
    ],
)
def test_newcombes_interval_is_as_published(
    table: tuple[int, int, int, int], interval: tuple[float, float]
) -> None:
    assert newcombe(*table) == pytest.approx(interval, abs=6e-4)


@pytest.mark.parametrize(("pairs", "p"), [((1, 7), 0.0703), ((6, 16), 0.0525)])
def test_mcnemars_exact_p_is_as_published(pairs: tuple[int, int], p: float) -> None:
    """Fagerland, Lydersen, Laake, The McNemar test for binary matched-pairs data, BMC Medical
    Research Methodology 13 (2013) 91: the exact conditional test of both examples."""
    assert mcnemar(*pairs) == pytest.approx(p, abs=5e-5)
    assert mcnemar(*reversed(pairs)) == mcnemar(*pairs)


def test_holms_correction_is_as_published() -> None:
    """The example of Wikipedia, Holm-Bonferroni method: the first and the last are rejected.

    Benjamini, Hochberg, Journal of the Royal Statistical Society B 57 (1995) 289-300, 3.2: of
    fifteen, Bonferroni's and Hochberg's procedure, between which Holm's is, reject three.
    """
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    thrombolysis = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
        0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0,
    ]  # fmt: skip
    assert [p <= 0.05 for p in holm(thrombolysis)] == [True] * 3 + [False] * 12
    assert holm([]) == ()


@given(COUNTS, COUNTS)
@settings(max_examples=150, deadline=None)
def test_mcnemar_is_that_of_statsmodels(only_first: int, only_second: int) -> None:
    table = [[10, only_first], [only_second, 10]]
    expected = contingency_tables.mcnemar(table, exact=True).pvalue
    assert mcnemar(only_first, only_second) == pytest.approx(float(expected), rel=1e-9)


@pytest.mark.parametrize(
    "pairs", [(0, 0), (0, 1), (3, 3), (24_000, 26_000), (49_900, 50_100), (30_000, 31_000)]
)
def test_many_pairs_are_still_exact(pairs: tuple[int, int]) -> None:
    """No factorial overflows, and what is too small for a float is 0."""
    expected = binomtest(pairs[0], sum(pairs)).pvalue if sum(pairs) else 1.0
    assert mcnemar(*pairs) == pytest.approx(float(expected), rel=1e-8)
    assert mcnemar(0, 90_000) == 0.0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
@settings(max_examples=150, deadline=None)
def test_holm_is_that_of_statsmodels(values: list[float]) -> None:
    expected = multipletests(values, method="holm")[1]
    assert holm(values) == pytest.approx(expected.tolist(), abs=1e-12)


@given(COUNTS, COUNTS, COUNTS, COUNTS)
@settings(max_examples=200, deadline=None)
def test_newcombe_is_his_formula(both: int, first: int, second: int, neither: int) -> None:
    """Written down once more by Wilson's intervals of statsmodels and the matrix of the pairs."""
    total = both + first + second + neither
    if not total:
        assert newcombe(0, 0, 0, 0) == (-1.0, 1.0)
        return
    shares = np.array([both + first, both + second])
    low, high = proportion_confint(shares, total, method="wilson")
    point = shares / total
    margins = math.prod((both + first, both + second, first + neither, second + neither))
    excess = float(both * neither - first * second)
    excess = max(excess - total / 2, 0.0) if excess > 0 else excess
    phi = excess / math.sqrt(margins) if margins else 0.0
    pairing = np.array([[1.0, -phi], [-phi, 1.0]])
    below = np.array([point[0] - low[0], high[1] - point[1]])
    above = np.array([high[0] - point[0], point[1] - low[1]])
    expected = (
        point[0] - point[1] - math.sqrt(max(0.0, below @ pairing @ below)),
        point[0] - point[1] + math.sqrt(max(0.0, above @ pairing @ above)),
    )
    assert newcombe(both, first, second, neither) == pytest.approx(expected, abs=1e-7)
    assert newcombe(both, second, first, neither) == pytest.approx(
        (-expected[1], -expected[0]), abs=1e-7
    )


def test_an_interval_contains_what_was_seen_and_no_more_than_there_is() -> None:
    for table in ((0, 5, 0, 0), (0, 0, 3, 0), (7, 0, 0, 0), (0, 0, 0, 9), (1, 40, 2, 3)):
        low, high = newcombe(*table)
        assert -1.0 <= low <= (table[1] - table[2]) / sum(table) <= high <= 1.0


@given(st.integers(0, 400).flatmap(lambda n: st.tuples(st.integers(-1, n), st.just(n))))
@settings(max_examples=100, deadline=None)
def test_the_tail_of_a_fair_coin_is_summed_whole(tosses: tuple[int, int]) -> None:
    most, total = tosses
    expected = sum(math.comb(total, heads) for heads in range(most + 1)) / 2**total
    assert at_most(most, total) == pytest.approx(expected, rel=1e-12)

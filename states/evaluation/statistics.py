"""The arithmetic of proportions: intervals, and tests of pairs. Figures in, figures out.

scores.py, comparison.py and the rooms that show a share call it; sample_size.py says how many cases
a test needs. All of it is exact where that is possible, and takes milliseconds for a hundred
thousand cases. The tests compare it with SciPy, statsmodels and published examples.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

Z_95 = NormalDist().inv_cdf(0.975)  # two-sided 95 % quantile of the normal distribution
NEGLIGIBLE = 1e-17  # a term of a sum that no digit of a float shows any more


def wilson(correct: int, total: int, z: float = Z_95) -> tuple[float, float]:
    """Wilson's score interval of a proportion (Wilson 1927), as shares. (0, 1) for no cases.

    Unlike the normal approximation it is honest for the small counts seen here.
    """
    if total == 0:
        return (0.0, 1.0)
    share = correct / total
    centre = (share + z * z / (2 * total)) / (1 + z * z / total)
    spread = math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    half = z * spread / (1 + z * z / total)
    return (max(0.0, centre - half), min(1.0, centre + half))


def cases_for_half_width(accuracy: float, half: float) -> int:
    """Cases for an interval of Wilson's of ± `half` at this accuracy (0..1), in whole tens.

    The root of half² (n + z²)² = z² (n·p(1 - p) + z²/4). So even a perfect score asks for some.
    """
    square, spread = Z_95**2, accuracy * (1 - accuracy)
    inner = (square * spread) ** 2 + 4 * half**2 * square**2 * (0.25 - spread)
    cases = (square * spread + math.sqrt(inner)) / (2 * half**2) - square
    return math.ceil(round(cases / 10, 9)) * 10


def at_most(most: int, tosses: int) -> float:
    """The probability of at most `most` heads in `tosses` of a fair coin, exact to 14 digits."""
    if most < 0:
        return 0.0
    if 2 * most >= tosses:
        return 1.0 - at_most(tosses - most - 1, tosses)
    # The largest term by whole numbers, the smaller ones from it: nothing overflows.
    term = math.comb(tosses, most) / (1 << tosses)
    total = 0.0
    for heads in range(most, -1, -1):
        total += term
        term *= heads / (tosses - heads + 1)
        if term < NEGLIGIBLE * total:
            break
    return total


def mcnemar(only_first: int, only_second: int) -> float:
    """McNemar's exact two-sided p: that as lopsided a split of the discordant pairs is chance.

    `only_first`, `only_second`: cases that only one of the two got right (McNemar 1947; the exact
    form is a sign test, the smaller tail doubled). 1.0 without a discordant pair.
    """
    smaller = min(only_first, only_second)
    return min(1.0, 2 * at_most(smaller, only_first + only_second))


def newcombe(
    both: int, only_first: int, only_second: int, neither: int, z: float = Z_95
) -> tuple[float, float]:
    """The 95 % interval of the first's share minus the second's, of the same cases.

    Method 10 of R. G. Newcombe, Improved confidence intervals for the difference between binomial
    proportions based on paired data, Statistics in Medicine 17 (1998) 2635-2650: Wilson's
    intervals squared and added, less what the two have in common. (-1, 1) for no cases.
    """
    total = both + only_first + only_second + neither
    if total == 0:
        return (-1.0, 1.0)
    first, second = both + only_first, both + only_second
    common = _correlate(both, only_first, only_second, neither)
    (low_1, high_1), (low_2, high_2) = wilson(first, total, z), wilson(second, total, z)
    share_1, share_2 = first / total, second / total
    below = _join(share_1 - low_1, high_2 - share_2, common)
    above = _join(high_1 - share_1, share_2 - low_2, common)
    difference = (only_first - only_second) / total
    return (max(-1.0, difference - below), min(1.0, difference + above))


def _correlate(both: int, only_first: int, only_second: int, neither: int) -> float:
    """Newcombe's phi, with his correction for continuity; 0 where a margin is empty."""
    margins = (both + only_first) * (only_second + neither)
    margins *= (both + only_second) * (only_first + neither)
    if margins == 0:
        return 0.0
    excess: float = both * neither - only_first * only_second
    if excess > 0:
        excess = max(excess - (both + only_first + only_second + neither) / 2, 0.0)
    return excess / math.sqrt(margins)


def _join(one: float, other: float, common: float) -> float:
    # Not below 0, which rounding can make of two equal ones.
    return math.sqrt(max(0.0, one * one - 2 * common * one * other + other * other))


def holm(values: Sequence[float]) -> tuple[float, ...]:
    """The p values corrected for their number (Holm 1979), in the given order.

    The chance that any of them is falsely below a level is at most that level.
    """
    corrected = [0.0] * len(values)
    largest = 0.0
    for rank, place in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        largest = max(largest, min(1.0, values[place] * (len(values) - rank)))
        corrected[place] = largest
    return tuple(corrected)

"""How many test cases would decide: before a person writes them, or gives up. verdict.py asks.

Power 0.8: if the truth is what the answers show, four of five such trials decide.
"""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

from states.evaluation.statistics import NEGLIGIBLE, Z_95, at_most

ALPHA = 0.05  # two-sided: a difference that is none is believed in at most one of twenty trials
POWER = 0.8
MOST_EXACT = 150  # discordant pairs, up to which the power is counted out

_NORMAL = NormalDist()
_Z_POWER = _NORMAL.inv_cdf(POWER)


@lru_cache(maxsize=512)
def cases_to_compare(
    only_first: int, only_second: int, cases: int, alpha: float = ALPHA
) -> int | None:
    """Cases after which McNemar's exact test tells the two apart, in 80 % of all trials.

    The counts are those of `cases` cases; their rates are taken for the truth. None where both
    are equal: of equal ones no number of cases shows a difference.
    """
    if only_first == only_second:
        return None
    larger, smaller = sorted((only_first / cases, only_second / cases), reverse=True)
    most = _approximate(larger, smaller, alpha)
    if most * (larger + smaller) > MOST_EXACT:
        return most
    least = 1
    while least < most:
        middle = (least + most) // 2
        if power_of(middle, larger, smaller, alpha) >= POWER:
            most = middle
        else:
            least = middle + 1
    return least


def cases_to_notice(difference: float, discordant: float, alpha: float = ALPHA) -> int:
    """Cases that show a true difference of so much, where this share of the pairs is discordant.

    For two that are equal so far. Both are shares; there are never fewer discordant pairs than the
    difference needs.
    """
    larger = (max(discordant, difference) + difference) / 2
    return _approximate(larger, larger - difference, alpha)


def _approximate(larger: float, smaller: float, alpha: float) -> int:
    """From above: the sample size of R. J. Connor (Biometrics 43 (1987) 207-211) with a
    correction for continuity, since the test counts pairs."""
    difference, discordant = larger - smaller, larger + smaller
    spread = _NORMAL.inv_cdf(1 - alpha / 2) * math.sqrt(discordant)
    spread += _Z_POWER * math.sqrt(max(0.0, discordant - difference * difference))
    root = (spread + math.sqrt(spread * spread + 4 * difference)) / (2 * difference)
    return math.ceil(root * root)


def power_of(cases: int, larger: float, smaller: float, alpha: float = ALPHA) -> float:
    """The probability that McNemar's exact test finds the better one among `cases` cases.

    `larger`, `smaller`: the shares of the cases that only the better, only the worse gets right.
    """
    discordant = larger + smaller
    spread = 7 * math.sqrt(cases * discordant) + 7
    first = max(0, int(cases * discordant - spread))
    last = min(cases, int(cases * discordant + spread))
    return sum(
        _probability(pairs, cases, discordant)
        * _tail(_critical(pairs, alpha), pairs, smaller / discordant)
        for pairs in range(first, last + 1)
    )


def _probability(count: int, total: int, share: float) -> float:
    """Of `count` in `total` tosses of a coin that shows heads with probability `share`."""
    if share <= 0 or share >= 1:
        return float(count == (0 if share <= 0 else total))
    ways = math.lgamma(total + 1) - math.lgamma(count + 1) - math.lgamma(total - count + 1)
    return math.exp(ways + count * math.log(share) + (total - count) * math.log1p(-share))


def _tail(most: int, total: int, share: float) -> float:
    """Of at most `most`; only for a `most` below what is expected, as critical counts are."""
    if most < 0:
        return 0.0
    term = _probability(most, total, share)
    found = 0.0
    for count in range(most, -1, -1):
        found += term
        if share <= 0 or share >= 1:
            return float(share <= 0 or most >= total)
        term *= count * (1 - share) / ((total - count + 1) * share)
        if term < NEGLIGIBLE * found:
            break
    return found


@lru_cache(maxsize=4096)
def _critical(pairs: int, alpha: float) -> int:
    """The most of `pairs` that the worse may win, if the test is to decide; -1: it never does."""
    most = int(pairs / 2)
    while most >= 0 and 2 * at_most(most, pairs) > alpha:
        most -= 1
    return most


def cases_to_reach(correct: int, cases: int, target: float) -> int | None:
    """Cases after which Wilson's 95 % interval lies on one side of the target, in 80 % of trials.

    Above it or below it, as the accuracy so far does. None where that is the target itself.
    """
    if not cases or correct / cases == target:
        return None
    share = correct / cases
    # Wilson's bound is at the target where the score test just rejects it.
    spread = Z_95 * math.sqrt(target * (1 - target)) + _Z_POWER * math.sqrt(share * (1 - share))
    return max(1, math.ceil((spread / (share - target)) ** 2))


def round_up(cases: int) -> int:
    """To two digits: 1647 is about 1700."""
    step: int = 10 ** max(0, len(str(cases)) - 2)
    return math.ceil(cases / step) * step

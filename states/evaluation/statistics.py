"""The arithmetic of proportions: intervals, and how many cases they need. Figures in, figures out.

scores.py and the rooms that show a share call it.
"""

from __future__ import annotations

import math
from statistics import NormalDist

Z_95 = NormalDist().inv_cdf(0.975)  # two-sided 95 % quantile of the normal distribution


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
    """Cases for a 95 % interval of ± `half` at this accuracy.

    The accuracy is taken as at most 0.95, because a perfect score would ask for no case at all.
    """
    share = min(max(accuracy, 0.05), 0.95)
    return int(math.ceil(Z_95**2 * share * (1 - share) / half**2 / 10) * 10)

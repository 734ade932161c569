"""Many lives, each with replies drawn from its number: the search for one that goes wrong.

tests/crash/test_fuzz.py calls `prove`. A life is repeated by its number and the seed.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from tests.crash.fuzz.lives import Life, Orders, Stage, staged
from tests.crash.fuzz.replies import Reply, draw
from tests.crash.fuzz.requests import Op

SEED = int(os.environ.get("AFINADOR_FUZZ_SEED", "20261126"))


def draw_orders(number: int, *, slow: float, large: float) -> Orders:
    """What the service of that life answers: some of the truth, and replies of all kinds."""
    rng = random.Random(f"{SEED}:{number}")
    return {
        op: tuple(
            draw(rng, op, slow=slow, large=large) if rng.random() < 0.7 else None for _ in range(6)
        )
        for op in Op
    }


def prove(
    numbers: Iterator[int], least: int, wanted: Collection[Op], *, slow: float, large: float
) -> Counter[Op]:
    """Lives until so many hostile replies have been delivered; how many of each kind.

    Half as many more, at most, until there is one of each that is `wanted`."""
    found: Counter[Op] = Counter()
    with staged() as stage:
        for number in numbers:
            orders = draw_orders(number, slow=slow, large=large)
            life = stage.live(number, orders)
            if life.faults:
                raise AssertionError(explain(number, shrink(stage, number, orders, life)))
            found.update(reply.op for reply in life.delivered)
            is_rich = set(wanted) <= set(found) or found.total() >= 1.5 * least
            if found.total() >= least and is_rich:
                break
    return found


def explain(number: int, life: Life) -> str:
    """What went wrong, after which replies, and how it is repeated."""
    return "\n  ".join(
        [
            f"life {number} (AFINADOR_FUZZ_SEED={SEED} AFINADOR_FUZZ_LIFE={number}):",
            *life.faults[:2],
            "after these replies:",
            *map(str, life.delivered),
        ]
    )


def shrink(stage: Stage, number: int, orders: Orders, life: Life) -> Life:
    """The life with the fewest replies, and the simplest, that was seen to have a fault."""
    chosen: Iterator[Orders] = _alone(orders, life.delivered)
    for _ in range(3):
        for simpler in chosen:
            tried = stage.live(number, simpler)
            if tried.faults:
                orders, life = simpler, tried
                break
        chosen = _simpler(orders)
    return life


def _alone(orders: Orders, delivered: Sequence[Reply]) -> Iterator[Orders]:
    """Each reply by itself, at its place: the last one first, which probably did it."""
    for reply in reversed(delivered):
        at = orders[reply.op].index(reply)
        yield {reply.op: (*(None for _ in range(at)), reply)}


def _simpler(orders: Orders) -> Iterator[Orders]:
    """Without one of the replies, or with a simpler one."""
    for op, row in orders.items():
        for at, reply in enumerate(row):
            for other in () if reply is None else (None, *reply.simpler()):
                yield {**orders, op: (*row[:at], other, *row[at + 1 :])}

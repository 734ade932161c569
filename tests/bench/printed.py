"""What was measured, as people read it: medians, between which values they lie, and ratios."""

from __future__ import annotations

import os
import statistics
from collections.abc import Sequence
from typing import Any

from tests.bench.harness import Found, Goal, Table


def lines(found: Found) -> list[str]:
    names = [runner.name for runner in found.table.runners]
    width = max(map(len, names))
    rows = [f"  {'':{width}}" + "".join(f"  {head:>24}" for head in _heads(found.table))]
    for name in names:
        if name in found.missing:
            rows.append(f"  {name:{width}}  not measured: {found.missing[name]}")
            continue
        cells = (show(list(found.values(name, one).values())) for one in found.table.figures)
        rows.append(f"  {name:{width}}" + "".join(f"  {cell:>24}" for cell in cells))
    return rows + [f"  {judged(found, goal)}" for goal in found.table.goals]


def _heads(table: Table) -> list[str]:
    return [f"{name} {unit}".strip() for name, unit in table.figures.items()]


def judged(found: Found, goal: Goal) -> str:
    """The goal, what was measured of it, and whether the median meets it."""
    values = found.judge(goal)
    if not values:
        return f"{goal.describe()}: not measured"
    met = "met" if goal.is_met(statistics.median(values)) else "MISSED"
    return f"{goal.describe()}: {show(values)} {met}"


def show(values: Sequence[float]) -> str:
    """The median, and between which it lies."""
    if not values:
        return "–"
    if len(values) == 1:
        return _short(values[0])
    return f"{_short(statistics.median(values))} ({_short(min(values))}–{_short(max(values))})"


def _short(value: float) -> str:
    """Three figures that count."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def to_json(found: Found) -> dict[str, Any]:
    """What was measured, for who compares two runs: every value of every round."""
    table = found.table
    return {
        "table": table.title,
        "load": os.getloadavg()[0],
        "figures": dict(table.figures),
        "rounds": {name: list(rounds.values()) for name, rounds in found.rounds.items()},
        "missing": found.missing,
        "goals": [{"goal": goal.describe(), "rounds": found.judge(goal)} for goal in table.goals],
    }

"""Charts as data: where each line, bar and dot lies. templates/_charts.html draws them as SVG.

Every chart carries its figures as a table as well, for whoever does not see it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 400, 250  # units of the picture; a phone shows it at about nine tenths
LEFT, RIGHT, TOP, BOTTOM = 46, 24, 20, 42
Pair = tuple[float, float]


@dataclass(frozen=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True)
class Line:
    """`look`: the class that styles it; `path`: the `d` of an SVG path."""

    look: str
    path: str


@dataclass(frozen=True)
class Dot:
    look: str
    x: float
    y: float
    radius: float = 3.5


@dataclass(frozen=True)
class Bar:
    look: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Whisker:
    x: float
    low: float
    high: float


@dataclass(frozen=True)
class Note:
    """A word inside the picture."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Chart:
    """`summary` is what a screen reader says of it; `header` and `rows` are its table."""

    id: str
    title: str
    summary: str
    x_label: str
    y_label: str
    x_ticks: Sequence[Tick]
    y_ticks: Sequence[Tick]
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    lines: Sequence[Line] = ()
    dots: Sequence[Dot] = ()
    bars: Sequence[Bar] = ()
    whiskers: Sequence[Whisker] = ()
    notes: Sequence[Note] = ()
    legend: Sequence[tuple[str, str]] = ()  # (look, label)


@dataclass(frozen=True)
class Frame:
    """The scales of a chart: values in, places in the picture out."""

    x_range: Pair
    y_range: Pair

    def x(self, value: float) -> float:
        return round(LEFT + _share(value, self.x_range) * (WIDTH - LEFT - RIGHT), 1)

    def y(self, value: float) -> float:
        return round(HEIGHT - BOTTOM - _share(value, self.y_range) * (HEIGHT - TOP - BOTTOM), 1)

    def path(self, points: Sequence[Pair]) -> str:
        """A line through the points, in values."""
        steps = (f"{self.x(x)} {self.y(y)}" for x, y in points)
        return "M" + "L".join(steps) if points else ""

    def area(self, lower: Sequence[Pair], upper: Sequence[Pair]) -> str:
        """The band between two lines."""
        return self.path([*lower, *reversed(upper)]) + "Z" if lower else ""

    def bar(self, look: str, edges: Pair, values: Pair) -> Bar:
        """From one value up to another, with a little air between neighbours."""
        left, right = self.x(edges[0]), self.x(edges[1])
        top, bottom = self.y(values[1]), self.y(values[0])
        return Bar(look, left + 0.5, top, max(round(right - left - 1, 1), 0.5), bottom - top)


def _share(value: float, between: Pair) -> float:
    low, high = between
    return 0.5 if high == low else min(max((value - low) / (high - low), 0.0), 1.0)


def round_steps(low: float, high: float, most: int = 6) -> list[float]:
    """Round numbers that cover `low`..`high`, at most about `most` of them, ascending."""
    span = high - low if high > low else abs(high) or 1.0
    rough = span / max(most - 1, 1)
    power = 10.0 ** _exponent(rough)
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
    first = int(low // step)
    last = -int(-(low + span) // step)
    return [round(number * step, 10) for number in range(first, last + 1)]


def _exponent(value: float) -> int:
    exponent = 0
    while value >= 10:
        value, exponent = value / 10, exponent + 1
    while value < 1:
        value, exponent = value * 10, exponent - 1
    return exponent


def thin(rows: Sequence[object], most: int) -> list[int]:
    """The places of at most `most` rows, evenly, with the first and the last."""
    count = len(rows)
    if count <= most:
        return list(range(count))
    return sorted({round(number * (count - 1) / (most - 1)) for number in range(most)})

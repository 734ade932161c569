"""What became of each intent, and which were taken for which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.report.speech import NOTHING, Speech
from states.intents.forms import NO_INTENT
from states.text import say

Json = Mapping[str, Any]

MOST_IN_HEAT_MAP = 25  # intents; of more, a picture shows less than the worst pairs do
MOST_PAIRS = 25
DEPTHS = 5  # shades of a cell that is not zero
MOST_CONFUSED = 3  # intents named in a row


@dataclass(frozen=True)
class Cell:
    """A figure as it is read, and as it is sorted."""

    text: str
    value: float


@dataclass(frozen=True)
class IntentRow:
    name: str
    support: int
    correct: int
    precision: Cell
    recall: Cell
    f1: Cell
    interval: Cell
    low: float  # of the interval, percent of the axis
    high: float
    point: float
    confused_with: str


@dataclass(frozen=True)
class Count:
    """One cell of the heat map. `depth`: 0 for nothing, up to DEPTHS for a whole row."""

    count: int
    depth: int
    is_right: bool
    says: str


@dataclass(frozen=True)
class HeatMap:
    answered: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Count]]]


@dataclass(frozen=True)
class Pair:
    expected: str
    answered: str
    count: int


def intent_name(name: str | None, speech: Speech) -> str:
    """The name, or words for an answer or a case without one."""
    return speech.tell(say("no intent")) if name in (None, NO_INTENT) else str(name)


def list_intents(answers: Json, speech: Speech) -> list[IntentRow]:
    """The worst first."""
    per_intent = answers["per_intent"]
    pairs = _pairs_of(answers["confusion_matrix"])
    floor = _floor([found["interval_95"][0] for found in per_intent.values()])
    rows = [_to_row(name, found, pairs, floor, speech) for name, found in per_intent.items()]
    return sorted(rows, key=lambda row: (row.f1.value, row.recall.value, -row.support, row.name))


def _floor(shares: Sequence[float]) -> float:
    """The tenth below all of them: where the axis begins, so that differences are seen."""
    return min([int(share * 10) / 10 for share in shares] + [0.9])


def _place(share: float, floor: float) -> float:
    return round(100 * max(share - floor, 0.0) / (1 - floor), 1)


def _to_row(
    name: str, found: Json, pairs: Sequence[Pair], floor: float, speech: Speech
) -> IntentRow:
    recall = found.get("recall", found["accuracy"])
    low, high = found["interval_95"]
    f1 = found.get("f1")
    confused = found.get("confused_with")
    if confused is None:
        confused = [{"intent": p.answered, "count": p.count} for p in pairs if p.expected == name]
    named = [f"{intent_name(c['intent'], speech)} ({c['count']})" for c in confused[:MOST_CONFUSED]]
    return IntentRow(
        name=intent_name(name, speech),
        support=found.get("support", found["cases"]),
        correct=found["correct"],
        precision=_cell(found.get("precision"), speech),
        recall=_cell(recall, speech),
        f1=_cell(f1, speech),
        interval=Cell(speech.interval((low, high), 0), low),
        low=_place(low, floor),
        high=_place(high, floor),
        point=_place(recall or 0.0, floor),
        confused_with=", ".join(named) + (", …" if len(confused) > MOST_CONFUSED else "")
        or NOTHING,
    )


def _cell(share: float | None, speech: Speech) -> Cell:
    return Cell(speech.percent(share), -1.0 if share is None else share)


def _pairs_of(matrix: Mapping[str, Mapping[str, int]]) -> list[Pair]:
    """What was taken for something else, the most frequent first."""
    found = [
        Pair(expected, answered, count)
        for expected, row in matrix.items()
        for answered, count in row.items()
        if count and answered != expected
    ]
    return sorted(found, key=lambda pair: (-pair.count, pair.expected, pair.answered))


def list_pairs(answers: Json, speech: Speech) -> list[Pair]:
    """The worst pairs, bounded."""
    return [
        Pair(intent_name(p.expected, speech), intent_name(p.answered, speech), p.count)
        for p in _pairs_of(answers["confusion_matrix"])[:MOST_PAIRS]
    ]


def draw_heat_map(answers: Json, speech: Speech) -> HeatMap | None:
    """None where there are too many intents to see anything."""
    matrix = answers["confusion_matrix"]
    expected = [name for name, row in matrix.items() if any(row.values())]
    if not expected or len(matrix) > MOST_IN_HEAT_MAP:
        return None
    answered = list(dict.fromkeys(name for name in (*matrix, *_columns(matrix))))
    answered = [n for n in answered if n in expected or any(matrix[e].get(n) for e in expected)]
    rows = [
        (intent_name(e, speech), [_to_count(e, a, matrix[e], speech) for a in answered])
        for e in expected
    ]
    return HeatMap([intent_name(name, speech) for name in answered], rows)


def _columns(matrix: Mapping[str, Mapping[str, int]]) -> list[str]:
    return [name for row in matrix.values() for name in row]


def _to_count(expected: str, answered: str, row: Mapping[str, int], speech: Speech) -> Count:
    count, total = row.get(answered, 0), sum(row.values())
    depth = 0 if not count else 1 + round((DEPTHS - 1) * count / total)
    told = say(
        "{expected}, answered {answered}: {number} of {total}",
        expected=intent_name(expected, speech),
        answered=intent_name(answered, speech),
        number=count,
        total=total,
    )
    return Count(count, depth, expected == answered, speech.tell(told) if count else "")

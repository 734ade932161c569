"""How far the model's own probability can be relied upon: three charts, each with its table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.report.plot import Chart, Dot, Frame, Line, Note, Tick, Whisker, round_steps, thin
from agent.report.speech import Speech
from states.text import say

Json = Mapping[str, Any]

MOST_ROWS = 21  # of a table beneath a chart
FEWEST_FOR_A_MARK = 5  # cases in a bin of the reliability diagram that is drawn full


@dataclass(frozen=True)
class Confidence:
    scored: int
    ece: str | None
    charts: Sequence[Chart]


def draw_confidence(answers: Json, speech: Speech) -> Confidence | None:
    """None where nobody scored an answer: a number is never made up."""
    found = answers.get("confidence")
    if not found or not found.get("scored"):
        return None
    charts = [
        draw(found, speech)
        for key, draw in (
            ("coverage", _draw_coverage),
            ("reliability", _draw_reliability),
            ("histogram", _draw_histogram),
        )
        if found.get(key)
    ]
    ece = found.get("ece")
    return Confidence(found["scored"], None if ece is None else speech.number(ece, 3), charts)


def _percents(low: float, high: float, speech: Speech, frame_of: Any) -> list[Tick]:
    steps = [step for step in round_steps(low, high) if low - 1e-9 <= step <= high + 1e-9]
    return [Tick(frame_of(step), speech.percent(step, 0)) for step in steps]


def _floor(shares: Sequence[float]) -> float:
    """The round share below all of them, at which an axis may begin."""
    return max(round_steps(min([*shares, 0.9]), 1.0)[0], 0.0)


def _draw_coverage(found: Json, speech: Speech) -> Chart:
    rows = sorted(found["coverage"], key=lambda row: row["coverage"])
    rows = [row for row in rows if row.get("accuracy") is not None]
    bounds = [row.get("interval_95") or (row["accuracy"],) * 2 for row in rows]
    # Of a handful of answers the interval is as wide as the picture: it may leave it.
    enough = [low for row, (low, _) in zip(rows, bounds, strict=True) if row["coverage"] >= 0.2]
    bottom = _floor(enough)
    frame = Frame((0.0, 1.0), (bottom, 1.0))
    band = (
        [(row["coverage"], low) for row, (low, _) in zip(rows, bounds, strict=True)],
        [(row["coverage"], high) for row, (_, high) in zip(rows, bounds, strict=True)],
    )
    line = [(row["coverage"], row["accuracy"]) for row in rows]
    shown = [rows[place] for place in thin(rows, MOST_ROWS)]
    return Chart(
        "coverage",
        speech.tell(say("Accuracy of the answers that are kept")),
        speech.tell(
            say(
                "If only the surest answers are used and the others go to a person: the share that"
                " is answered, and how many of those are right."
            )
        ),
        speech.tell(say("share of cases answered")),
        speech.tell(say("accuracy of those")),
        _percents(0.0, 1.0, speech, frame.x),
        _percents(bottom, 1.0, speech, frame.y),
        [
            speech.tell(say("from probability")),
            speech.tell(say("answered")),
            speech.tell(say("accuracy")),
            speech.tell(say("95 % interval")),
        ],
        [
            [
                speech.number(row.get("threshold"), 2),
                speech.percent(row["coverage"]),
                speech.percent(row["accuracy"]),
                speech.interval(row.get("interval_95")),
            ]
            for row in shown
        ],
        lines=[Line("band", frame.area(*band)), Line("main", frame.path(line))],
        dots=[Dot("main", frame.x(x), frame.y(y), 2.5) for x, y in line] if len(line) < 30 else [],
    )


def _draw_reliability(found: Json, speech: Speech) -> Chart:
    rows = [row for row in found["reliability"] if row["count"]]
    frame = Frame((0.0, 1.0), (0.0, 1.0))
    centres = [frame.x(row["mean_confidence"]) for row in rows]
    return Chart(
        "reliability",
        speech.tell(say("Does its probability mean what it says?")),
        speech.tell(
            say(
                "On the diagonal an answer of 80 % is right in 80 % of the cases. Below it the"
                " model is too sure of itself. The numbers are counts of cases."
            )
        ),
        speech.tell(say("probability that the model gave")),
        speech.tell(say("share that was right")),
        _percents(0.0, 1.0, speech, frame.x),
        _percents(0.0, 1.0, speech, frame.y),
        [
            speech.tell(say("probability")),
            speech.tell(say("cases")),
            speech.tell(say("mean probability")),
            speech.tell(say("right")),
            speech.tell(say("95 % interval")),
        ],
        [
            [
                speech.interval((row["low"], row["high"]), 0),
                speech.number(row["count"]),
                speech.percent(row["mean_confidence"]),
                speech.percent(row["accuracy"]),
                speech.interval(row.get("interval_95")),
            ]
            for row in rows
        ],
        lines=[Line("diagonal", frame.path([(0.0, 0.0), (1.0, 1.0)]))],
        whiskers=[
            Whisker(x, frame.y(row["interval_95"][0]), frame.y(row["interval_95"][1]))
            for x, row in zip(centres, rows, strict=True)
            if row.get("interval_95")
        ],
        dots=[
            Dot(
                "main" if row["count"] >= FEWEST_FOR_A_MARK else "faint",
                x,
                frame.y(row["accuracy"]),
            )
            for x, row in zip(centres, rows, strict=True)
        ],
        notes=[
            Note(x - 5, frame.y(row["accuracy"]) - 6, speech.number(row["count"]))
            for x, row in zip(centres, rows, strict=True)
        ],
    )


def _draw_histogram(found: Json, speech: Speech) -> Chart:
    edges, right, wrong = (found["histogram"][key] for key in ("edges", "right", "wrong"))
    bins = list(zip(edges[:-1], edges[1:], right, wrong, strict=True))
    steps = round_steps(0.0, max([r + w for r, w in zip(right, wrong, strict=True)] + [1]))
    frame = Frame((edges[0], edges[-1]), (0.0, steps[-1]))
    names = speech.tell(say("right")), speech.tell(say("wrong"))
    return Chart(
        "histogram",
        speech.tell(say("How sure it is when right and when wrong")),
        speech.tell(
            say(
                "Wrong answers far to the right are the ones that no threshold catches: the model"
                " was sure of them."
            )
        ),
        speech.tell(say("probability that the model gave")),
        speech.tell(say("cases")),
        _percents(edges[0], edges[-1], speech, frame.x),
        [Tick(frame.y(step), speech.number(step)) for step in steps if step == int(step)],
        [speech.tell(say("probability")), *names],
        [
            [speech.interval((low, high), 0), speech.number(r), speech.number(w)]
            for low, high, r, w in bins
        ],
        bars=[
            bar
            for low, high, r, w in bins
            for bar in (
                frame.bar("wrong", (low, high), (0.0, w)),
                frame.bar("right", (low, high), (w, w + r)),
            )
            if bar.height > 0
        ],
        legend=[("right", names[0]), ("wrong", names[1])],
    )

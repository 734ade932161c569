"""The loss curve of the training, and where data, job, model and cases came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.report.plot import Chart, Dot, Frame, Line, Tick, round_steps, thin
from agent.report.speech import NOTHING, Speech
from states.text import Text, say

Json = Mapping[str, Any]

MOST_POINTS = 400  # of a line; more is not seen
MOST_ROWS = 13  # of the table beneath
COLUMNS: tuple[tuple[str, str, Text], ...] = (
    ("train_loss", "train", say("training loss")),
    ("valid_loss", "valid", say("validation loss")),
    ("full_valid_loss", "full", say("validation loss, all of it")),
)


@dataclass(frozen=True)
class Link:
    """One step of the lineage. `value`: an identifier; `note`: what it is of."""

    title: str
    value: str
    note: str = ""


def draw_loss(tuning: Json, speech: Speech) -> Chart | None:
    """None where the service gave no curve."""
    rows = tuning.get("loss_curve") or []
    series = [
        (look, speech.tell(title), [(r["step"], r[key]) for r in rows if r.get(key) is not None])
        for key, look, title in COLUMNS
    ]
    series = [one for one in series if one[2]]
    if not series:
        return None
    heights = sorted(value for _, _, points in series for _, value in points)
    # A first loss of 40 would flatten all that comes after it.
    top = heights[min(int(len(heights) * 0.99), len(heights) - 1)]
    steps = round_steps(0.0, top)
    frame = Frame((rows[0]["step"], rows[-1]["step"]), (0.0, steps[-1]))
    return Chart(
        "loss",
        speech.tell(say("Loss during the training")),
        speech.tell(
            say(
                "Both falling: it learns. The validation loss rising while the training loss falls:"
                " it learns the sentences by heart."
            )
        ),
        speech.tell(say("step")),
        speech.tell(say("loss")),
        [
            Tick(frame.x(step), speech.number(step))
            for step in round_steps(*frame.x_range)
            if frame.x_range[0] <= step <= frame.x_range[1] and step == int(step)
        ],
        [Tick(frame.y(step), speech.number(step, 0 if top > 5 else 2)) for step in steps],
        [speech.tell(say("step")), *(title for _, title, _ in series)],
        _table(rows, speech),
        lines=[Line(look, frame.path(_thinned(points))) for look, _, points in series],
        dots=_mark_checkpoint(tuning, series, frame),
        legend=[(look, title) for look, title, _ in series],
    )


def _thinned(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    return [points[place] for place in thin(points, MOST_POINTS)]


def _table(rows: Sequence[Json], speech: Speech) -> list[list[str]]:
    keys = [key for key, _, _ in COLUMNS if any(row.get(key) is not None for row in rows)]
    full = [row for row in rows if all(row.get(key) is not None for key in keys)] or rows
    return [
        [speech.number(row["step"]), *(speech.number(row.get(key), 3) for key in keys)]
        for row in (full[place] for place in thin(full, MOST_ROWS))
    ]


def _mark_checkpoint(tuning: Json, series: Sequence[Any], frame: Frame) -> list[Dot]:
    """Where the model comes from, if that is not the end of the curve."""
    step = (tuning.get("checkpoint") or {}).get("step")
    marks = [
        (point, look)
        for look, _, points in series
        for point in points
        if look in ("valid", "full") and point[0] == step
    ]
    return [Dot("mark", frame.x(x), frame.y(y), 6.0) for (x, y), _ in marks[-1:]]


def trace(tuning: Json, answers: Json, speech: Speech) -> list[Link]:
    """From the data to the answers, by what identifies each: who doubts a figure can follow it."""
    kept = answers.get("lineage") or {}
    asked = tuning.get("hyperparameters_resolved") or tuning.get("hyperparameters_asked") or {}
    found = [
        Link(speech.tell(say("sentences")), _digest(kept.get("examples_sha256")), "SHA-256"),
        Link(speech.tell(say("training file")), _digest(kept.get("training_sha256")), "SHA-256"),
        Link(speech.tell(say("at the service")), _name(tuning.get("training_file"))),
        Link(
            speech.tell(say("validation file")), _digest(kept.get("validation_sha256")), "SHA-256"
        ),
        Link(speech.tell(say("at the service")), _name(tuning.get("validation_file"))),
        Link(
            speech.tell(say("training job")), _name(tuning.get("job_id")), _describe(asked, tuning)
        ),
        Link(speech.tell(say("base model")), _name(tuning.get("base_model"))),
        Link(speech.tell(say("tuned model")), _name(answers.get("model")), _step(tuning, speech)),
        Link(speech.tell(say("deployment")), _name(answers.get("deployment"))),
        Link(speech.tell(say("test cases")), _digest(kept.get("cases_sha256")), _source(answers)),
    ]
    return [link for link in found if link.value != NOTHING or link.note]


def _digest(sha256: str | None) -> str:
    return sha256 or NOTHING


def _name(value: Any) -> str:
    return NOTHING if value is None else str(value)


def _step(tuning: Json, speech: Speech) -> str:
    chosen = tuning.get("checkpoint")
    if not chosen:
        return ""
    return speech.tell(say("the checkpoint of step {step}", step=chosen["step"]))


def _source(answers: Json) -> str:
    return str(answers.get("cases_from") or "")


def _describe(asked: Json, tuning: Json) -> str:
    told = {**asked, "seed": tuning.get("seed"), "trained_tokens": tuning.get("trained_tokens")}
    return ", ".join(f"{name} {value}" for name, value in told.items() if value is not None)

"""The loss curve: a table that exporters and gateways have had their hands on."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.resources.catalog import PackagedCatalog
from states.errors import AfinadorError, NeedsOperator, NotFound, Permanent, Throttled, Unclear
from states.evaluation import loss_curve
from states.evaluation.evidence import Evidence
from states.evaluation.loss_curve import LossCurve
from states.evaluation.suggestions import suggest
from states.facts import known
from states.places import Result
from states.state import State
from tests.unit.answered import right_of
from tests.unit.desk import Desk

TWO = [{"step": 1, "train_loss": 2.0}, {"step": 2, "train_loss": 1.0}]


@pytest.mark.parametrize(
    "content",
    [
        b"step,train_loss\n1,2.0\n2,1.0\n",
        b"Step,Train Loss\n1,2.0\n2,1.0\n",
        b"STEP, Train-Loss \r\n1,2.0\r\n2,1.0\r\n",
        b'"step","train_loss"\n"1","2.0"\n"2","1.0"\n',
        b"step;train_loss\n1;2,0\n2;1,0\n",
        b"step\ttrain_loss\n1\t2.0\n2\t1.0\n",
        b"\n\n\xef\xbb\xbfstep,train_loss\n1,2.0\n\n2,1.0".lstrip(b"\n"),
        b"step,train_loss\n1.0,2.0,,,\n2e0,1.0\n",
        b"s\x00tep,train_loss\n1,2.0\n2,1.0\n",
        b"sep=;\nstep;train_loss\n1;2,0\n2;1,0\n",
        b"# ftjob-1, exported\n\nstep,train_loss\n1,2.0\n2,1.0\n",
        b"step|train_loss\n1|2.0\n2|1.0\n",
        b"Global Step,train_loss\n1,2.0\n2,1.0\n",
        "step,train_loss\n1,2.0\n2,1.0\n".encode("utf-16"),
        "\ufeffstep,train_loss\n1,2.0\n2,1.0\n".encode("utf-16-be"),
        base64.b64encode(b"step,train_loss\n1,2.0\n2,1.0\n"),
        base64.encodebytes(b"step,train_loss\n1,2.0\n2,1.0\n"),
        json.dumps("step,train_loss\n1,2.0\n2,1.0\n").encode(),
    ],
)
def test_one_curve_in_many_spellings(content: bytes) -> None:
    """Case, spaces, quotes, delimiters, decimal commas, a byte-order mark; lines before the names;
    as Base64, which the service gives at times, as UTF-16, as a text within JSON.
    """
    curve = loss_curve.parse(content)
    assert [dict(row) for row in curve.rows] == TWO
    assert (curve.diverged_at, curve.unreadable) == (None, 0)


@pytest.mark.parametrize(
    "odd", ["n/a,2.0", "nan,2.0", "Epoch 1,2.0", "inf,1", "summary", '"', "," * 9]
)
def test_a_line_that_is_no_step_is_left_out_and_counted(odd: str) -> None:
    """The others are read."""
    curve = loss_curve.parse(f"step,train_loss\n1,2.0\n{odd}\n2,1.0\n".encode())
    assert [dict(row) for row in curve.rows] == TWO
    assert curve.unreadable == 1


def test_a_cell_that_is_huge_is_no_number() -> None:
    """Longer than the csv module itself would take."""
    curve = loss_curve.parse(b"step,train_loss,note\n1,2.0," + b"x" * 200_000 + b"\n2,1.0,\n")
    assert [(row["step"], row["train_loss"]) for row in curve.rows] == [(1, 2.0), (2, 1.0)] or (
        [row["step"] for row in curve.rows] == [2] and curve.unreadable == 1
    )


def test_a_column_of_steps_alone_is_not_taken_for_base64() -> None:
    curve = loss_curve.parse(b"step\n" + b"\n".join(b"%d" % step for step in range(1, 13)))
    assert len(curve.rows) == 12


@pytest.mark.parametrize(
    "lost", ["nan", "NaN", "inf", "-Infinity", "1.#QNAN", "-nan(ind)", "1.#INF00"]
)
def test_a_loss_that_is_no_number_any_more_is_advice(lost: str) -> None:
    """None in the curve, so that JSON stays JSON; and the first such step is named."""
    curve = loss_curve.parse(f"step,train_loss,valid_loss\n1,2.0,\n2,{lost},\n3,{lost},\n".encode())
    assert [row["train_loss"] for row in curve.rows] == [2.0, None, None]
    assert curve.diverged_at == 2
    json.dumps([dict(row) for row in curve.rows], allow_nan=False)
    bounds = PackagedCatalog().service["analysis"]
    first = suggest(Evidence(right_of({"a": (380, 400)}), curve), bounds)[0]
    assert first.kind == "diverged"
    assert "step 2" in str(first.text)


@pytest.mark.parametrize("page", [b"<html>log in</html>", b"{}", b"\xff\xfe\x00", b"a,b\n1,2\n"])
def test_what_is_no_curve_is_said_to_be_none(page: bytes) -> None:
    """A log-in page in its place, say."""
    curve = loss_curve.parse(page)
    assert curve.rows == ()
    assert curve.unreadable > 0
    assert loss_curve.parse(b"") == LossCurve()


@given(st.binary(max_size=300))
@settings(max_examples=300, deadline=None)
def test_no_bytes_break_it(content: bytes) -> None:
    """Whatever they are, also behind a good header."""
    for whole in (content, b"step,train_loss\n" + content):
        curve = loss_curve.parse(whole)
        json.dumps([dict(row) for row in curve.rows], allow_nan=False)


@pytest.mark.parametrize("what", ["content", "events"])
@pytest.mark.parametrize(
    "trouble",
    [
        NotFound("gone"),
        NeedsOperator("no role", heals=True),
        Permanent("400"),
        Unclear("502"),
        Throttled("busy"),
    ],
)
def test_what_only_decorates_a_training_stops_none(
    what: str, trouble: AfinadorError, desk: Desk
) -> None:
    """It is trained and paid for: TRAINED, with one warning that names what is missing."""
    desk.go(State.TRAINING)
    desk.cloud.before[what] = [trouble] * 9
    project = desk.go(State.TRAINED)
    assert (project.hold, desk.cloud.sent.count("create_job")) == (None, 1)
    note = str(desk.store.history("tienda")[-1].note)
    assert ("events" if what == "events" else "loss curve") in note
    assert trouble.args[0] in note
    desk.results.publish(project)
    info = json.loads((desk.home / Result.TUNING_INFO).read_text())
    assert info["fine_tuned_model"] == known(project.facts.trained).model
    assert (info["events"] == []) is (what == "events")


def test_events_that_cannot_be_read_hold_up_no_training(desk: Desk) -> None:
    """While it goes on they only tell how far it is."""
    desk.cloud.job_status = "running"
    desk.go(State.TRAINING)
    desk.cloud.before["events"] = [NeedsOperator("no role", heals=True)] * 9
    for _ in range(3):
        desk.clock.spend(10)
        assert desk.tick().outcome == "waiting"
    assert desk.project().hold is None


def test_a_file_of_any_size_takes_bounded_time_and_memory() -> None:
    """What is beyond the bounds counts as unreadable, or is left out."""
    lines = b"step,train_loss\n" + b"1,2.0\n" * (loss_curve.MOST_STEPS + 7)
    curve = loss_curve.parse(lines)
    assert (len(curve.rows), curve.unreadable) == (loss_curve.MOST_STEPS, 7)
    wide = b"step," + b",".join(b"c%d" % number for number in range(10_000))
    curve = loss_curve.parse(wide + b"\n1," + b"2," * 10_000 + b"\n")
    assert len(curve.rows[0]) == loss_curve.MOST_COLUMNS

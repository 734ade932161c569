"""When a 404 is believed: one rule for files, jobs, deployments and deletions."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from states.errors import NotFound, Transient
from states.patience import GLITCHES, doubt, is_believed
from states.state import State
from states.steps.upload_files import FRESH
from states.text import say
from tests.unit.desk import Desk

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("earlier", range(GLITCHES))
def test_a_404_is_doubted_as_long_as_gateways_may_err(earlier: int) -> None:
    """Three in a row; the fourth is believed."""
    assert not is_believed(earlier)
    assert is_believed(GLITCHES)


def test_a_step_asks_again_as_often_as_the_policy_says(desk: Desk) -> None:
    """Each a fault like any other, with its pause; then the step decides what it means."""
    desk.go(State.VALIDATED)
    desk.clock.spend(FRESH)
    desk.cloud.before["file"] = [NotFound("404")] * (GLITCHES + 1)
    outcomes = [desk.tick().outcome for _ in range(GLITCHES + 1)]
    assert outcomes == ["retrying"] * GLITCHES + ["failed"]


def test_a_404_after_another_fault_is_the_first_one(desk: Desk) -> None:
    """Only what is said without a break is believed."""
    project = desk.go(State.VALIDATED)
    desk.fault += [Transient("a moment")] * (GLITCHES + 1)
    for _ in range(GLITCHES + 1):
        project = desk.tick().after
    assert project.attempts > GLITCHES
    with pytest.raises(Transient, match="gone"):
        doubt(project, say("gone"))


def test_nobody_else_counts_404s() -> None:
    """A second constant would be a second policy."""
    files = [p for room in ("agent", "states") for p in (ROOT / room).rglob("*.py")]
    counting = [
        str(p.relative_to(ROOT)) for p in files if re.search(r"^GLITCHES\b", p.read_text(), re.M)
    ]
    assert counting == ["states/patience.py"]

"""What may happen in a random schedule: Hypothesis draws from these (tests/crash/schedules.py)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from hypothesis import strategies as st

from agent.engine.checkpoints import plan_checkpoint
from agent.engine.decisions import Decisions
from agent.engine.pausing import plan_order
from states.stages import PAUSE, RESUME
from tests.crash.shop import NAME
from tests.fake_objects import SETTLE, TIMEOUT, Fate

POINTS = st.integers(0, 45)  # a tick has rarely more
SECONDS = st.sampled_from([0.01, 1.0, 2.0, 4.0, 6.0, 11.0])
FATES = st.sampled_from(
    [
        Fate("lost"),
        Fate("silent"),
        Fate("late", 1.0),
        Fate("late", TIMEOUT * 0.98),
        Fate("slow", TIMEOUT * 0.98),
        Fate("long", SETTLE + 1),
        Fate("refused_connection"),
        Fate("busy", 3.0),
    ]
)
LOOKS = st.sampled_from(
    [
        Fate("slow", TIMEOUT * 0.98),
        Fate("slow", 1.0),
        Fate("unclear_look"),
        Fate("deaf"),
        Fate("refused"),
        Fate("unknown"),
    ]
)
MUTATED = st.sampled_from(
    [
        "upload",
        "create_job",
        "cancel_job",
        "create_deployment",
        "delete_deployment",
        "pause_job",
        "resume_job",
    ]
)


def _order(operator: Decisions, wants: str) -> object:
    return operator.make(NAME, lambda found: plan_order(found, wants, operator.wall()))


COMMANDS: list[Callable[[Decisions], object]] = [
    lambda operator: operator.advance(NAME, None),
    lambda operator: operator.advance(NAME, "a-mano"),
    lambda operator: operator.retry(NAME, restore=False, restart=False),
    lambda operator: operator.retry(NAME, restore=True, restart=False),
    lambda operator: operator.retry(NAME, restore=False, restart=True),
    lambda operator: operator.evaluate(NAME, deploys=False),
    lambda operator: operator.evaluate(NAME, deploys=True),
    lambda operator: operator.cancel(NAME, False),
    lambda operator: operator.cancel(NAME, True),
    lambda operator: operator.iterate(NAME),
    lambda operator: operator.iterate(NAME, replaces=True),
    lambda operator: operator.accept(NAME),
    lambda operator: operator.cancel(NAME, False, keeps_parent=True),
    lambda operator: operator.reopen(NAME, partial(plan_checkpoint, wanted="best")),
    lambda operator: _order(operator, PAUSE),
    lambda operator: _order(operator, RESUME),
]
NAMES = [
    "advance",
    "advance --deployment",
    "retry",
    "retry --restore",
    "retry --restart",
    "evaluate",
    "evaluate --deploy",
    "cancel",
    "cancel --delete-files",
    "iterate",
    "iterate --replace",
    "iterate --accept",
    "cancel --keep-parent",
    "advance --checkpoint",
    "pause",
    "resume",
]
COMMAND = st.sampled_from(NAMES)
GUEST = st.sampled_from(["ticks", "rests", "dies", "stale", "edits", "time", *NAMES])

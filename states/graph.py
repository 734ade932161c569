"""Where every event leads, and where `retry` goes back to. Nothing else knows.

The library `transitions` evaluates the table and draws it; tick.py and decisions.py ask it.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from states.state import Event, State

if TYPE_CHECKING:
    from transitions import Machine

FORWARD = [
    (Event.PROMPTS_BUILT, State.DRAFT, State.PROMPTED),
    (Event.DATA_SPLIT, State.PROMPTED, State.SPLIT),
    (Event.DATA_ACCEPTED, State.SPLIT, State.VALIDATED),
    (Event.FILES_READY, State.VALIDATED, State.UPLOADED),
    (Event.JOB_CREATED, State.UPLOADED, State.TRAINING),
    (Event.JOB_SUCCEEDED, State.TRAINING, State.TRAINED),
    (Event.DEPLOYMENT_REQUESTED, State.TRAINED, State.AWAITING_DEPLOY),
    (Event.MODEL_ANSWERED, State.AWAITING_DEPLOY, State.DEPLOYED),
    (Event.CASES_ANSWERED, State.DEPLOYED, State.EVALUATED),
    (Event.ANALYSIS_MADE, State.EVALUATED, State.ANALYZED),
]
LIVING = [source for _, source, _ in FORWARD]
BACK = [
    (Event.DATA_REOPENED, list(State), State.DRAFT),
    (Event.PROMPTS_REOPENED, list(State), State.PROMPTED),
    (Event.SPLIT_REOPENED, list(State), State.SPLIT),
    (Event.DEPLOYMENT_REOPENED, list(State), State.TRAINED),
    (Event.EVALUATION_REOPENED, list(State), State.DEPLOYED),
]
STAYING = [
    Event.HELD,
    Event.RELEASED,
    Event.TRAINING_CONFIRMED,
    Event.BUDGET_SET,
    Event.DEPLOYMENT_NAMED,
    Event.TEARDOWN_ASKED,
    Event.PAUSE_ASKED,
    Event.RESUME_ASKED,
    Event.JOB_PAUSED,
    Event.JOB_RESUMED,
    Event.CLEANED_UP,
    Event.CLEANUP_ASKED,
    Event.CLEANUP_DONE,
]


def _arrows() -> list[dict[str, object]]:
    table: list[tuple[Event, object, State]] = [
        *FORWARD,
        (Event.GAVE_UP, LIVING, State.FAILED),
        (Event.CANCELLED, [*LIVING, State.FAILED], State.CANCELLED),
        *BACK,
    ]
    arrows: list[dict[str, object]] = [{"trigger": e, "source": s, "dest": d} for e, s, d in table]
    return arrows + [{"trigger": event, "source": list(State), "dest": "="} for event in STAYING]


@cache
def _machine() -> Machine:
    from transitions import Machine

    # No callbacks and no to_<state>() shortcuts: transitions changes the state before a callback
    # could object.
    return Machine(
        model=None,
        states=list(State),
        transitions=_arrows(),
        initial=State.DRAFT,
        auto_transitions=False,
    )


@cache
def destination(state: State, event: Event) -> State:
    """The state that `event` leads to from `state`; ValueError when it cannot happen there."""
    arrows = _machine().get_transitions(trigger=event, source=state)
    if not arrows:
        raise ValueError(f"{event} cannot happen in {state}")
    dest = arrows[0].dest
    return state if dest is None else State(dest)


# Where `retry` goes back to, by the state in which a project gave up. Whatever may have been wrong
# is checked again from there, with the settings of now; files whose content is unchanged are found
# at the service and not sent twice.
_REOPENED = {
    State.DRAFT: Event.DATA_REOPENED,
    State.PROMPTED: Event.DATA_REOPENED,
    State.SPLIT: Event.DATA_REOPENED,
    State.VALIDATED: Event.SPLIT_REOPENED,
    State.UPLOADED: Event.SPLIT_REOPENED,
    State.TRAINING: Event.SPLIT_REOPENED,
    State.TRAINED: Event.DEPLOYMENT_REOPENED,
    State.AWAITING_DEPLOY: Event.DEPLOYMENT_REOPENED,
    State.DEPLOYED: Event.DEPLOYMENT_REOPENED,
    State.EVALUATED: Event.EVALUATION_REOPENED,
}


def reopening(failed_at: State) -> Event:
    """The event by which a project that gave up in `failed_at` is taken up again."""
    return _REOPENED[failed_at]


class _Drawn:
    """GraphMachine draws only what has a model."""

    state: str


def diagram() -> str:
    """The way forward as a Mermaid state diagram, for the README (a test keeps the two alike)."""
    from transitions.extensions import GraphMachine

    arrows = [{"trigger": event, "source": source, "dest": dest} for event, source, dest in FORWARD]
    arrows += [{"trigger": Event.GAVE_UP, "source": State.TRAINING, "dest": State.FAILED}]
    arrows += [{"trigger": Event.SPLIT_REOPENED, "source": State.FAILED, "dest": State.SPLIT}]
    machine = GraphMachine(
        model=_Drawn(),
        states=[s for s in State if s is not State.CANCELLED],
        transitions=arrows,
        initial=State.DRAFT,
        auto_transitions=False,
        graph_engine="mermaid",
        title="",
    )
    source = str(getattr(machine.get_combined_graph(), "source", ""))
    # Only the arrows: the colours are the theme's business, not ours.
    lines = [
        line for line in source.splitlines() if line.startswith("stateDiagram") or "-->" in line
    ]
    return "\n".join([lines[0], lines[-1], *lines[1:-1]])


__all__ = ["FORWARD", "LIVING", "destination", "diagram", "reopening"]

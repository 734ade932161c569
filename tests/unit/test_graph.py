"""The graph: every event of the design leads where the design says, and nothing else can happen."""

from __future__ import annotations

import pytest

from states.graph import destination, diagram, reopening
from states.state import Event, State
from states.steps.table import step_of
from tests.unit.desk import Desk

# The table of the design: state, what its step makes happen, where that leads.
ROAD = [
    ("DRAFT", "PROMPTS_BUILT", "PROMPTED"),
    ("PROMPTED", "DATA_SPLIT", "SPLIT"),
    ("SPLIT", "DATA_ACCEPTED", "VALIDATED"),
    ("VALIDATED", "FILES_READY", "UPLOADED"),
    ("UPLOADED", "JOB_CREATED", "TRAINING"),
    ("TRAINING", "JOB_SUCCEEDED", "TRAINED"),
    ("TRAINED", "DEPLOYMENT_REQUESTED", "AWAITING_DEPLOY"),
    ("AWAITING_DEPLOY", "MODEL_ANSWERED", "DEPLOYED"),
    ("DEPLOYED", "CASES_ANSWERED", "EVALUATED"),
    ("EVALUATED", "ANALYSIS_MADE", "ANALYZED"),
]
STAYING = {
    *("HELD", "RELEASED", "TRAINING_CONFIRMED", "BUDGET_SET", "DEPLOYMENT_NAMED"),
    *("TEARDOWN_ASKED", "CLEANED_UP", "CLEANUP_ASKED", "CLEANUP_DONE"),
    *("PAUSE_ASKED", "RESUME_ASKED", "JOB_PAUSED", "JOB_RESUMED"),
}
BACK = {
    "DATA_REOPENED": "DRAFT",
    "PROMPTS_REOPENED": "PROMPTED",
    "SPLIT_REOPENED": "SPLIT",
    "DEPLOYMENT_REOPENED": "TRAINED",
    "EVALUATION_REOPENED": "DEPLOYED",
}


@pytest.mark.parametrize(("source", "event", "dest"), ROAD)
def test_each_step_leads_to_the_next_state(source: str, event: str, dest: str) -> None:
    """The way forward is the table of the design."""
    assert destination(State(source), Event(event)) is State(dest)


def test_nothing_else_can_happen() -> None:
    """Each of the other pairs of a state and an event is refused, or is one of those a person or a
    failure makes.
    """
    road = {(source, event): dest for source, event, dest in ROAD}
    living = {source for source, _, _ in ROAD}
    for state in State:
        for event in Event:
            if (state.value, event.value) in road:
                continue
            if event.value in STAYING:
                assert destination(state, event) is state
            elif event.value in BACK:
                assert destination(state, event) is State(BACK[event.value])
            elif event is Event.GAVE_UP and state.value in living:
                assert destination(state, event) is State.FAILED
            elif event is Event.CANCELLED and (state.value in living or state is State.FAILED):
                assert destination(state, event) is State.CANCELLED
            else:
                with pytest.raises(ValueError, match="cannot happen"):
                    destination(state, event)


def test_every_living_state_has_a_step_and_three_besides() -> None:
    """A step for each state on the way; after CANCELLED the tidying up, after ANALYZED
    the teardown, after FAILED what a person has asked to be deleted.
    """
    besides = {State.CANCELLED, State.ANALYZED, State.FAILED}
    assert {State(source) for source, _, _ in ROAD} | besides == set(State)
    files = {step_of(state).__module__ for state in State}
    assert len(files) == len(State)
    assert all(file.startswith("states.steps.") for file in files)


def test_a_whole_run_makes_exactly_the_checkpoints_of_the_table(desk: Desk) -> None:
    """The real steps, from DRAFT to ANALYZED, report the events of the design in their order."""
    desk.go(State.ANALYZED)
    assert [
        (c.from_state.value, c.event.value, c.to_state.value) for c in desk.store.history("tienda")
    ] == ROAD


def test_a_failure_in_any_state_can_be_taken_up_again() -> None:
    """`retry` knows a way back from every living state, never forwards."""
    order = list(State)
    for source, _, _ in ROAD:
        back = destination(State.FAILED, reopening(State(source)))
        assert order.index(back) <= order.index(State(source))


def test_the_diagram_shows_the_way_forward_and_the_way_back() -> None:
    """Mermaid, with an arrow for every step, the failure of a training, and its retry."""
    drawn = diagram()
    assert drawn.startswith("stateDiagram-v2")
    for source, event, dest in ROAD:
        assert f"{source} --> {dest}: {event}" in drawn
    assert "TRAINING --> FAILED: GAVE_UP" in drawn
    assert "FAILED --> SPLIT: SPLIT_REOPENED" in drawn
    assert "[*] --> DRAFT" in drawn


@pytest.mark.parametrize("state", list(State))
def test_a_state_has_reached_those_before_it(state: State) -> None:
    """Giving up reaches nothing but itself."""
    on_the_way = [State(source) for source, _, _ in ROAD] + [State.ANALYZED]
    for other in State:
        expected = state is other
        if state in on_the_way and other in on_the_way:
            expected = on_the_way.index(state) >= on_the_way.index(other)
        assert state.has_reached(other) is expected

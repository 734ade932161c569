"""What a generation goes on from: its parent, as long as that is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from states import facts_json
from states.facts import Facts
from states.stages import DELETED, Deployed, Parent
from states.state import State
from tests.unit.desk import Desk

PARENT = Parent(1, "ft:one", Deployed("tienda-g1", is_ours=True), ("temperature",), "0" * 64)


@pytest.mark.parametrize("state", list(State)[:11])
def test_lineage_survives_going_back(state: State) -> None:
    """Whichever state a person sends the project back to."""
    assert Facts(parent=PARENT).back_to(state).parent == PARENT


def test_lineage_survives_the_store() -> None:
    """In the form that rows keep, and rows without it still read."""
    facts = Facts(parent=PARENT)
    assert facts_json.read(facts.as_json()) == facts
    bare = Facts(parent=Parent(3, "ft:three"))
    assert facts_json.read(bare.as_json()) == bare
    assert facts_json.read({"schema": 2}).parent is None


def test_a_generation_that_was_evaluated_is_the_parent_of_the_next(desk: Desk) -> None:
    """The model, and the deployment, which is deleted: only what was paid for still counts."""
    done = desk.go(State.ANALYZED)
    project = desk.decisions.retry("tienda", restore=False, restart=True)
    parent = project.facts.parent
    assert parent is not None and parent.answers_at is None
    assert (parent.generation, parent.model) == (1, done.facts.trained.model)
    assert desk.go(State.ANALYZED).facts.parent == parent


def test_a_generation_that_never_answered_is_nobody_s_parent(desk: Desk) -> None:
    """The next one is compared with whom that one would have been."""
    desk.go(State.TRAINED)
    assert desk.decisions.retry("tienda", restore=False, restart=True).facts.parent is None


def test_of_two_that_are_deployed_the_parent_stays_the_one_that_serves(desk: Desk) -> None:
    """Until it has given way: otherwise its deployment would belong to nobody."""
    facts = replace(desk.go(State.ANALYZED).facts, parent=replace(PARENT, generation=0))
    assert facts.as_parent(1) == facts.parent
    judged = replace(facts, parent=replace(PARENT, gives_way=True)).as_parent(1)
    assert judged == PARENT, "not deleted yet: the generation that it gave way to is left"
    theirs = replace(PARENT, deployment=Deployed("mano", is_ours=False), gives_way=True)
    given_way = replace(facts, parent=theirs).as_parent(2)
    assert given_way is not None and given_way.generation == 2
    gone = replace(PARENT, deployment=Deployed("tienda-g1", is_ours=True, status=DELETED))
    succeeded = replace(facts, parent=gone).as_parent(1)
    assert succeeded is not None and succeeded.generation == 1

"""`advance`: one tick now, or a deployment that a person names."""

from __future__ import annotations

import pytest

from states.errors import NotFound, SettingsError
from states.state import State
from tests.unit.desk import Desk
from tests.unit.living import LIVING


@pytest.mark.parametrize("state", LIVING)
def test_advance_is_one_tick_now(desk: Desk, state: State) -> None:
    """Whatever the time; the rests say so."""
    desk.go(state)
    desk.clock.offset -= 1000
    ticked = desk.decisions.advance(None, None)
    assert (ticked.before.state, ticked.outcome in ("moved", "waiting")) == (state, True)


def test_advance_at_the_end_is_idle(desk: Desk) -> None:
    """There is nothing more to do."""
    desk.go(State.ANALYZED)
    assert desk.decisions.advance("tienda", None).outcome == "idle"


def test_a_deployment_is_named_believed_and_checked(desk: Desk) -> None:
    """Of another model: stays. Failed: says so. Still creating: waits.

    Ready and answering: moves on.
    """
    desk.wish(deploy_automatically=False)
    project = desk.go(State.AWAITING_DEPLOY)
    assert "suggested" in str(desk.tick().text)
    model = project.facts.trained.model
    for served, status, told in (
        ("other", "succeeded", "another model"),
        (model, "creating", "(creating)"),
        (model, "failed", "ended as failed"),
    ):
        desk.cloud.deploy_by_hand("mia", served, status)
        ticked = desk.decisions.advance("tienda", "mia")
        assert ticked.after.state is State.AWAITING_DEPLOY
        assert told in str(ticked.text)
    desk.cloud.deploy_by_hand("mia", model)
    assert desk.decisions.advance("tienda", "mia").after.facts.deployed.name == "mia"


def test_a_daemon_that_was_quicker_than_the_person_is_no_mistake(desk: Desk) -> None:
    """The very deployment is named that was found since: it is said, and nothing moves.

    Another one is refused.
    """
    desk.wish(deploy_automatically=False)
    model = desk.go(State.AWAITING_DEPLOY).facts.trained.model
    desk.cloud.deploy_by_hand("mia", model)
    before = desk.decisions.advance("tienda", "mia").after
    ticked = desk.decisions.advance("tienda", "mia")
    assert (ticked.outcome, ticked.after) == ("already", before)
    with pytest.raises(SettingsError, match="AWAITING_DEPLOY"):
        desk.decisions.advance("tienda", "otra")


def test_where_nothing_can_be_listed_the_answer_itself_is_checked(desk: Desk) -> None:
    """On v1 without Resource Manager: the named deployment is asked, and believed only if it says
    it is this model.
    """
    desk.wish(deploy_automatically=False)
    project = desk.go(State.AWAITING_DEPLOY)
    desk.cloud.before["deployment"] = [NotFound("cannot be listed")] * 99
    desk.cloud.before["deployments_of"] = [NotFound("cannot be listed")] * 99
    assert "none named mia here that answers" in str(desk.decisions.advance("tienda", "mia").text)
    desk.cloud.deploy_by_hand("mia", "other")
    assert "another model" in str(desk.decisions.advance("tienda", "mia").text)
    desk.cloud.deploy_by_hand("mia", project.facts.trained.model)
    assert desk.decisions.advance("tienda", "mia").after.state is State.DEPLOYED


def test_only_the_named_project_or_the_only_one_is_found(desk: Desk) -> None:
    """Else the names there are."""
    with pytest.raises(SettingsError, match="`new NAME"):
        desk.decisions.find(None)
    desk.create("una")
    assert desk.decisions.find(None).name == "una"
    desk.create("otra")
    with pytest.raises(SettingsError, match="otra, una"):
        desk.decisions.find(None)
    with pytest.raises(SettingsError, match="no project tres"):
        desk.decisions.find("tres")
    with pytest.raises(SettingsError, match="did you mean `otra`"):
        desk.decisions.find("orta")

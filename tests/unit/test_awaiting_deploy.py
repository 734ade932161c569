"""AWAITING_DEPLOY: a deployment that is not seen, or does not answer, is given up neither too soon
nor never.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from states.errors import NotFound
from states.state import State
from tests.unit.desk import Desk

SILENT = 30 * 60  # seconds; states/catalog/service.toml


@pytest.fixture(autouse=True, params=[False, True], ids=["alone", "among many"])
def _among(request: pytest.FixtureRequest, desk: Desk) -> None:
    """One listing may tell all who wait for a deployment."""
    desk.cloud.of_many = request.param


def looks(desk: Desk, times: int, pause: float = 1.0) -> Any:
    for _ in range(times):
        desk.clock.spend(pause)
        after = desk.tick().after
    return after


def test_our_deployment_is_missed_only_after_the_listing_lag(desk: Desk) -> None:
    """Ten seconds here: it may be there and not be shown yet."""
    desk.go(State.AWAITING_DEPLOY)
    shown = dict(desk.cloud.deployments)
    desk.cloud.deployments.clear()
    project = looks(desk, 11)
    assert (project.state, project.hold) == (State.AWAITING_DEPLOY, None)
    assert "does not show" in str(project.waiting_for)
    desk.cloud.deployments.update(shown)
    assert looks(desk, 1).state is State.DEPLOYED


def test_our_deployment_that_is_gone_is_given_up_and_made_anew_by_a_retry(desk: Desk) -> None:
    """A new generation, so a new name; the training stays."""
    desk.go(State.AWAITING_DEPLOY)
    desk.cloud.deployments.clear()
    project = looks(desk, 12)
    assert (project.state, project.facts.failure.is_remote) == (State.FAILED, True)
    assert "was deleted or replaced before it had answered" in str(project.last_error)
    desk.decisions.retry("tienda", restore=False, restart=False)
    assert desk.go(State.DEPLOYED).facts.deployed.name == "tienda-00c0ffee-g2"
    assert (desk.cloud.sent.count("create_job"), desk.cloud.sent.count("create_deployment")) == (
        1,
        2,
    )


@pytest.mark.parametrize("named", [None, "suya"])
def test_our_deployment_that_was_replaced_by_another_model_is_gone(
    desk: Desk, named: str | None
) -> None:
    """Its name says nothing; nor does one that a person has given and that is not there."""
    project = desk.go(State.AWAITING_DEPLOY)
    desk.cloud.deploy_by_hand(project.facts.requested.name, "another")
    replaced = list(desk.cloud.deployments.values())
    desk.decisions.advance("tienda", named)
    assert looks(desk, 12).state is State.FAILED
    assert list(desk.cloud.deployments.values()) == replaced


def test_a_clock_that_is_set_proves_no_deletion(desk: Desk) -> None:
    """Nor does a night in which the agent was off."""
    desk.go(State.AWAITING_DEPLOY)
    desk.cloud.deployments.clear()
    for _ in range(4):
        assert looks(desk, 1, 86400.0).state is State.AWAITING_DEPLOY
        desk.clock.offset -= 86400.0
        assert desk.decisions.advance("tienda", None).after.state is State.AWAITING_DEPLOY


def test_a_persons_deployment_is_waited_for_without_end(desk: Desk) -> None:
    """Nobody has promised one."""
    desk.wish(deploy_automatically=False)
    desk.go(State.AWAITING_DEPLOY)
    assert "by you" in str(looks(desk, 50).waiting_for)


@pytest.mark.parametrize(
    ("ours", "way"), [(True, "`retry` makes another one"), (False, "deploy gpt-4o-mini")]
)
def test_a_deployment_that_never_answers_is_held_and_may_still_answer(
    desk: Desk, ours: bool, way: str
) -> None:
    """Half an hour after it was first seen ready: it may be billed by the hour."""
    desk.wish(deploy_automatically=ours, poll_seconds=300.0)
    project = desk.go(State.AWAITING_DEPLOY)
    name = project.facts.requested.name
    desk.cloud.deploy_by_hand(name, project.facts.trained.model)
    desk.cloud.before["chat"] = [NotFound("not yet serving")] * 9
    project = looks(desk, 7, 300.0)
    assert (project.hold, project.facts.requested.trouble.seconds) == (None, SILENT)
    hold = str(looks(desk, 1, 300.0).hold)
    assert name in hold
    assert "billed by the hour" in hold
    assert way in hold
    held = looks(desk, 1, 300.0)
    assert (str(held.hold), held.due_at) == (hold, desk.clock.wall() + 300)
    assert looks(desk, 1, 300.0).state is State.DEPLOYED


def test_a_deployment_that_was_made_again_gets_its_time_again(desk: Desk) -> None:
    """The half hour counts without a break."""
    desk.wish(poll_seconds=300.0)
    project = desk.go(State.AWAITING_DEPLOY)
    name, model = project.facts.requested.name, project.facts.trained.model
    desk.cloud.before["chat"] = [NotFound("not yet serving")] * 99
    looks(desk, 6, 300.0)
    desk.cloud.deploy_by_hand(name, model, "creating")
    assert looks(desk, 1, 300.0).facts.requested.trouble is None
    desk.cloud.deploy_by_hand(name, model)
    assert looks(desk, 6, 300.0).hold is None


def test_a_look_that_names_no_model_is_no_reason_to_give_a_deployment_up(desk: Desk) -> None:
    """An answer that is damaged so would end an evaluation, and pay for another deployment."""
    name = desk.go(State.DEPLOYED).facts.deployed.name  # type: ignore[union-attr]
    whole = desk.cloud.deployments[name]
    desk.cloud.deployments[name] = replace(whole, model="")
    looks(desk, 1)
    desk.cloud.deployments[name] = whole
    assert desk.go(State.EVALUATED).state is State.EVALUATED

"""A checkpoint of the training takes the final model's place: deployed, asked, reported, ended."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from functools import partial

import pytest

from agent.cli.checkpoint_choice import checkpoint_name
from agent.engine.checkpoints import describe_price, plan_checkpoint
from agent.engine.hosting import Owned, find_hosted
from agent.engine.teardown import plan_teardown
from agent.views.checkpoints import mark
from agent.views.generations import describe_checkpoint
from states.errors import SettingsError
from states.evaluation.checkpoints import choose, find_best
from states.facts import known
from states.facts_json import read
from states.model import Project
from states.places import Result, place_of
from states.remote import RemoteCheckpoint
from states.stages import DELETED
from states.state import Event, State
from tests.unit.desk import Desk
from tests.unit.living import events, fail

MINE = "tienda-00c0ffee-g{}"


def take(desk: Desk, wanted: str) -> Project:
    return desk.decisions.reopen("tienda", partial(plan_checkpoint, wanted=wanted))


def made(step: int, **metrics: float) -> RemoteCheckpoint:
    return RemoteCheckpoint(f"ftchkpt-{step}", f"m:ckpt-step-{step}", step, 0, metrics)


def test_the_best_has_the_lowest_loss_over_all_of_the_validation_file() -> None:
    """Of one batch only where the other was not measured; of equals the latest."""
    first = made(1, valid_loss=0.1, full_valid_loss=0.9)
    second, third = made(2, full_valid_loss=0.5), made(3, full_valid_loss=0.5)
    assert find_best([first, second, third]) is third
    assert find_best([first, made(4, valid_loss=0.3)]) == made(4, valid_loss=0.3)
    assert find_best([made(5, train_loss=0.1)]) is None


def test_a_person_names_one_by_its_step_or_by_what_it_is() -> None:
    """What there is not is refused, with what there is."""
    listed = [made(2, valid_loss=0.5), made(1, valid_loss=0.9)]
    assert choose(listed, "1", "m") is listed[1]
    assert choose(listed, "best", "m") is listed[0]
    assert choose(listed, "final", "m") is None
    assert choose(listed, "2", "m:ckpt-step-2") is None, "that is the final model"
    with pytest.raises(SettingsError, match=r"step 7 \(it keeps: 2, 1\)"):
        choose(listed, "7", "m")
    with pytest.raises(SettingsError, match="validation loss of no checkpoint"):
        choose([made(1)], "best", "m")


@pytest.mark.parametrize("state", [State.TRAINED, State.AWAITING_DEPLOY, State.ANALYZED])
def test_from_any_state_the_checkpoint_becomes_the_project_s_model(
    desk: Desk, state: State
) -> None:
    """Our deployment of the other one is gone; what is deployed and asked is the checkpoint."""
    before = desk.go(state)
    final = before.facts.trained.model
    after = take(desk, "best")
    assert (after.state, after.generation) == (State.TRAINED, 2)
    assert desk.store.history("tienda")[-1].event is Event.DEPLOYMENT_REOPENED
    assert desk.cloud.deployments == {}
    done = desk.go(State.ANALYZED)
    assert [(d.name, d.model) for d in desk.cloud.deployments.values()] == [
        (MINE.format(2), f"{final}:ckpt-step-5")
    ]
    trained = done.facts.trained
    assert (trained.model, trained.final) == (f"{final}:ckpt-step-5", final)
    assert len(desk.cloud.jobs) == 1, "nothing is trained for it"
    assert read(json.loads(json.dumps(done.facts.as_json()))) == done.facts


def test_the_same_cases_are_asked_and_the_two_are_compared(desk: Desk) -> None:
    """The final model's answers stay paid for, though its deployment is gone."""
    former = desk.go(State.ANALYZED)
    take(desk, "5")
    done = desk.go(State.ANALYZED)
    assert done.facts.questions == former.facts.questions
    parent = done.facts.parent
    assert (parent.generation, parent.model) == (1, former.facts.trained.model)
    assert parent.deployment.status == DELETED
    desk.results.publish(done)
    answers = json.loads((desk.home / place_of(Result.TEST_RESULTS, "tienda")).read_text())
    assert answers["model"].endswith(":ckpt-step-5")
    tuning = json.loads((desk.home / place_of(Result.TUNING_INFO, "tienda")).read_text())
    assert tuning["checkpoint"]["step"] == 5
    assert tuning["checkpoint"]["final_model"] == former.facts.trained.model


def test_and_back_to_the_final_model_without_a_question_paid_twice(desk: Desk) -> None:
    """Whoever has it already is told so by nothing that changes."""
    desk.go(State.ANALYZED)
    assert take(desk, "final").generation == 1
    assert take(desk, "10").generation == 1, "the newest checkpoint is the final model"
    take(desk, "best")
    done = desk.go(State.ANALYZED)
    assert take(desk, "5").version == done.version
    asked = [act for act in desk.cloud.ledger if act.kind == "chat" and not act.detail["probe"]]
    assert take(desk, "final").facts.trained.checkpoint is None
    desk.go(State.ANALYZED)
    again = [act for act in desk.cloud.ledger if act.kind == "chat" and not act.detail["probe"]]
    assert len(again) == len(asked)


def test_what_a_person_deployed_stays_and_the_checkpoint_gets_another_name(desk: Desk) -> None:
    """Never another model under the name of somebody's deployment."""
    desk.wish(deploy_automatically=False)
    model = desk.go(State.AWAITING_DEPLOY).facts.trained.model
    desk.cloud.deploy_by_hand(MINE.format(1), model)
    desk.go(State.ANALYZED)
    after = take(desk, "best")
    assert after.facts.parent.answers_at == MINE.format(1)
    waiting = desk.go(State.AWAITING_DEPLOY)
    assert waiting.facts.requested.name != MINE.format(1)
    assert desk.tick().after.state is State.AWAITING_DEPLOY, "that of the final model is not it"
    desk.cloud.deploy_by_hand("otra", f"{model}:ckpt-step-5")
    assert desk.go(State.DEPLOYED).facts.deployed.name == "otra"
    assert set(desk.cloud.deployments) == {MINE.format(1), "otra"}


def test_one_that_was_deployed_by_the_checkpoint_s_number_is_known(desk: Desk) -> None:
    """Microsoft's pages name both ways."""
    desk.wish(deploy_automatically=False)
    desk.go(State.AWAITING_DEPLOY)
    chosen = take(desk, "best").facts.trained.checkpoint
    desk.go(State.AWAITING_DEPLOY)
    desk.cloud.deploy_by_hand("por-numero", chosen.id)
    assert desk.go(State.ANALYZED).facts.deployed.name == "por-numero"
    owned = Owned.read([desk.project()], desk.store)
    [hosted] = find_hosted(desk.cloud.deployments_listed(), owned, desk.catalog.service, 0.0)
    assert (hosted.project, hosted.is_ours) == ("tienda", False), "no meter is overlooked"
    [strange] = find_hosted(desk.cloud.deployments_listed(), Owned(), desk.catalog.service, 0.0)
    assert strange.project is None


def test_before_the_training_is_over_and_while_it_is_torn_down_nothing_is_chosen(
    desk: Desk,
) -> None:
    """Nor for a project that was given up."""
    desk.cloud.job_status = "running"
    desk.go(State.TRAINING)
    with pytest.raises(SettingsError, match="once the training is over"):
        take(desk, "best")
    desk.cloud.job_status = "succeeded"
    desk.go(State.ANALYZED)
    desk.decisions.make("tienda", lambda found: plan_teardown(found, desk.clock.wall()))
    with pytest.raises(SettingsError, match="is being deleted"):
        take(desk, "best")


def test_a_project_that_failed_after_its_training_goes_on_with_one(desk: Desk) -> None:
    """A cancelled one is taken up by `retry` first."""
    fail(desk, State.AWAITING_DEPLOY, remote=True)
    take(desk, "best")
    assert desk.go(State.ANALYZED).facts.trained.checkpoint.step == 5
    desk.decisions.cancel("tienda", False)
    assert desk.project().state is State.ANALYZED, "cancel of an analyzed one deletes only"
    assert desk.cloud.deployments == {}
    assert events(desk).count(Event.JOB_CREATED) == 1


def test_each_is_marked_with_what_the_project_makes_of_it(desk: Desk) -> None:
    """The last step first."""
    project = desk.go(State.ANALYZED)
    listed = desk.cloud.checkpoints(project.facts.created.id)
    last, first = mark(project, listed)
    assert (last.is_final, last.is_chosen, last.deployment) == (True, True, MINE.format(1))
    assert (first.is_best, first.deployment, first.as_json()["full_valid_loss"]) == (
        True,
        None,
        0.4,
    )


def test_what_it_costs_is_told_before_it_is_begun(desk: Desk) -> None:
    """The cases that are asked anew; here they cost nothing."""
    project = desk.go(State.ANALYZED)
    model, ports = known(project.facts.trained).model, desk.ports_for(project)
    told = str(describe_price(project, f"{model}:ckpt-step-5", ports))
    assert told == "It is asked 3 test cases, which costs nothing."
    assert "is asked none again" in str(describe_price(project, model, ports))


def test_where_the_service_is_paid_hosting_and_questions_have_their_price(desk: Desk) -> None:
    """As long as it is there, used or not."""
    project = desk.go(State.ANALYZED)
    desk.wish(deploy_sku="Standard")
    ports = replace(desk.ports_for(project), charges_money=True)
    told = str(describe_price(project, "another", ports))
    assert "It is asked 3 test cases, for about" in told
    assert "USD a day as Standard (" in told


def test_status_says_that_its_model_is_a_checkpoint(desk: Desk) -> None:
    """Nothing of it while it is the final one."""
    assert describe_checkpoint(desk.go(State.ANALYZED)) is None
    assert "step 5" in str(describe_checkpoint(take(desk, "best")))


def test_what_names_no_checkpoint_is_told_what_does() -> None:
    """A range of digits was read as one of steps."""
    assert checkpoint_name("072") == "72"
    with pytest.raises(argparse.ArgumentTypeError, match=r"STEP \(1, 2, 3 …\), best, final"):
        checkpoint_name("3.5")

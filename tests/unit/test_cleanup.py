"""What a project that is over has left at the service goes when a person says so, and only that."""

from __future__ import annotations

from functools import partial

import pytest

from agent.engine.cancellation import finish_cancellation
from agent.engine.checkpoints import job_of, plan_checkpoint
from agent.engine.cleanup import is_free_for_all, plan_cleanup
from agent.engine.single_question import find_answering
from agent.views.language import translator
from agent.views.leftovers import Found, _describe_size, describe_consequences
from states.errors import NeedsOperator, NotFound, Permanent, SettingsError
from states.model import Project
from states.remote import DeploymentSpec
from states.state import Event, State
from states.steps.leftovers import Leftovers, survey
from tests.fake_objects import File
from tests.unit.desk import Desk

OURS = "tienda-00c0ffee-g1"


def look(desk: Desk, *, models: bool = True) -> Leftovers:
    return survey(desk.project(), desk.ports_for(desk.project()), models=models)


def names(left: Leftovers) -> tuple[list[str], list[str]]:
    return [one.id for one in left.going], [one.id for one in left.staying]


def clean(desk: Desk, *, models: bool = True) -> Project:
    left, memory = look(desk, models=models), desk.store.memory("tienda")
    wall, spend = desk.clock.wall, desk.clock.spend
    project = desk.decisions.make(
        "tienda", lambda found: plan_cleanup(found, left.going, memory, wall())
    )
    return finish_cancellation(project, desk.ticker, lambda _: None, wall, spend)


def end(desk: Desk) -> Project:
    """ANALYZED, and its deployment is deleted."""
    desk.go(State.ANALYZED)
    return desk.decisions.cancel("tienda", delete_files=False)


def test_what_is_over_goes_and_nothing_of_others(desk: Desk) -> None:
    desk.cloud.files["ajeno"] = File("ajeno", "otra-training-0.jsonl", b"x", desk.clock.true)
    before = end(desk)
    assert names(look(desk)) == (["file-1", "file-2", "job-1"], [])
    after = clean(desk)
    assert (set(desk.cloud.files), desk.cloud.jobs) == ({"ajeno"}, {})
    assert (after.state, after.due_at, after.hold) == (State.ANALYZED, None, None)
    assert (after.facts.cleaned, after.facts.cleans, after.facts.uploaded) == (True, None, None)
    assert after.facts.analyzed == before.facts.analyzed
    newest = desk.store.history("tienda")[-1]
    assert newest.event is Event.CLEANUP_DONE
    assert str(newest.note) == ("deleted at the service: 2 files, 1 training with its model")
    assert names(look(desk)) == ([], [])


def test_result_files_go_with_the_training_that_made_them(desk: Desk) -> None:
    end(desk)
    desk.cloud.files["result-job-1"] = File("result-job-1", "results.csv", b"x", desk.clock.true)
    assert names(look(desk))[0] == ["file-1", "file-2", "result-job-1", "job-1"]
    assert names(look(desk, models=False)) == (["file-1", "file-2", "result-job-1"], ["job-1"])
    clean(desk)
    assert not desk.cloud.files


@pytest.mark.parametrize("what", ["{}", "{}:ckpt-step-3"])
def test_what_anybody_has_deployed_stays_with_its_files(desk: Desk, what: str) -> None:
    model = end(desk).facts.trained.model
    desk.cloud.deploy_by_hand("mano", what.format(model))
    left = look(desk)
    assert names(left) == ([], ["job-1", "file-1", "file-2"])
    assert str(left.staying[0].why) == "it is deployed as mano"


def test_where_nobody_can_say_what_is_deployed_models_stay(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    end(desk)

    def cannot() -> None:
        raise NotFound("no listing")

    monkeypatch.setattr(desk.cloud, "deployments_listed", cannot)
    assert names(look(desk)) == ([], ["job-1", "file-1", "file-2"])


def test_what_is_deployed_in_the_meantime_is_left(desk: Desk) -> None:
    """After the person was shown it, before the request leaves."""
    model = end(desk).facts.trained.model
    left, memory = look(desk), desk.store.memory("tienda")
    desk.cloud.deploy_by_hand("mano", model)
    wall = desk.clock.wall
    desk.decisions.make("tienda", lambda found: plan_cleanup(found, left.going, memory, wall()))
    after = desk.tick().after
    assert (after.facts.cleaned, after.due_at, set(desk.cloud.jobs)) == (False, None, {"job-1"})
    note = str(desk.store.history("tienda")[-1].note)
    assert note.endswith("Left: job-1 (it is deployed as mano)")


@pytest.mark.parametrize("refusal", [Permanent("not offered"), NeedsOperator("no role")])
def test_what_the_service_refuses_is_told_and_left(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, refusal: Exception
) -> None:
    end(desk)

    def refuse(_job: str) -> None:
        raise refusal

    monkeypatch.setattr(desk.cloud, "delete_job", refuse)
    after = clean(desk)
    assert (after.hold, after.facts.cleaned, desk.cloud.files) == (None, False, {})
    assert "Left: job-1" in str(desk.store.history("tienda")[-1].note)
    desk.decisions.evaluate("tienda", deploys=True)
    assert desk.go(State.ANALYZED).generation == 2


def test_an_older_generation_goes_while_the_newest_serves(desk: Desk) -> None:
    """And nothing of the one that serves: neither its model nor its files."""
    desk.go(State.ANALYZED)
    desk.decisions.iterate("tienda", replaces=True)
    model = desk.go(State.ANALYZED).facts.trained.model
    going, staying = names(look(desk))
    assert going == ["job-1"]
    assert set(staying) == {"job-2", "file-1", "file-2"}
    assert describe_consequences(Found(desk.project(), look(desk))) is None
    after = clean(desk)
    assert after.facts.cleaned is False
    assert [one.model for one in desk.cloud.deployments.values()] == [model]
    assert find_answering(after, desk.store) == after


def test_what_cannot_be_done_afterwards_is_refused_with_its_reason(desk: Desk) -> None:
    end(desk)
    assert "neither be deployed nor asked" in str(
        describe_consequences(Found(desk.project(), look(desk)))
    )
    clean(desk)
    for decide in (
        lambda: desk.decisions.evaluate("tienda", deploys=True),
        lambda: desk.decisions.evaluate("tienda", deploys=False),
        lambda: find_answering(desk.project(), desk.store),
    ):
        with pytest.raises(SettingsError, match="`retry tienda --restart` trains anew"):
            decide()
    desk.decisions.iterate("tienda")
    after = desk.go(State.ANALYZED)
    assert (after.generation, len(desk.cloud.files), list(desk.cloud.jobs)) == (2, 2, ["job-2"])
    assert after.facts.parent is not None


@pytest.mark.parametrize("way", ["deployed anew", "a checkpoint"])
def test_a_model_that_an_earlier_generation_has_trained_is_told_of_and_missed_as_well(
    desk: Desk, way: str
) -> None:
    """A generation that begins with the deployment has no training of its own."""
    end(desk)
    if way == "a checkpoint":
        desk.decisions.reopen("tienda", partial(plan_checkpoint, wanted="5"))
    else:
        desk.decisions.evaluate("tienda", deploys=True)
    assert end(desk).generation == 2
    left = look(desk)
    assert str(left.going[-1].why) == "the project is ANALYZED and not deployed"
    assert "neither be deployed nor asked" in str(
        describe_consequences(Found(desk.project(), left))
    )
    assert clean(desk).facts.cleaned
    for decide in (
        lambda: desk.decisions.evaluate("tienda", deploys=True),
        lambda: job_of(desk.project()),
        lambda: desk.decisions.reopen("tienda", partial(plan_checkpoint, wanted="final")),
    ):
        with pytest.raises(SettingsError, match="`retry tienda --restart` trains anew"):
            decide()


def test_a_project_that_gave_up_begins_anew_afterwards(desk: Desk) -> None:
    """It is named by whoever gives up a model that was paid for."""
    desk.go(State.AWAITING_DEPLOY)
    desk.cloud.deployments[OURS].status = "failed"
    desk.go(State.FAILED)
    assert not is_free_for_all(desk.project())
    assert str(look(desk).staying[0].why) == f"it is deployed as {OURS}"
    del desk.cloud.deployments[OURS]
    clean(desk)
    assert (desk.cloud.files, desk.cloud.jobs) == ({}, {})
    with pytest.raises(SettingsError, match="`retry tienda --restart` trains anew"):
        desk.decisions.retry("tienda", restore=False, restart=False)
    desk.decisions.retry("tienda", restore=False, restart=True)
    assert desk.go(State.ANALYZED).generation == 2
    assert len(desk.cloud.files) == 2


def test_a_cancelled_project_is_cleaned_and_can_be_taken_up(desk: Desk) -> None:
    desk.go(State.TRAINING)
    desk.decisions.cancel("tienda", delete_files=False)
    with pytest.raises(SettingsError, match="is still being cancelled"):
        clean(desk)
    desk.tick()
    clean(desk)
    assert (desk.cloud.files, desk.cloud.jobs) == ({}, {})
    desk.decisions.retry("tienda", restore=False, restart=False)
    assert desk.go(State.ANALYZED).generation == 2


@pytest.mark.parametrize("state", [State.TRAINING, State.AWAITING_DEPLOY, State.DEPLOYED])
def test_what_goes_on_is_not_cleaned(desk: Desk, state: State) -> None:
    desk.go(state)
    with pytest.raises(SettingsError, match="needs what it has at the service"):
        clean(desk)
    assert not is_free_for_all(desk.project())


def test_while_it_is_deleted_nothing_else_begins(desk: Desk) -> None:
    end(desk)
    left, memory = look(desk), desk.store.memory("tienda")
    plan = lambda found: plan_cleanup(found, left.going, memory, desk.clock.wall())  # noqa: E731
    asked = desk.decisions.make("tienda", plan)
    assert desk.decisions.make("tienda", plan) == asked
    with pytest.raises(SettingsError, match="`cleanup tienda` carries that to its end"):
        desk.decisions.iterate("tienda")
    desk.tick()
    assert not desk.cloud.files


def test_the_end_of_a_deployment_is_not_forgotten(desk: Desk) -> None:
    """A deployment that is to go at its time goes, though an older generation was cleaned away."""
    desk.wish(teardown="ttl", deployment_hours=2.0)
    desk.go(State.ANALYZED)
    desk.decisions.iterate("tienda", replaces=True)
    desk.go(State.ANALYZED)
    clean(desk)
    assert desk.project().due_at is not None
    desk.cloud.create_deployment(DeploymentSpec("otra", "m"))
    desk.clock.spend(3 * 3600)
    for _ in range(9):
        desk.tick()
    assert set(desk.cloud.deployments) == {"otra"}


def test_sizes_are_written_as_the_language_writes_numbers() -> None:
    told = _describe_size(28_205)
    assert (str(told), translator("es")(told)) == ("28.2 kB", "28,2 kB")

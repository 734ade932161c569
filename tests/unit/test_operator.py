"""What a person decides, in each state: advance, retry, cancel; and the results that can always be written again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from states.errors import NeedsOperator, Permanent, SettingsError, Unclear
from states.model import Event, State
from states.steps.generation import spec_of

LIVING = [
    State.DRAFT,
    State.PROMPTED,
    State.SPLIT,
    State.VALIDATED,
    State.UPLOADED,
    State.TRAINING,
    State.TRAINED,
    State.AWAITING_DEPLOY,
    State.DEPLOYED,
    State.EVALUATED,
]


def events(desk: Any) -> list[Event]:
    return [checkpoint.event for checkpoint in desk.store.history("tienda")]


def fail(desk: Any, state: State, *, remote: bool) -> None:
    desk.go(state)
    desk.fault.append(Permanent("no use", remote=remote))
    desk.tick()
    assert desk.project().state is State.FAILED


@pytest.mark.parametrize("remote", [True, False])
@pytest.mark.parametrize("state", LIVING)
def test_retry_after_a_failure_anywhere_comes_to_the_end(
    desk: Any, state: State, remote: bool
) -> None:
    """A remote failure begins a new generation with new keys; a failure of ours keeps them, and nothing is sent twice."""
    fail(desk, state, remote=remote)
    project = desk.operator.retry("tienda", restore=False, restart=False)
    assert project.generation == (2 if remote else 1)
    assert (project.facts.failed_at, project.hold, project.last_error) == (None, None, None)
    done = desk.go(State.ANALYZED)
    assert done.facts.grade is not None
    assert len(desk.cloud.files) == 2
    begun = LIVING.index(state) >= LIVING.index(State.TRAINING)
    from_the_data = state in LIVING[:6]
    assert len(desk.cloud.jobs) == (2 if remote and begun and from_the_data else 1)


@pytest.mark.parametrize("later", ["manual", "auto"])
def test_what_a_person_deployed_under_the_suggested_name_stays_theirs(
    desk: Any, later: str
) -> None:
    """The guide suggests the name that the agent would use itself; `cancel` and a restart leave it alone, whatever the settings say by then."""
    desk.wish(deploy_automatically=False)
    project = desk.go(State.AWAITING_DEPLOY)
    name = str(project.facts.deployment_requested)
    desk.cloud.deployments[name] = (str(project.facts.model), "succeeded")
    desk.go(State.ANALYZED)
    desk.wish(deploy_automatically=later == "auto")
    with pytest.raises(SettingsError, match="made by hand"):
        desk.operator.cancel("tienda", False)
    desk.operator.retry("tienda", restore=False, restart=True)
    assert name in desk.cloud.deployments


def test_a_restart_that_was_not_carried_out_to_its_end_can_be_repeated(desk: Any) -> None:
    """Killed after the job was called off, and the daemon went on meanwhile: it asks, and what it asks for is possible."""
    from states.steps.generation import end_generation

    project = desk.go(State.VALIDATED)
    end_generation(project, desk.ports_for(project))
    desk.go(State.UPLOADED)
    desk.tick()
    assert "retry --restart" in str(desk.project().hold)
    assert desk.operator.retry("tienda", restore=False, restart=True).generation == 2
    desk.go(State.ANALYZED)
    assert len(desk.cloud.jobs) == 1


def test_a_restart_never_begins_beside_a_job(desk: Any) -> None:
    """One that is there, though its answer was lost, is a training that goes on."""
    desk.go(State.UPLOADED)
    desk.cloud.after["create_job"] = [Unclear("lost")]
    desk.tick()
    with pytest.raises(SettingsError, match="`cancel` it first"):
        desk.operator.retry("tienda", restore=False, restart=True)


def test_a_cancelled_project_that_moves_stays_cancelled(desk: Any) -> None:
    """New settings are no decision to train again, let alone to pay."""
    from agent.engine.decisions import adopt_service
    from agent.providers.contract import Service

    desk.go(State.PROMPTED)
    desk.operator.cancel("tienda", False)
    desk.tick()
    moved = adopt_service(
        desk.store, desk.project(), Service("azure", "contoso.openai.azure.com"), desk.clock.wall
    )
    assert (moved.state, moved.due_at, moved.service) == (
        State.CANCELLED,
        None,
        "contoso.openai.azure.com",
    )


@pytest.mark.parametrize("state", LIVING)
def test_a_released_hold_goes_on_where_it_stood(desk: Any, state: State) -> None:
    """The same state and generation."""
    desk.go(state)
    desk.fault.append(NeedsOperator("look at it"))
    assert desk.tick().after.hold is not None
    assert desk.project().due_at is None
    project = desk.operator.retry("tienda", restore=False, restart=False)
    assert (project.state, project.hold, project.generation) == (state, None, 1)
    desk.go(State.ANALYZED)


@pytest.mark.parametrize("state", LIVING)
def test_retry_where_nothing_is_wrong_is_refused(desk: Any, state: State) -> None:
    """It would change nothing, or begin a training that nobody asked for."""
    desk.go(state)
    with pytest.raises(SettingsError, match="nothing is wrong"):
        desk.operator.retry("tienda", restore=False, restart=False)


@pytest.mark.parametrize(
    "state", [State.DRAFT, State.VALIDATED, State.TRAINED, State.AWAITING_DEPLOY, State.ANALYZED]
)
def test_a_restart_begins_anew(desk: Any, state: State) -> None:
    """From DRAFT in a new generation, to a model of its own."""
    desk.go(state)
    first = desk.project().facts.model
    project = desk.operator.retry("tienda", restore=False, restart=True)
    assert (project.state, project.generation, project.facts.model) == (State.DRAFT, 2, None)
    assert desk.go(State.ANALYZED).facts.model != first
    assert len(desk.cloud.files) == 2  # the same bytes are not sent twice


@pytest.mark.parametrize("state", LIVING)
@pytest.mark.parametrize("delete", [False, True])
def test_cancelling_leaves_nothing_of_ours_going_on(desk: Any, state: State, delete: bool) -> None:
    """The job is over, our deployment is gone, files only where asked for; then it rests, and can be taken up again."""
    desk.cloud.job_status = "running" if state is State.TRAINING else "succeeded"
    desk.go(state)
    assert desk.operator.cancel("tienda", delete).state is State.CANCELLED
    for _ in range(6):
        desk.clock.passes(200)
        desk.tick()
    project = desk.project()
    assert (project.state, project.due_at, project.hold) == (State.CANCELLED, None, None)
    assert desk.cloud.deployments == {}
    assert state is not State.TRAINING or desk.cloud.job_status == "cancelled"
    if delete:
        assert desk.cloud.files == {}
    desk.cloud.job_status = "succeeded"
    again = desk.operator.retry("tienda", restore=False, restart=False)
    assert (again.state, again.generation) == (State.DRAFT, 2)
    desk.go(State.ANALYZED)


def test_a_later_generation_has_a_seed_that_the_service_takes(desk: Any) -> None:
    """At most 2147483647: after the largest comes the smallest."""
    desk.wish(plan=replace(desk.wishes.plan, seed=2**31 - 1))
    project = desk.go(State.UPLOADED)
    assert [spec_of(replace(project, generation=generation)).seed for generation in (1, 2, 3)] == [
        2**31 - 1,
        0,
        1,
    ]


def test_a_finished_project_keeps_its_state_and_loses_its_deployment(desk: Any) -> None:
    """`cancel` at ANALYZED: what is billed by the hour goes, the results stay; a person's own deployment is not touched."""
    done = desk.go(State.ANALYZED)
    after = desk.operator.cancel("tienda", False)
    assert (after.state, after.facts.grade, after.due_at) == (
        State.ANALYZED,
        done.facts.grade,
        None,
    )
    assert desk.cloud.deployments == {}
    assert events(desk)[-1] is Event.CLEANED_UP
    with pytest.raises(SettingsError):
        desk.operator.cancel("tienda", False)


def test_a_persons_deployment_survives_a_cancellation(desk: Any) -> None:
    """Made by hand, deleted by hand."""
    desk.wish(deploy_automatically=False)
    project = desk.go(State.AWAITING_DEPLOY)
    desk.cloud.deployments["suya"] = (project.facts.model, "succeeded")
    desk.go(State.ANALYZED)
    with pytest.raises(SettingsError, match="by hand"):
        desk.operator.cancel("tienda", False)
    assert list(desk.cloud.deployments) == ["suya"]


@pytest.mark.parametrize("state", LIVING)
def test_advance_is_one_tick_now(desk: Any, state: State) -> None:
    """Whatever the time; the rests say so."""
    desk.go(state)
    desk.clock.wall -= 1000
    ticked = desk.operator.advance(None, None)
    assert (ticked.before.state, ticked.outcome in ("moved", "waiting")) == (state, True)


def test_advance_at_the_end_is_idle(desk: Any) -> None:
    """There is nothing more to do."""
    desk.go(State.ANALYZED)
    assert desk.operator.advance("tienda", None).outcome == "idle"


def test_a_deployment_is_named_believed_and_checked(desk: Any) -> None:
    """Of another model: stays. Failed: says so. Still creating: waits. Ready and answering: moves on."""
    desk.wish(deploy_automatically=False)
    project = desk.go(State.AWAITING_DEPLOY)
    assert "suggested" in str(desk.tick().text)
    model = project.facts.model
    for served, status, told in (
        ("other", "succeeded", "another model"),
        (model, "creating", "(creating)"),
        (model, "failed", "ended as failed"),
    ):
        desk.cloud.deployments["mia"] = (served, status)
        ticked = desk.operator.advance("tienda", "mia")
        assert ticked.after.state is State.AWAITING_DEPLOY
        assert told in str(ticked.text)
    desk.cloud.deployments["mia"] = (model, "succeeded")
    assert desk.operator.advance("tienda", "mia").after.facts.deployment == "mia"


def test_a_daemon_that_was_quicker_than_the_person_is_no_mistake(desk: Any) -> None:
    """The very deployment is named that was found since: it is said, and nothing moves. Another one is refused."""
    desk.wish(deploy_automatically=False)
    model = desk.go(State.AWAITING_DEPLOY).facts.model
    desk.cloud.deployments["mia"] = (model, "succeeded")
    before = desk.operator.advance("tienda", "mia").after
    ticked = desk.operator.advance("tienda", "mia")
    assert (ticked.outcome, ticked.after) == ("already", before)
    with pytest.raises(SettingsError, match="AWAITING_DEPLOY"):
        desk.operator.advance("tienda", "otra")


def test_where_nothing_can_be_listed_the_answer_itself_is_checked(desk: Any) -> None:
    """On v1 without Resource Manager: the named deployment is asked, and believed only if it says it is this model."""
    desk.wish(deploy_automatically=False)
    project = desk.go(State.AWAITING_DEPLOY)
    desk.cloud.unlisted = True
    assert "none named mia here that answers" in str(desk.operator.advance("tienda", "mia").text)
    desk.cloud.deployments["mia"] = ("other", "succeeded")
    assert "another model" in str(desk.operator.advance("tienda", "mia").text)
    desk.cloud.deployments["mia"] = (project.facts.model, "succeeded")
    assert desk.operator.advance("tienda", "mia").after.state is State.DEPLOYED


def test_only_the_named_project_or_the_only_one_is_found(desk: Any) -> None:
    """Else the names there are."""
    with pytest.raises(SettingsError, match="`run`"):
        desk.operator.find(None)
    desk.create("una")
    assert desk.operator.find(None).name == "una"
    desk.create("otra")
    with pytest.raises(SettingsError, match="otra, una"):
        desk.operator.find(None)
    with pytest.raises(SettingsError, match="no project tres"):
        desk.operator.find("tres")
    with pytest.raises(SettingsError, match="did you mean `otra`"):
        desk.operator.find("orta")


@pytest.mark.parametrize("place", ["data/raw/intent_examples.json", "data/raw"])
def test_a_link_to_nothing_is_not_taken_for_no_file(desk: Any, place: str) -> None:
    """A share that is not mounted: the starter's examples are not put there, and it goes on once the share is back."""
    link, target = desk.home / place, desk.home / "share"
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(target)
    desk.store.create("tienda", "00c0ffee", "emulator", desk.clock.wall)
    held = desk.tick().after
    assert str(target) in str(held.hold)
    assert held.due_at is not None
    assert not target.exists()
    if place.endswith(".json"):
        target.write_bytes(desk.catalog.starter_examples)
    else:
        target.mkdir()
    assert desk.tick().after.state is State.PROMPTED


TRAINING = "data/training/train_data.jsonl"


@pytest.mark.parametrize(
    "place",
    [TRAINING, "data/validation/validation_data.jsonl", "data/processed/training_prompts.jsonl"],
)
def test_an_edited_file_is_held_and_can_be_put_back(desk: Any, place: str) -> None:
    """`retry --restore`: the bytes that were checked, and on."""
    desk.go(State.PROMPTED if "prompts" in place else State.VALIDATED)
    before = (desk.home / place).read_bytes()
    desk.write(place, before + b"\n")
    held = desk.tick().after
    assert place in str(held.hold)
    assert held.due_at is None
    desk.operator.retry("tienda", restore=True, restart=False)
    assert (desk.home / place).read_bytes() == before
    desk.go(State.ANALYZED)
    assert desk.project().generation == 1


def test_an_edited_file_can_be_kept(desk: Any) -> None:
    """`retry`: it is what counts from now on, and is checked anew; the person's bytes are what is uploaded."""
    desk.go(State.VALIDATED)
    lines = (desk.home / TRAINING).read_bytes().splitlines(keepends=True)
    desk.write(TRAINING, b"".join(lines[:-1]))
    assert desk.tick().after.hold is not None
    project = desk.operator.retry("tienda", restore=False, restart=False)
    assert (project.state, project.generation) == (State.SPLIT, 2)
    desk.go(State.ANALYZED)
    assert b"".join(lines[:-1]) in [content for _, content in desk.cloud.files.values()]


def test_an_edit_in_the_last_moment_stops_the_payment(desk: Any) -> None:
    """The owner of the file wants something else trained than what was uploaded."""
    desk.go(State.UPLOADED)
    desk.write(TRAINING, b"{}")
    assert desk.tick().after.hold is not None
    assert desk.cloud.jobs == {}


def test_a_deleted_file_is_put_back_without_a_word(desk: Any) -> None:
    """It is no decision of anybody's; the store has it."""
    desk.go(State.VALIDATED)
    (desk.home / TRAINING).unlink()
    desk.go(State.ANALYZED)
    assert (desk.home / TRAINING).is_file()


# What the service may do ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "error", "told"), [("failed", "bad row 3", "bad row 3"), ("failed", None, "no reason given"), ("cancelled", None, "was cancelled")]
)  # fmt: skip
def test_a_training_that_ends_badly_is_failed_with_its_reason(
    desk: Any, status: str, error: str | None, told: str
) -> None:
    """Remotely, so that a retry is a new job."""
    desk.cloud.job_status, desk.cloud.job_error = status, error
    failed = desk.go(State.FAILED)
    assert told in str(failed.last_error)
    assert failed.facts.failed_remotely
    desk.cloud.job_status = "succeeded"
    desk.operator.retry("tienda", restore=False, restart=False)
    desk.go(State.ANALYZED)
    assert len(desk.cloud.jobs) == 2


def test_a_file_the_service_cannot_read_is_failed_with_its_reason(desk: Any) -> None:
    """Never trained on."""
    desk.cloud.file_status = "error"
    assert "bad line 3" in str(desk.go(State.FAILED).last_error)
    assert desk.cloud.jobs == {}


def test_a_training_that_goes_on_shows_its_progress(desk: Any) -> None:
    """The newest step and its loss; after a month, a hint to look in the portal."""
    desk.cloud.job_status = "running"
    desk.go(State.TRAINING)
    waiting = desk.tick().after
    assert str(waiting.waiting_for) == "the training job (running, step 10)"
    assert waiting.facts.job_progress == {"step": 10, "loss": 0.5}
    desk.clock.passes(31 * 86400)
    assert "look at it in the portal" in str(desk.tick().after.waiting_for)


def test_answers_that_are_paid_for_are_not_asked_again(desk: Any) -> None:
    """A fault in the middle of the cases; afterwards only those that are missing are asked."""
    desk.go(State.DEPLOYED)
    for _ in range(6):
        desk.tick()
    kept = desk.store.memory("tienda").answers(desk.project().facts.model)
    assert len(kept) == 5
    desk.cloud.before["chat"] = [Permanent("no use")]
    desk.tick()
    desk.operator.retry("tienda", restore=False, restart=False)
    desk.go(State.ANALYZED)
    assert kept.items() <= desk.store.memory("tienda").answers(desk.project().facts.model).items()


# Results ----------------------------------------------------------------------------------------------------------------


def test_results_are_a_pure_view_of_the_store(desk: Any) -> None:
    """Written twice, or after the folder is gone, or from the database alone elsewhere: the same bytes."""
    project = desk.go(State.ANALYZED)
    desk.report.publish(project)
    paths = desk.report.places_of(project)
    assert sorted(Path(path).name for path in paths) == [
        "deployment_info.json",
        "fine_tuning_info.json",
        "improvement_analysis.json",
        "test_results.json",
    ]
    first = {path: (desk.home / path).read_bytes() for path in paths}
    stamps = {path: (desk.home / path).stat().st_mtime_ns for path in paths}
    desk.report.publish(project)
    assert {
        path: (desk.home / path).stat().st_mtime_ns for path in paths
    } == stamps  # what is right is not written again
    (desk.home / paths[0]).write_text("damaged")
    (desk.home / paths[1]).unlink()
    elsewhere = replace(desk, home=desk.home.parent / "otra casa")
    for one in (desk, elsewhere):
        one.report.publish(project)
        assert {path: (one.home / path).read_bytes() for path in paths} == first


def test_what_an_earlier_generation_found_is_set_aside(desk: Any) -> None:
    """It is neither lost nor taken for what is true now."""
    desk.report.publish(desk.go(State.ANALYZED))
    analysis = desk.home / "results/improvement_analysis.json"
    first = analysis.read_bytes()
    desk.operator.retry("tienda", restore=False, restart=True)
    desk.report.publish(desk.go(State.TRAINING))
    assert not analysis.exists()
    assert (desk.home / "results/generation-1/improvement_analysis.json").read_bytes() == first
    assert json.loads((desk.home / "results/fine_tuning_info.json").read_text())["generation"] == 2
    assert desk.report.places_of(desk.project()) == ["results/fine_tuning_info.json"]
    desk.report.publish(desk.go(State.ANALYZED))
    assert json.loads(analysis.read_text())["generation"] == 2
    assert len(list((desk.home / "results/generation-1").iterdir())) == 4


def test_results_appear_as_they_become_known(desk: Any) -> None:
    """Never before, and never with a gap."""
    seen: dict[State, int] = {}
    for state in [*LIVING, State.ANALYZED]:
        seen[state] = len(desk.report.places_of(desk.go(state)))
    assert list(seen.values()) == [0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 4]


def test_the_guides_never_hold_a_key_and_quote_what_they_must(desk: Any) -> None:
    """A custom intent with quotes of both kinds still gives runnable commands."""
    import shlex

    examples = {
        "d'acord": [f"frase {n}" for n in range(8)],
        'no "va"': [f"otra {n}" for n in range(8)],
    }
    desk.write("data/raw/intent_examples.json", examples)
    desk.report.publish(desk.go(State.AWAITING_DEPLOY))
    guide = json.loads((desk.home / "results/deployment_info.json").read_text())["guide"]
    compile(guide["python"], "guide", "exec")
    body = shlex.split(guide["curl"])[-1]
    system, user = (message["content"] for message in json.loads(body)["messages"])
    assert "d'acord" in system
    assert user in [sentence for sentences in examples.values() for sentence in sentences]
    assert user in guide["python"]
    assert "after" in guide

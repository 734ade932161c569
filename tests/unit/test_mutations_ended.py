"""What was begun is found, voided, cancelled or deleted, and nobody else's is touched."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent.engine.mutations import Mutations, job_suffix
from states.errors import (
    Missing,
    NeedsOperator,
    NotFound,
    NotYet,
    Throttled,
    Unclear,
    Unreachable,
)
from states.remote import DeploymentSpec, FileSpec, JobSpec
from tests.fake_objects import File, Job
from tests.unit.desk import Desk


def test_what_was_never_begun_is_called_off_for_good(
    desk: Desk, effects: Callable[[], Mutations], job_spec: JobSpec
) -> None:
    """After `conclude_job` said there is none, nobody can create it any more under this key."""
    assert effects().conclude_job(None) is None
    assert effects().conclude_job(None) is None
    with pytest.raises(NeedsOperator, match="called off"):
        effects().create_job(job_spec, lambda: None)
    assert desk.cloud.sent == []


def test_what_was_begun_is_found_before_it_is_called_off(
    desk: Desk, effects: Callable[[], Mutations], job_spec: JobSpec
) -> None:
    """Its answer was lost, but it is there: it is ours, and can be cancelled."""
    desk.cloud.after["create_job"] = [Unclear("lost")]
    with pytest.raises(Unclear):
        effects().create_job(job_spec, lambda: None)
    assert effects().conclude_job(None) == "job-1"


def test_what_may_still_come_is_not_called_off(
    desk: Desk, effects: Callable[[], Mutations], job_spec: JobSpec, settle: float
) -> None:
    """Sent and silent: the settle time first."""
    desk.cloud.before["create_job"] = [Unclear("lost")]
    with pytest.raises(Unclear):
        effects().create_job(job_spec, lambda: None)
    with pytest.raises(NotYet):
        effects().conclude_job(None)
    desk.clock.spend(settle)
    assert effects().conclude_job(None) is None


def test_a_persons_deployment_of_our_name_is_not_taken_for_ours(
    desk: Desk, effects: Callable[[], Mutations]
) -> None:
    """Never sent by us, so it is theirs: it is not deleted with the project."""
    desk.cloud.deploy_by_hand("x", "m")
    assert effects().conclude_deployment(None) is None


def test_a_deployment_of_that_name_serving_another_model_needs_a_person(
    desk: Desk, effects: Callable[[], Mutations]
) -> None:
    """It must not be overwritten: somebody may be using it."""
    desk.cloud.deploy_by_hand("x", "theirs")
    before = dict(desk.cloud.deployments)
    with pytest.raises(NeedsOperator, match="serving theirs"):
        effects().create_deployment(DeploymentSpec("x", "ours"))
    assert desk.cloud.deployments == before


def test_deleting_what_is_gone_is_done(
    desk: Desk, effects: Callable[[], Mutations], file_spec: Callable[..., FileSpec]
) -> None:
    """A job that is over needs nothing.

    That something is not found is believed when its deletion is told so again and again.
    """
    assert effects().cancel_job("job-1") == "job-1"
    assert desk.cloud.sent == []
    for kind, delete in (
        ("delete_deployment", lambda: effects().delete_deployment(DeploymentSpec("never", "m"))),
        ("delete_file", lambda: effects().delete_file("never")),
    ):
        desk.cloud.sent.clear()
        desk.cloud.before[kind] = [NotFound("gone")] * 3
        for _ in range(2):
            with pytest.raises(Missing, match="never"):
                delete()
        assert delete() == delete() == "never"
        assert desk.cloud.sent == [kind] * 3
    file_id = effects().upload(file_spec())
    assert effects().delete_file(file_id) == file_id
    assert desk.cloud.files == {}


def test_a_job_that_is_not_found_is_cancelled_all_the_same(
    desk: Desk, effects: Callable[[], Mutations]
) -> None:
    """Gateways err: only when the cancellation itself is told the same several times is the job
    believed to be gone.
    """
    desk.cloud.job_status = "running"
    desk.cloud.before["cancel_job"] = [NotFound("404"), NotFound("404")]
    for _ in range(2):
        with pytest.raises(Missing, match="job-1"):
            effects().cancel_job("job-1")
    assert effects().cancel_job("job-1") == "job-1"
    assert desk.cloud.job_status == "cancelled"
    desk.cloud.job_status = "running"
    desk.cloud.before["cancel_job"] = [NotFound("404")] * 3
    for _ in range(2):
        with pytest.raises(Missing):
            effects().cancel_job("job-2")
    assert effects().cancel_job("job-2") == "job-2"


def test_only_what_is_said_again_and_again_without_a_break_is_believed(
    desk: Desk, effects: Callable[[], Mutations]
) -> None:
    """A 404 after two answers of another kind is the first one."""
    desk.cloud.deploy_by_hand("x", "m")
    desk.cloud.before["delete_deployment"] = [
        Throttled("429"),
        Unreachable("no route"),
        NotFound("404"),
        Throttled("429"),
        NotFound("404"),
    ]
    for expected in (Throttled, Unreachable, Missing, Throttled, Missing):
        with pytest.raises(expected):
            effects().delete_deployment(DeploymentSpec("x", "m"))
    assert effects().delete_deployment(DeploymentSpec("x", "m")) == "x"
    assert desk.cloud.deployments == {}


def test_what_an_older_copy_of_the_database_forgot_is_found(
    desk: Desk,
    effects: Callable[[], Mutations],
    job_spec: JobSpec,
    file_spec: Callable[..., FileSpec],
) -> None:
    """Nothing of it is written down, and it bears our mark: the job, the deployment under a name of
    our own, the files.
    """
    project = desk.project()
    desk.cloud.jobs["job-7"] = Job("job-7", job_spec, job_suffix(project))
    assert effects().conclude_job(job_spec) == "job-7"
    spec = DeploymentSpec(project.remote_name, "m")
    desk.cloud.deploy_by_hand(spec.name, "m")
    assert effects().conclude_deployment(spec) == spec
    name = f"{project.remote_name}-training-{file_spec().sha256[:16]}.jsonl"
    desk.cloud.files["file-7"] = File("file-7", name, b"row")
    assert list(effects().conclude_uploads()) == ["file-7"]
    effects().delete_file("file-7")
    assert list(effects().conclude_uploads()) == []


def test_another_name_may_be_chosen_for_what_was_never_made(
    desk: Desk, effects: Callable[[], Mutations]
) -> None:
    """As the message about a taken name advises."""
    desk.cloud.deploy_by_hand("x", "theirs", "failed")
    with pytest.raises(NeedsOperator, match="serving theirs"):
        effects().create_deployment(DeploymentSpec("x", "ours"))
    assert effects().create_deployment(DeploymentSpec("y", "ours")) == "y"


def test_what_somebody_put_in_the_place_of_our_deployment_is_not_deleted(
    desk: Desk, effects: Callable[[], Mutations]
) -> None:
    """The name is the same, the model is not: ours is gone already."""
    desk.cloud.deploy_by_hand("x", "theirs")
    before = dict(desk.cloud.deployments)
    assert effects().delete_deployment(DeploymentSpec("x", "ours")) == "x"
    assert desk.cloud.sent == []
    assert desk.cloud.deployments == before


def test_a_deleted_deployment_that_is_still_listed_is_not_adopted(
    desk: Desk, effects: Callable[[], Mutations], settle: float
) -> None:
    """Its name is asked for again only when every look has noticed the deletion."""
    spec = DeploymentSpec("x", "m")
    effects().delete_deployment(spec)
    desk.cloud.deploy_by_hand("x", "m", "deleting")
    with pytest.raises(NotYet, match="the deletion of x"):
        effects().create_deployment(spec)
    desk.clock.spend(settle)
    desk.cloud.deployments.clear()
    assert effects().create_deployment(spec) == "x"
    assert desk.cloud.sent == ["delete_deployment", "create_deployment"]


def test_what_was_begun_is_known_whatever_the_settings_say_now(
    desk: Desk, effects: Callable[[], Mutations]
) -> None:
    """The name it was sent under counts, not the one that another setting would give it."""
    desk.cloud.after["create_deployment"] = [Unclear("lost")]
    spec = DeploymentSpec("before", "m")
    with pytest.raises(Unclear):
        effects().create_deployment(spec)
    with pytest.raises(NeedsOperator, match="name: before"):
        effects().create_deployment(DeploymentSpec("after", "m"))
    assert effects().conclude_deployment(None) == spec


def test_every_upload_of_the_project_is_known_again(
    desk: Desk, effects: Callable[[], Mutations], file_spec: Callable[..., FileSpec]
) -> None:
    """Answered or not, of this generation or of an earlier one, so that they can be deleted; a
    deleted one is not adopted.
    """
    first = effects().upload(file_spec(b"one"))
    desk.cloud.after["upload"] = [Unclear("lost")]
    with pytest.raises(Unclear):
        effects().upload(file_spec(b"two"))
    assert sorted(effects().conclude_uploads()) == [first, "file-2"]
    kept = dict(desk.cloud.files)
    effects().delete_file(first)
    desk.cloud.files.update(kept)  # a listing that lags behind
    assert desk.cloud.files.keys() == {"file-1", "file-2"}
    assert effects().find_uploads("-training-" + file_spec(b"one").sha256[:16] + ".jsonl") == []

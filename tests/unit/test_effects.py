"""Once, under crashes: every way through an intent, with a service in memory and a clock that is told what time it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from agent.engine.mutations import Mutations, job_suffix
from agent.engine.send_deadline import seconds_left
from states.errors import (
    Missing,
    NeedsOperator,
    NotFound,
    NotYet,
    Permanent,
    Throttled,
    Unclear,
    Unreachable,
)
from states.remote import DeploymentSpec


@pytest.fixture
def effects(desk: Any, timing: Any) -> Callable[[], Mutations]:
    """The effects of the project as it stands now."""
    desk.create()
    return lambda: Mutations(desk.project(), desk.store, desk.cloud, timing, desk.clock.now)


def test_fresh_is_made_once_and_then_remembered(desk: Any, effects: Any, file_spec: Any) -> None:
    """The second time the receipt answers, and the service is not even asked."""
    first = effects().upload(file_spec())
    desk.cloud.before["list_files"] = [AssertionError("asked again")]
    assert effects().upload(file_spec()) == first
    assert desk.cloud.sent == ["upload"]


def test_the_same_bytes_of_another_role_are_another_file(
    desk: Any, effects: Any, file_spec: Any
) -> None:
    """Training and validation may be equal in content and are two files all the same."""
    assert effects().upload(file_spec()) != effects().upload(file_spec(role="validation"))
    assert len(desk.cloud.files) == 2


def test_a_lost_answer_is_adopted(desk: Any, effects: Any, job_spec: Any) -> None:
    """Acted upon, but the answer never came: found by its key at once, without waiting to settle."""
    desk.cloud.after["create_job"] = [Unclear("lost")]
    with pytest.raises(Unclear):
        effects().create_job(job_spec, lambda: None)
    assert effects().create_job(job_spec, lambda: None) == "job-1"
    assert desk.cloud.sent == ["create_job"]


def test_an_unanswered_request_settles_before_it_is_sent_again(
    desk: Any, effects: Any, job_spec: Any, settle: float
) -> None:
    """Not found does not mean not on its way: nothing is sent until the settle time has passed, then once."""
    desk.cloud.before["create_job"] = [Unclear("lost")]
    with pytest.raises(Unclear):
        effects().create_job(job_spec, lambda: None)
    desk.clock.passes(settle - 1)
    with pytest.raises(NotYet) as waiting:
        effects().create_job(job_spec, lambda: None)
    assert waiting.value.retry_after == pytest.approx(1)
    desk.clock.passes(1)
    assert effects().create_job(job_spec, lambda: None) == "job-1"
    assert desk.cloud.sent == ["create_job", "create_job"]


def test_settling_counts_from_the_last_attempt(
    desk: Any, effects: Any, file_spec: Any, settle: float
) -> None:
    """Lost, settled, sent again and silent: what the second request does may still come, so the count begins anew."""
    desk.cloud.hidden = True
    desk.cloud.before["upload"] = [Unclear("lost")]
    desk.cloud.after["upload"] = [Unclear("silent")]
    with pytest.raises(Unclear):
        effects().upload(file_spec())
    desk.clock.passes(settle)
    with pytest.raises(Unclear):
        effects().upload(file_spec())
    desk.clock.passes(settle / 2)
    with pytest.raises(NotYet):
        effects().upload(file_spec())
    desk.cloud.hidden = False
    assert effects().upload(file_spec()) == "file-1"
    assert len(desk.cloud.files) == 1


def test_a_clock_set_forward_does_not_shorten_the_wait(
    desk: Any, effects: Any, file_spec: Any, settle: float
) -> None:
    """People's clocks jump; the machine's own does not."""
    desk.cloud.before["upload"] = [Unclear("lost")]
    with pytest.raises(Unclear):
        effects().upload(file_spec())
    desk.clock.wall += 10 * settle
    with pytest.raises(NotYet):
        effects().upload(file_spec())


def test_a_clock_set_back_across_a_restart_counts_from_now(
    desk: Any, effects: Any, file_spec: Any, settle: float
) -> None:
    """Nobody knows how long ago it was, so the whole time is waited for once, and not for ever."""
    desk.cloud.before["upload"] = [Unclear("lost")]
    with pytest.raises(Unclear):
        effects().upload(file_spec())
    desk.clock.boot, desk.clock.ticks = "second", 1.0
    desk.clock.wall -= 30 * 86400
    with pytest.raises(NotYet) as waiting:
        effects().upload(file_spec())
    assert waiting.value.retry_after == pytest.approx(settle)
    desk.clock.passes(settle)
    assert effects().upload(file_spec()) == "file-1"


@pytest.mark.parametrize("refusal", [Unreachable("no route"), Throttled("429", 3.0)])
def test_a_certain_refusal_is_sent_again_without_settling(
    desk: Any, effects: Any, file_spec: Any, refusal: Exception
) -> None:
    """Nothing can come of a request that was turned away at the door."""
    desk.cloud.before["upload"] = [refusal]
    with pytest.raises(type(refusal)):
        effects().upload(file_spec())
    assert effects().upload(file_spec()) == "file-1"


def test_two_of_one_key_need_a_person(desk: Any, effects: Any, file_spec: Any) -> None:
    """Both ids are named, and nothing more is sent."""
    spec = file_spec()
    name = f"{desk.project().remote_name}-training-{spec.sha256[:16]}.jsonl"
    desk.cloud.files.update({"file-8": (name, b""), "file-9": (name, b"")})
    with pytest.raises(NeedsOperator, match="file-8, file-9"):
        effects().upload(spec)
    assert desk.cloud.sent == []


def test_other_data_under_the_same_key_need_a_person(
    desk: Any, effects: Any, job_spec: Any
) -> None:
    """A job begun with other settings may be paid for already."""
    desk.cloud.before["create_job"] = [Unclear("lost")]
    with pytest.raises(Unclear):
        effects().create_job(job_spec, lambda: None)
    with pytest.raises(NeedsOperator, match=r"other settings or data than now \(epochs: 3\)"):
        effects().create_job(replace(job_spec, epochs=9), lambda: None)


def test_the_loser_of_the_stamp_sends_nothing(desk: Any, effects: Any, job_spec: Any) -> None:
    """Two processes decide at the same moment: the second finds the intent claimed and waits."""
    first, second = effects(), effects()

    def meanwhile() -> None:
        first.create_job(job_spec, lambda: None)

    with pytest.raises(NotYet, match="Another process"):
        second.create_job(job_spec, meanwhile)
    assert desk.cloud.sent == ["create_job"]
    assert effects().create_job(job_spec, lambda: None) == "job-1"


def test_the_last_look_can_stop_the_payment(desk: Any, effects: Any, job_spec: Any) -> None:
    """It raises before anything is stamped, so that nothing has to settle afterwards."""

    def objects() -> None:
        raise NeedsOperator("edited")

    with pytest.raises(NeedsOperator, match="edited"):
        effects().create_job(job_spec, objects)
    assert desk.cloud.sent == []
    assert effects().create_job(job_spec, lambda: None) == "job-1"


def test_what_was_never_begun_is_called_off_for_good(
    desk: Any, effects: Any, job_spec: Any
) -> None:
    """After `conclude_job` said there is none, nobody can create it any more under this key."""
    assert effects().conclude_job(None) is None
    assert effects().conclude_job(None) is None
    with pytest.raises(NeedsOperator, match="called off"):
        effects().create_job(job_spec, lambda: None)
    assert desk.cloud.sent == []


def test_what_was_begun_is_found_before_it_is_called_off(
    desk: Any, effects: Any, job_spec: Any
) -> None:
    """Its answer was lost, but it is there: it is ours, and can be cancelled."""
    desk.cloud.after["create_job"] = [Unclear("lost")]
    with pytest.raises(Unclear):
        effects().create_job(job_spec, lambda: None)
    assert effects().conclude_job(None) == "job-1"


def test_what_may_still_come_is_not_called_off(
    desk: Any, effects: Any, job_spec: Any, settle: float
) -> None:
    """Sent and silent: the settle time first."""
    desk.cloud.before["create_job"] = [Unclear("lost")]
    with pytest.raises(Unclear):
        effects().create_job(job_spec, lambda: None)
    with pytest.raises(NotYet):
        effects().conclude_job(None)
    desk.clock.passes(settle)
    assert effects().conclude_job(None) is None


def test_a_persons_deployment_of_our_name_is_not_taken_for_ours(desk: Any, effects: Any) -> None:
    """Never sent by us, so it is theirs: it is not deleted with the project."""
    desk.cloud.deployments["x"] = ("m", "succeeded")
    assert effects().conclude_deployment(None) is None


def test_a_deployment_of_that_name_serving_another_model_needs_a_person(
    desk: Any, effects: Any
) -> None:
    """It must not be overwritten: somebody may be using it."""
    desk.cloud.deployments["x"] = ("theirs", "succeeded")
    with pytest.raises(NeedsOperator, match="serving theirs"):
        effects().create_deployment(DeploymentSpec("x", "ours"))
    assert desk.cloud.deployments == {"x": ("theirs", "succeeded")}


def test_deleting_what_is_gone_is_done(desk: Any, effects: Any, file_spec: Any) -> None:
    """A job that is over needs nothing. That something is not found is believed when its deletion is told so again and again."""
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


def test_a_job_that_is_not_found_is_cancelled_all_the_same(desk: Any, effects: Any) -> None:
    """Gateways err: only when the cancellation itself is told the same several times is the job believed to be gone."""
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
    desk: Any, effects: Any
) -> None:
    """A 404 after two answers of another kind is the first one."""
    desk.cloud.deployments["x"] = ("m", "succeeded")
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
    desk: Any, effects: Any, job_spec: Any, file_spec: Any
) -> None:
    """Nothing of it is written down, and it bears our mark: the job, the deployment under a name of our own, the files."""
    project = desk.project()
    desk.cloud.jobs["job-7"] = (job_spec, job_suffix(project))
    assert effects().conclude_job(job_spec) == "job-7"
    spec = DeploymentSpec(project.remote_name, "m")
    desk.cloud.deployments[spec.name] = ("m", "succeeded")
    assert effects().conclude_deployment(spec) == spec
    desk.cloud.files["file-7"] = (
        f"{project.remote_name}-training-{file_spec().sha256[:16]}.jsonl",
        b"row",
    )
    assert list(effects().conclude_uploads()) == ["file-7"]
    effects().delete_file("file-7")
    assert list(effects().conclude_uploads()) == []


def test_another_name_may_be_chosen_for_what_was_never_made(desk: Any, effects: Any) -> None:
    """As the message about a taken name advises."""
    desk.cloud.deployments["x"] = ("theirs", "failed")
    with pytest.raises(NeedsOperator, match="serving theirs"):
        effects().create_deployment(DeploymentSpec("x", "ours"))
    assert effects().create_deployment(DeploymentSpec("y", "ours")) == "y"


def test_what_somebody_put_in_the_place_of_our_deployment_is_not_deleted(
    desk: Any, effects: Any
) -> None:
    """The name is the same, the model is not: ours is gone already."""
    desk.cloud.deployments["x"] = ("theirs", "succeeded")
    assert effects().delete_deployment(DeploymentSpec("x", "ours")) == "x"
    assert desk.cloud.sent == []
    assert desk.cloud.deployments == {"x": ("theirs", "succeeded")}


def test_a_deleted_deployment_that_is_still_listed_is_not_adopted(
    desk: Any, effects: Any, settle: float
) -> None:
    """Its name is asked for again only when every look has noticed the deletion."""
    spec = DeploymentSpec("x", "m")
    effects().delete_deployment(spec)
    desk.cloud.deployments["x"] = ("m", "deleting")
    with pytest.raises(NotYet, match="the deletion of x"):
        effects().create_deployment(spec)
    desk.clock.passes(settle)
    desk.cloud.deployments.clear()
    assert effects().create_deployment(spec) == "x"
    assert desk.cloud.sent == ["delete_deployment", "create_deployment"]


def test_what_was_begun_is_known_whatever_the_settings_say_now(desk: Any, effects: Any) -> None:
    """The name it was sent under counts, not the one that another setting would give it."""
    desk.cloud.after["create_deployment"] = [Unclear("lost")]
    spec = DeploymentSpec("before", "m")
    with pytest.raises(Unclear):
        effects().create_deployment(spec)
    with pytest.raises(NeedsOperator, match="name: before"):
        effects().create_deployment(DeploymentSpec("after", "m"))
    assert effects().conclude_deployment(None) == spec


def test_every_upload_of_the_project_is_known_again(
    desk: Any, effects: Any, file_spec: Any
) -> None:
    """Answered or not, of this generation or of an earlier one, so that they can be deleted; a deleted one is not adopted."""
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


def test_a_request_that_would_leave_too_late_is_not_sent(
    desk: Any, effects: Any, file_spec: Any, timing: Any
) -> None:
    """Between the stamp and the sending the process may be stopped, or the connection slow: then somebody else may have sent it."""
    left: list[float] = []
    desk.cloud.upload = lambda name, content: left.append(seconds_left()) or "file-1"
    effects().upload(file_spec())
    desk.cloud.upload = lambda name, content: (
        desk.clock.passes(timing.send) or left.append(seconds_left()) or "file-2"
    )
    effects().upload(file_spec(b"another"))
    assert left == [timing.send, 0]
    assert seconds_left() == float("inf")


def test_a_refusal_for_good_leaves_no_receipt(desk: Any, effects: Any, job_spec: Any) -> None:
    """Permanent: the project fails; a retry is a new generation with a key of its own."""
    desk.cloud.before["create_job"] = [Permanent("bad file", remote=True)]
    with pytest.raises(Permanent):
        effects().create_job(job_spec, lambda: None)
    assert not desk.store.has_receipts(desk.project())


@pytest.mark.parametrize("name", ["a", "tienda", "un-nombre-bastante-largo-del-todo"])
@pytest.mark.parametrize("generation", [1, 12, 123])
def test_a_job_suffix_fits_every_surface(desk: Any, name: str, generation: int) -> None:
    """At most 18 of [a-z0-9-]; another one for every project, uid and generation."""
    project = replace(desk.create(name), generation=generation)
    suffix = job_suffix(project)
    assert len(suffix) <= 18
    assert suffix.replace("-", "").isalnum()
    assert suffix.endswith(f"00c0ffeeg{generation}")

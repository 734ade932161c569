"""A mutation happens once: every way from its intent to its receipt, on a clock that tests turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from agent.engine.exactly_once import Timing
from agent.engine.mutations import Mutations, job_suffix
from agent.engine.send_deadline import seconds_left
from states.errors import (
    NeedsOperator,
    NotYet,
    Permanent,
    Throttled,
    Unclear,
    Unreachable,
)
from states.remote import FileSpec, JobSpec
from tests.fake_objects import File
from tests.unit.desk import Desk


def test_fresh_is_made_once_and_then_remembered(
    desk: Desk, effects: Callable[[], Mutations], file_spec: Callable[..., FileSpec]
) -> None:
    """The second time the receipt answers, and the service is not even asked."""
    first = effects().upload(file_spec())
    desk.cloud.before["files_named"] = [AssertionError("asked again")]
    assert effects().upload(file_spec()) == first
    assert desk.cloud.sent == ["upload"]


def test_the_same_bytes_of_another_role_are_another_file(
    desk: Desk, effects: Callable[[], Mutations], file_spec: Callable[..., FileSpec]
) -> None:
    """Training and validation may be equal in content and are two files all the same."""
    assert effects().upload(file_spec()) != effects().upload(file_spec(role="validation"))
    assert len(desk.cloud.files) == 2


def test_a_lost_answer_is_adopted(
    desk: Desk, effects: Callable[[], Mutations], job_spec: JobSpec
) -> None:
    """Acted upon, but the answer never came: found by its key at once, without waiting to
    settle.
    """
    desk.cloud.after["create_job"] = [Unclear("lost")]
    with pytest.raises(Unclear):
        effects().create_job(job_spec, lambda: None)
    assert effects().create_job(job_spec, lambda: None) == "job-1"
    assert desk.cloud.sent == ["create_job"]


def test_an_unanswered_request_settles_before_it_is_sent_again(
    desk: Desk, effects: Callable[[], Mutations], job_spec: JobSpec, settle: float
) -> None:
    """Not found does not mean not on its way: nothing is sent until the settle time has passed,
    then once.
    """
    desk.cloud.before["create_job"] = [Unclear("lost")]
    with pytest.raises(Unclear):
        effects().create_job(job_spec, lambda: None)
    desk.clock.spend(settle - 1)
    with pytest.raises(NotYet) as waiting:
        effects().create_job(job_spec, lambda: None)
    assert waiting.value.retry_after == pytest.approx(1)
    desk.clock.spend(1)
    assert effects().create_job(job_spec, lambda: None) == "job-1"
    assert desk.cloud.sent == ["create_job", "create_job"]


def test_settling_counts_from_the_last_attempt(
    desk: Desk, effects: Callable[[], Mutations], file_spec: Callable[..., FileSpec], settle: float
) -> None:
    """Lost, settled, sent again and silent: what the second request does may still come, so the
    count begins anew.
    """
    desk.cloud.lag = float("inf")  # listings show nothing
    desk.cloud.before["upload"] = [Unclear("lost")]
    desk.cloud.after["upload"] = [Unclear("silent")]
    with pytest.raises(Unclear):
        effects().upload(file_spec())
    desk.clock.spend(settle)
    with pytest.raises(Unclear):
        effects().upload(file_spec())
    desk.clock.spend(settle / 2)
    with pytest.raises(NotYet):
        effects().upload(file_spec())
    desk.cloud.lag = 0.0
    assert effects().upload(file_spec()) == "file-1"
    assert len(desk.cloud.files) == 1


def test_a_clock_set_forward_does_not_shorten_the_wait(
    desk: Desk, effects: Callable[[], Mutations], file_spec: Callable[..., FileSpec], settle: float
) -> None:
    """People's clocks jump; the machine's own does not."""
    desk.cloud.before["upload"] = [Unclear("lost")]
    with pytest.raises(Unclear):
        effects().upload(file_spec())
    desk.clock.offset += 10 * settle
    with pytest.raises(NotYet):
        effects().upload(file_spec())


def test_a_clock_set_back_across_a_restart_counts_from_now(
    desk: Desk, effects: Callable[[], Mutations], file_spec: Callable[..., FileSpec], settle: float
) -> None:
    """Nobody knows how long ago it was, so the whole time is waited for once, and not for ever."""
    desk.cloud.before["upload"] = [Unclear("lost")]
    with pytest.raises(Unclear):
        effects().upload(file_spec())
    desk.clock.reboot()
    desk.clock.spend(1.0)
    desk.clock.offset -= 30 * 86400
    with pytest.raises(NotYet) as waiting:
        effects().upload(file_spec())
    assert waiting.value.retry_after == pytest.approx(settle)
    desk.clock.spend(settle)
    assert effects().upload(file_spec()) == "file-1"


@pytest.mark.parametrize("refusal", [Unreachable("no route"), Throttled("429", 3.0)])
def test_a_certain_refusal_is_sent_again_without_settling(
    desk: Desk,
    effects: Callable[[], Mutations],
    file_spec: Callable[..., FileSpec],
    refusal: Exception,
) -> None:
    """Nothing can come of a request that was turned away at the door."""
    desk.cloud.before["upload"] = [refusal]
    with pytest.raises(type(refusal)):
        effects().upload(file_spec())
    assert effects().upload(file_spec()) == "file-1"


def test_two_of_one_key_need_a_person(
    desk: Desk, effects: Callable[[], Mutations], file_spec: Callable[..., FileSpec]
) -> None:
    """Both ids are named, and nothing more is sent."""
    spec = file_spec()
    name = f"{desk.project().remote_name}-training-{spec.sha256[:16]}.jsonl"
    desk.cloud.files.update({n: File(n, name) for n in ("file-8", "file-9")})
    with pytest.raises(NeedsOperator, match="file-8, file-9"):
        effects().upload(spec)
    assert desk.cloud.sent == []


def test_other_data_under_the_same_key_need_a_person(
    desk: Desk, effects: Callable[[], Mutations], job_spec: JobSpec
) -> None:
    """A job begun with other settings may be paid for already."""
    desk.cloud.before["create_job"] = [Unclear("lost")]
    with pytest.raises(Unclear):
        effects().create_job(job_spec, lambda: None)
    with pytest.raises(NeedsOperator, match=r"other settings or data than now \(epochs: 3\)"):
        effects().create_job(replace(job_spec, epochs=9), lambda: None)


def test_the_loser_of_the_stamp_sends_nothing(
    desk: Desk, effects: Callable[[], Mutations], job_spec: JobSpec
) -> None:
    """Two processes decide at the same moment: the second finds the intent claimed and waits."""
    first, second = effects(), effects()

    def meanwhile() -> None:
        first.create_job(job_spec, lambda: None)

    with pytest.raises(NotYet, match="Another process"):
        second.create_job(job_spec, meanwhile)
    assert desk.cloud.sent == ["create_job"]
    assert effects().create_job(job_spec, lambda: None) == "job-1"


def test_the_last_look_can_stop_the_payment(
    desk: Desk, effects: Callable[[], Mutations], job_spec: JobSpec
) -> None:
    """It raises before anything is stamped, so that nothing has to settle afterwards."""

    def objects() -> None:
        raise NeedsOperator("edited")

    with pytest.raises(NeedsOperator, match="edited"):
        effects().create_job(job_spec, objects)
    assert desk.cloud.sent == []
    assert effects().create_job(job_spec, lambda: None) == "job-1"


def test_a_request_that_would_leave_too_late_is_not_sent(
    desk: Desk, effects: Callable[[], Mutations], file_spec: Callable[..., FileSpec], timing: Timing
) -> None:
    """Between the stamp and the sending the process may be stopped, or the connection slow: then
    somebody else may have sent it.
    """
    left: list[float] = []
    desk.cloud.upload = lambda name, content: left.append(seconds_left()) or "file-1"
    effects().upload(file_spec())
    desk.cloud.upload = lambda name, content: (
        desk.clock.spend(timing.send) or left.append(seconds_left()) or "file-2"
    )
    effects().upload(file_spec(b"another"))
    assert left == [timing.send, 0]
    assert seconds_left() == float("inf")


def test_a_refusal_for_good_leaves_no_receipt(
    desk: Desk, effects: Callable[[], Mutations], job_spec: JobSpec
) -> None:
    """Permanent: the project fails; a retry is a new generation with a key of its own."""
    desk.cloud.before["create_job"] = [Permanent("bad file", remote=True)]
    with pytest.raises(Permanent):
        effects().create_job(job_spec, lambda: None)
    assert not desk.store.has_receipts(desk.project())


@pytest.mark.parametrize("name", ["a", "tienda", "un-nombre-bastante-largo-del-todo"])
@pytest.mark.parametrize("generation", [1, 12, 123])
def test_a_job_suffix_fits_every_surface(desk: Desk, name: str, generation: int) -> None:
    """At most 18 of [a-z0-9-]; another one for every project, uid and generation."""
    project = replace(desk.create(name), generation=generation)
    suffix = job_suffix(project)
    assert len(suffix) <= 18
    assert suffix.replace("-", "").isalnum()
    assert suffix.endswith(f"00c0ffeeg{generation}")

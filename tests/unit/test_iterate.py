"""`iterate`: a new generation beside the old one, until it is known which of the two stays.

Longer than other files, so that every way out of two deployments stands in one place.
"""

from __future__ import annotations

import json

import pytest

from states.errors import Permanent, SettingsError
from states.evaluation.answers import Evaluation
from states.intents.dataset import decode
from states.model import Project
from states.places import Artifact, place_of
from states.stages import DELETED
from states.state import State
from states.steps.succession import Standing
from tests.unit.desk import Desk

OLD, NEW = "tienda-00c0ffee-g1", "tienda-00c0ffee-g2"


@pytest.fixture
def standing(monkeypatch: pytest.MonkeyPatch) -> list[Standing]:
    """What the answers say, at each look."""
    told = [Standing.NOT_WORSE]
    monkeypatch.setattr("states.steps.analyze._compare_with_parent", lambda *_: told[-1])
    return told


def _iterate(desk: Desk, **wishes: bool) -> Project:
    desk.go(State.ANALYZED)
    return desk.decisions.iterate("tienda", **wishes)


def test_the_old_deployment_stays_until_the_new_one_is_judged(
    desk: Desk, standing: list[Standing]
) -> None:
    """Whatever happens before; then the old one goes, since the new one is not worse."""
    project = _iterate(desk)
    assert (project.state, project.generation) == (State.DRAFT, 2)
    for state in list(State)[1:10]:
        desk.go(state)
        assert OLD in desk.cloud.deployments, state
    done = desk.go(State.ANALYZED)
    assert set(desk.cloud.deployments) == {NEW}
    parent = done.facts.parent
    assert parent is not None and parent.gives_way and parent.answers_at is None
    assert "takes its place" in str(desk.store.history("tienda")[-1].note)
    assert standing


def test_the_files_of_the_generation_before_say_that_its_deployment_is_deleted(
    desk: Desk, standing: list[Standing]
) -> None:
    """From when it is, though they were set aside before."""
    aside = desk.home / "results" / "generation-1" / "deployment_info.json"
    desk.results.publish(desk.go(State.ANALYZED))
    _iterate(desk)
    desk.results.publish(desk.go(State.DEPLOYED))
    assert json.loads(aside.read_text())["status"] == "succeeded"
    desk.results.publish(desk.go(State.ANALYZED))
    assert json.loads(aside.read_text())["status"] == "deleted"


def test_one_that_is_worse_goes_and_the_old_one_stays(desk: Desk, standing: list[Standing]) -> None:
    """Nothing is left that costs for nothing; the next generation is compared with the old one."""
    standing.append(Standing.WORSE)
    _iterate(desk)
    done = desk.go(State.ANALYZED)
    assert set(desk.cloud.deployments) == {OLD}
    assert done.facts.deployed.status == DELETED
    assert "iterate tienda --accept" in str(desk.store.history("tienda")[-1].note)
    third = desk.decisions.iterate("tienda")
    assert (third.generation, third.facts.parent.generation) == (3, 1)
    assert set(desk.cloud.deployments) == {OLD}


def test_a_person_takes_the_worse_one_all_the_same(desk: Desk, standing: list[Standing]) -> None:
    """It is deployed again, without a training or an answer that is paid again; the old one goes
    once it has answered."""
    standing.append(Standing.WORSE)
    _iterate(desk)
    desk.go(State.ANALYZED)
    jobs = len(desk.cloud.jobs)
    desk.decisions.accept("tienda")
    desk.go(State.EVALUATED)
    assert OLD in desk.cloud.deployments
    desk.go(State.ANALYZED)
    assert set(desk.cloud.deployments) == {"tienda-00c0ffee-g3"}
    assert len(desk.cloud.jobs) == jobs
    with pytest.raises(SettingsError, match="no deployment of an earlier generation"):
        desk.decisions.accept("tienda")


@pytest.mark.parametrize("way", ["accept", "keep"])
def test_both_stay_where_nobody_can_say_and_one_command_decides(
    desk: Desk, standing: list[Standing], way: str
) -> None:
    """It says that both may cost, and both commands."""
    standing.append(Standing.UNKNOWN)
    _iterate(desk)
    desk.go(State.ANALYZED)
    assert set(desk.cloud.deployments) == {OLD, NEW}
    note = str(desk.store.history("tienda")[-1].note)
    assert "iterate tienda --accept" in note and "cancel tienda --keep-parent" in note
    if way == "accept":
        desk.decisions.accept("tienda")
        desk.go(State.ANALYZED)
        assert set(desk.cloud.deployments) == {NEW}
    else:
        desk.decisions.cancel("tienda", False, keeps_parent=True)
        assert set(desk.cloud.deployments) == {OLD}


def test_how_robust_it_is_stays_known_of_a_generation_that_is_accepted(
    desk: Desk, standing: list[Standing]
) -> None:
    """The changed sentences were paid for, and are not asked again."""
    standing.append(Standing.UNKNOWN)
    _iterate(desk)
    desk.go(State.ANALYZED)
    desk.decisions.evaluate("tienda", deploys=False, robustness=True)
    desk.go(State.ANALYZED)
    before = [act.kind for act in desk.cloud.ledger].count("chat")
    desk.decisions.accept("tienda")
    kept = desk.store.memory("tienda").recall(desk.go(State.ANALYZED).facts.evaluated.evaluation)
    assert Evaluation.from_json(kept).robustness
    assert [act.kind for act in desk.cloud.ledger].count("chat") == before


def test_of_three_never_more_than_two_are_deployed(desk: Desk, standing: list[Standing]) -> None:
    """The one that nobody could judge gives way to the next; the one that serves does not."""
    standing.append(Standing.UNKNOWN)
    _iterate(desk)
    desk.go(State.ANALYZED)
    third = desk.decisions.iterate("tienda")
    assert set(desk.cloud.deployments) == {OLD}
    assert third.facts.parent.generation == 1


def test_replace_deletes_the_old_one_at_once(desk: Desk, standing: list[Standing]) -> None:
    """As `retry --restart`; its answers still count."""
    project = _iterate(desk, replaces=True)
    assert not desk.cloud.deployments
    assert project.facts.parent.answers_at is None
    desk.go(State.ANALYZED)
    assert set(desk.cloud.deployments) == {NEW}


@pytest.mark.parametrize("state", list(State)[:10])
def test_cancel_ends_both_or_leaves_the_old_one(
    desk: Desk, standing: list[Standing], state: State
) -> None:
    """Wherever the new generation stands; a second `cancel` ends the old one as well."""
    _iterate(desk)
    desk.go(state)
    desk.decisions.cancel("tienda", False, keeps_parent=True)
    project = desk.go(State.CANCELLED)
    while project.due_at is not None:
        project = desk.tick().after
    assert set(desk.cloud.deployments) == {OLD}
    assert project.facts.parent.answers_at == OLD
    desk.decisions.cancel("tienda", False)
    project = desk.tick().after
    assert not desk.cloud.deployments
    assert project.facts.parent.answers_at is None


def test_a_failed_iteration_leaves_the_old_deployment(desk: Desk, standing: list[Standing]) -> None:
    """And the retry is compared with the same one."""
    _iterate(desk)
    desk.go(State.AWAITING_DEPLOY)
    desk.fault.append(Permanent("no use", remote=True))
    desk.tick()
    assert OLD in desk.cloud.deployments
    project = desk.decisions.retry("tienda", restore=False, restart=False)
    assert project.facts.parent.answers_at == OLD
    desk.go(State.ANALYZED)
    assert set(desk.cloud.deployments) == {"tienda-00c0ffee-g3"}


def test_a_name_that_is_set_is_not_asked_for_twice(desk: Desk, standing: list[Standing]) -> None:
    """Both are there at once, so the new one is named after its generation; then it is free."""
    desk.wish(deployment_name="prod" * 16)
    _iterate(desk)
    assert set(desk.cloud.deployments) == {"prod" * 16}
    desk.go(State.ANALYZED)
    assert set(desk.cloud.deployments) == {("prod" * 16)[:61] + "-g2"}
    desk.decisions.iterate("tienda")
    desk.go(State.ANALYZED)
    assert set(desk.cloud.deployments) == {"prod" * 16}


@pytest.mark.parametrize("told", list(Standing))
def test_what_a_person_deployed_is_never_deleted(
    desk: Desk, standing: list[Standing], told: Standing
) -> None:
    """Neither the old one nor the new one; what costs is told."""
    standing.append(told)
    desk.wish(deploy_automatically=False)
    for generation in (1, 2):
        waiting = desk.go(State.AWAITING_DEPLOY)
        desk.cloud.deploy_by_hand(f"mano-{generation}", waiting.facts.trained.model)
        desk.go(State.ANALYZED)
        if generation == 1:
            desk.decisions.iterate("tienda")
    assert set(desk.cloud.deployments) == {"mano-1", "mano-2"}
    assert "mano-" in str(desk.store.history("tienda")[-1].note)


def test_what_a_person_put_under_the_old_name_is_never_deleted(
    desk: Desk, standing: list[Standing]
) -> None:
    """It serves another model, so it is not ours."""
    _iterate(desk)
    desk.go(State.EVALUATED)
    desk.cloud.deploy_by_hand(OLD, "another")
    desk.go(State.ANALYZED)
    assert set(desk.cloud.deployments) == {OLD, NEW}


def test_the_new_one_stays_where_the_old_one_is_gone(desk: Desk, standing: list[Standing]) -> None:
    """A worse model is better than none."""
    standing.append(Standing.WORSE)
    _iterate(desk)
    desk.go(State.EVALUATED)
    del desk.cloud.deployments[OLD]
    desk.go(State.ANALYZED)
    assert set(desk.cloud.deployments) == {NEW}


def test_a_refused_deletion_fails_no_project(desk: Desk, standing: list[Standing]) -> None:
    """The analysis is there, the project is held, and it goes on by itself."""
    _iterate(desk)
    desk.go(State.EVALUATED)
    desk.tick()
    desk.cloud.after["delete_deployment"] = [Permanent("not allowed", remote=True)]
    held = desk.tick().after
    assert held.hold is not None and held.state is State.EVALUATED
    assert held.facts.analyzed is not None
    desk.clock.spend(1000)
    desk.tick()
    assert desk.project().state is State.ANALYZED
    assert set(desk.cloud.deployments) == {NEW}


def test_what_was_validated_on_is_never_trained_on_by_the_next(
    desk: Desk, standing: list[Standing]
) -> None:
    """Else the next one would know the questions by heart that both are asked."""
    examples = desk.home / place_of(Artifact.EXAMPLES, "tienda")
    desk.write(
        place_of(Artifact.EXAMPLES, "tienda"),
        {name: [f"{name} {n}" for n in range(20)] for name in ("uno", "dos")},
    )
    former = _read(desk, desk.go(State.ANALYZED), Artifact.VALIDATION)
    desk.decisions.iterate("tienda")
    desk.write(
        str(examples.relative_to(desk.home)),
        {name: [f"{name} {n}" for n in range(50)] for name in ("uno", "dos")},
    )
    project = desk.go(State.ANALYZED)
    assert former <= _read(desk, project, Artifact.VALIDATION)
    assert not former & _read(desk, project, Artifact.TRAINING)


def _read(desk: Desk, project: Project, artifact: Artifact) -> set[str]:
    rows = decode(desk.store.get_blob(project.facts.artifacts[artifact]))
    return {row.sentence for row in rows}


@pytest.mark.parametrize("state", list(State)[:10])
def test_only_what_was_evaluated_goes_on(desk: Desk, state: State) -> None:
    """It says what to do instead."""
    desk.go(state)
    with pytest.raises(SettingsError, match="ANALYZED"):
        desk.decisions.iterate("tienda")


def test_what_is_not_yet_judged_is_not_accepted_and_it_is_said_when(
    desk: Desk, standing: list[Standing]
) -> None:
    """Not that there is no other deployment: there is one."""
    desk.go(State.ANALYZED)
    desk.decisions.iterate("tienda", {"epochs": 5})
    with pytest.raises(SettingsError, match="accepted once it is ANALYZED"):
        desk.decisions.accept("tienda")


def test_the_settings_of_the_new_generation_are_its_own(
    desk: Desk, standing: list[Standing]
) -> None:
    """They are written in the move itself."""
    desk.go(State.ANALYZED)
    assert desk.decisions.iterate("tienda", {"epochs": 5}).settings == {"epochs": 5}
    assert desk.project().settings == {"epochs": 5}


def test_a_lost_file_of_cases_is_put_back(desk: Desk, standing: list[Standing]) -> None:
    """Both generations are asked the same."""
    desk.go(State.ANALYZED)
    place = desk.home / place_of(Artifact.CASES, "tienda")
    asked = place.read_bytes()
    place.unlink()
    desk.decisions.iterate("tienda")
    assert place.read_bytes() == asked

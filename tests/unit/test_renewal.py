"""A Developer deployment ends by itself after a day, and is made anew as often as is wished."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from agent.engine.hosting import Owned, find_hosted
from agent.engine.spending import Spending
from agent.notices.notice import notice_of
from agent.notices.watched import Look, reminders
from agent.views.generations import describe_developer
from states.facts import known
from states.model import Project
from states.stages import Renewed
from states.state import Event, State
from tests.unit.desk import PREFERENCES, Desk

HOUR = 3600.0


def developer(desk: Desk, renewals: int = 0, **wishes: object) -> None:
    plan = replace(PREFERENCES.plan, base_model="gpt-4.1-mini")
    desk.wish(deploy_sku="developertier", developer_renewals=renewals, plan=plan, **wishes)
    desk.cloud.sku = "DeveloperTier"


def end(desk: Desk) -> None:
    """As the service does, after 24 hours."""
    desk.clock.spend(24 * HOUR)
    desk.cloud.deployments.clear()


def live(desk: Desk, hours: float) -> Project:
    """Whenever it is due, for so long; what is older than a day is gone."""
    until = desk.clock.wall() + hours * HOUR
    for _ in range(200):
        due = desk.project().due_at
        if due is None or due > until:
            break
        desk.clock.spend(max(due - desk.clock.wall(), 0))
        for name, one in list(desk.cloud.deployments.items()):
            if desk.clock.true - one.made >= 24 * HOUR:
                del desk.cloud.deployments[name]
        desk.tick()
    desk.clock.spend(max(until - desk.clock.wall(), 0))
    return desk.project()


def test_its_end_is_known_and_shown(desk: Desk) -> None:
    developer(desk)
    project = desk.go(State.ANALYZED)
    now = desk.clock.wall()
    assert project.facts.deployed.ends == pytest.approx(now + 24 * HOUR, abs=60)
    assert project.due_at is None  # nothing is to be done about it
    assert "ends by itself in 1 d" in str(describe_developer(project, now))
    assert "has ended by itself, 2 h ago" in str(describe_developer(project, now + 26 * HOUR))
    listed = desk.cloud.deployments_listed()
    [found] = find_hosted(listed, Owned(), desk.catalog.service, now)
    assert found.as_json()["ends_at"] == pytest.approx(now + 24 * HOUR, abs=60)
    assert found.usd_per_day == 0


def test_that_of_a_person_is_known_by_its_age(desk: Desk) -> None:
    developer(desk, deploy_automatically=False)
    model = desk.go(State.AWAITING_DEPLOY).facts.trained.model
    desk.cloud.deploy_by_hand("mano", model)
    desk.clock.spend(3 * HOUR)
    deployed = desk.go(State.DEPLOYED).facts.deployed
    assert datetime.fromtimestamp(deployed.ends, UTC) is not None
    assert deployed.ends == pytest.approx(desk.clock.wall() + 21 * HOUR, abs=60)


def test_one_that_ends_in_the_middle_is_made_anew_and_no_answer_is_paid_twice(desk: Desk) -> None:
    """The price is told before it is asked for."""
    desk.create(cases=12)
    developer(desk, renewals=1)
    desk.go(State.DEPLOYED)
    desk.tick()
    desk.tick()
    asked = len(desk.store.memory("tienda").answers(desk.project().facts.trained.model))
    assert 0 < asked < 12
    end(desk)
    desk.go(State.TRAINED)
    newest = desk.store.history("tienda")[-1]
    assert (newest.event, newest.generation) == (Event.DEPLOYMENT_REOPENED, 2)
    told = str(newest.note)
    assert "has ended by itself: it is made anew" in told and "no hourly fee" in told
    project = desk.go(State.ANALYZED)
    assert project.facts.evaluated.cases == 12
    questions = [a.subject for a in desk.cloud.ledger if a.kind == "chat" and not a.detail["probe"]]
    assert len(questions) == len(set(questions)) == 12
    assert set(desk.cloud.deployments) == {"tienda-00c0ffee-g2"}
    assert len(desk.cloud.jobs) == 1


@pytest.mark.parametrize("auto", [True, False])
def test_without_a_wish_it_waits_with_the_reason(desk: Desk, auto: bool) -> None:
    desk.create(cases=12)
    developer(desk, deploy_automatically=auto)
    project = desk.go(State.AWAITING_DEPLOY)
    if not auto:
        desk.cloud.deploy_by_hand("mano", project.facts.trained.model)
    desk.go(State.DEPLOYED)
    desk.tick()
    end(desk)
    desk.go(State.FAILED)
    told = str(desk.project().last_error)
    assert "is gone, as such ones are after 24 hours" in told and "`retry`" in told
    desk.decisions.retry("tienda", restore=False, restart=False)
    if auto:
        assert desk.go(State.ANALYZED).facts.evaluated.cases == 12


def test_it_is_renewed_as_often_as_is_wished_and_no_more(desk: Desk) -> None:
    """Without a new training or a question that was paid for; told once."""
    developer(desk, renewals=2)
    desk.go(State.ANALYZED)
    paid = sum(a.kind == "chat" and not a.detail["probe"] for a in desk.cloud.ledger)
    project = live(desk, 30)
    assert (project.state, project.generation) == (State.ANALYZED, 2)
    assert set(desk.cloud.deployments) == {"tienda-00c0ffee-g2"}
    project = live(desk, 100)
    assert (project.state, project.generation, project.due_at) == (State.ANALYZED, 3, None)
    assert project.facts.renewed == Renewed(2)
    assert sum(a.kind == "chat" and not a.detail["probe"] for a in desk.cloud.ledger) == paid
    assert len(desk.cloud.jobs) == 1
    verdicts = [
        notice_of(project, one)
        for one in desk.store.history("tienda")
        if one.event is Event.ANALYSIS_MADE
    ]
    assert len(verdicts) == 3 and not any(verdicts[1:])


def test_no_renewal_outlives_the_time_that_was_given(desk: Desk) -> None:
    developer(desk, renewals=50, teardown="ttl", deployment_hours=40.0)
    desk.go(State.ANALYZED)
    assert live(desk, 30).generation == 2
    assert live(desk, 11).due_at is None
    assert not desk.cloud.deployments
    assert live(desk, 100).generation == 2


def test_a_teardown_ends_the_renewals(desk: Desk) -> None:
    developer(desk, renewals=5)
    desk.go(State.ANALYZED)
    desk.decisions.cancel("tienda", delete_files=False)
    assert live(desk, 100).generation == 1
    assert not desk.cloud.deployments


def test_one_of_another_sku_is_not_made_in_its_place(desk: Desk) -> None:
    """It would cost what nobody has agreed to."""
    developer(desk, renewals=5)
    desk.go(State.ANALYZED)
    desk.wish(deploy_sku="standard")
    assert live(desk, 100).generation == 1


def test_while_it_is_there_it_is_not_renewed(desk: Desk) -> None:
    developer(desk, renewals=1)
    desk.go(State.ANALYZED)
    desk.clock.spend(25 * HOUR)
    assert desk.tick().outcome == "waiting"
    assert desk.project().generation == 1


def test_one_that_a_person_has_deleted_before_its_time_is_not_made_anew(desk: Desk) -> None:
    desk.create(cases=12)
    developer(desk, renewals=5)
    desk.go(State.DEPLOYED)
    desk.tick()
    desk.cloud.deployments.clear()
    desk.go(State.FAILED)
    assert "was deleted during the evaluation" in str(desk.project().last_error)


def test_its_meter_runs_for_a_day_and_nobody_is_told_of_it(desk: Desk) -> None:
    """Though no checkpoint says that it has ended."""
    developer(desk)
    project = desk.go(State.ANALYZED)
    desk.clock.spend(100 * HOUR)
    spending = Spending(desk.store, desk.catalog, "developertier", desk.clock.wall)
    spent = spending.of(project)
    assert spent.hours == pytest.approx(24, abs=0.1) and spent.hosting == 0
    look = Look({**desk.catalog.service, "models": {"aliases": {}}}, desk.clock.wall())
    assert list(reminders(project, look)) == []
    lasting = replace(known(project.facts.deployed), ends=None)
    meter = replace(project, facts=replace(project.facts, deployed=lasting))
    assert [one.stage for one in reminders(meter, look)] == [1]

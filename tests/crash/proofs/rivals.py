"""A process ends while an untuned model is asked as well; another goes on from the disk alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import select

from states.evaluation.answers import Evaluation
from states.facts import known
from states.state import State
from store.engine import reading
from store.schema import answers
from store.sql import SqlStore
from tests.crash.agent import Agent
from tests.crash.audit import audit
from tests.crash.boundary import Boundary
from tests.crash.proofs.lives import ended
from tests.crash.shop import CASES, NAME
from tests.crash.world import World, machine

DEPLOYMENT, MODEL = "base", "base-2024-07-18"

Paid = tuple[str, str]  # model, digest of the question


def every_boundary_of_a_comparison(points: Iterable[int]) -> int:
    """A process ends at each point in turn, and another goes on. The number tried."""
    tried = 0
    for tried, k in enumerate(points):
        with machine() as world:
            world.rivals = (DEPLOYMENT,)
            world.service.deploy_by_hand(DEPLOYMENT, MODEL)
            if not _crash_and_go_on(world, k):
                return tried
    return tried + 1


def _crash_and_go_on(world: World, k: int) -> bool:
    point = Boundary(k)
    if not ended(world, point, lambda agent: agent.begin().rest()):
        return False
    where = f"after a crash at point {k}: {point.trail}"
    last = world.start()
    kept = _kept(last)
    last.close()
    agent = world.start().begin()
    agent.rest()
    audit(world, agent)
    assert agent.project.state is State.ANALYZED, f"{agent.project} {where}"
    times = _asked(world)
    again = [one for one in kept if times[one] != 1]
    assert not again, f"asked again although the answer was kept, {where}: {again}"
    assert max(times.values()) <= 2, where
    _check_rivals(agent.store, agent, where)
    return True


def _kept(agent: Agent) -> set[Paid]:
    """What is paid for and written down."""
    with reading(agent.store.engine) as connection:
        rows = connection.execute(select(answers.c.model, answers.c.digest)).all()
    return {
        (row.model.partition(" at ")[0], row.digest)
        for row in rows
        if not row.model.startswith("served by ")
    }


def _asked(world: World) -> Counter[Paid]:
    return Counter(
        (act.detail["model"], act.subject)
        for act in world.service.ledger
        if act.kind == "chat" and not act.detail["probe"]
    )


def _check_rivals(store: SqlStore, agent: Agent, where: str) -> None:
    name = known(agent.project.facts.evaluated).evaluation
    evaluation = Evaluation.from_json(store.memory(NAME).recall(name))
    assert [rival.kind.value for rival in evaluation.rivals] == ["base", "few_shot"], where
    for rival in evaluation.rivals:
        assert sum(one is not None for one in rival.answers) == len(CASES), where

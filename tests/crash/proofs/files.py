"""A person edits or deletes a file in every state."""

from __future__ import annotations

from functools import partial
from itertools import product

from agent.engine.decisions import Decisions
from states.places import Artifact, place_of
from states.state import State
from tests.crash.audit import audit, counts
from tests.crash.proofs.lives import LIVING, all_once
from tests.crash.shop import EDITABLE, NAME
from tests.crash.world import machine


def every_edit() -> int:
    """A person edits each file in each state before the training.

    Nothing unchecked is trained; the hold names the file and two ways on. An edit that is undone
    needs none of them.
    """
    tried = 0
    early = LIVING[1 : LIVING.index(State.TRAINING)]
    for place, state, way in product(EDITABLE, early, ("keep", "restore", "undo")):
        with machine() as world:
            agent = world.start().begin()
            while agent.project.state is not state:
                agent.wait()
                agent.tick()
            own = place_of(place, NAME)
            before = (world.home / own).read_bytes() if (world.home / own).is_file() else b""
            if not world.edit(own):
                continue
            agent.rest()
            tried += 1
            where = f"{place} edited in {state}, then {way}"
            is_relied_upon = (place == Artifact.PROMPTS) == (state is State.PROMPTED)
            assert not is_relied_upon or agent.project.hold is not None, f"it did not mind, {where}"
            if agent.project.hold is not None:
                assert own in str(agent.project.hold) and "--restore" in str(agent.project.hold), (
                    f"{agent.project.hold} {where}"
                )
                held_at = len(world.service.ledger)
                for _ in range(3):
                    world.clock.spend(1000)
                    agent.sweep()
                assert len(world.service.ledger) == held_at, f"it went on although held, {where}"
                if way == "undo":
                    (world.home / own).write_bytes(before)
                else:
                    retry = partial(Decisions.retry, restore=way == "restore", restart=False)
                    refusal = agent.decide(partial(retry, name=NAME))
                    assert refusal is None, f"{refusal} {where}"
                agent.rest()
            audit(world, agent)
            assert agent.project.state is State.ANALYZED, f"{agent.project} {where}"
            assert counts(world)["create_job"] == 1, f"{counts(world)} {where}"
    return tried


def every_loss() -> int:
    """Each file is deleted in each state: it is made again, and the end is the same."""
    tried = 0
    for place, state in product(EDITABLE, LIVING):
        with machine() as world:
            agent = world.start().begin()
            while agent.project.state is not state:
                agent.wait()
                agent.tick()
            path = world.home / place_of(place, NAME)
            if not path.exists():
                continue
            path.unlink()
            agent.rest()
            tried += 1
            all_once(world, agent, f"{place} deleted in {state}")
    return tried

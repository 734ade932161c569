"""A person has a training paused, or lets it go on: the move that says so, seen through to its end.

Called by the commands `pause` and `resume`. What is asked of the service is in the step of TRAINING
(states/steps/job_orders.py): a process that ends in between leaves it to the next one."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from agent.engine.tick import Ticker
from states.errors import SettingsError
from states.model import Project
from states.stages import PAUSE, RESUME, Job, Order
from states.state import Event, State
from states.store_port import Move
from states.text import Text, say

LONGEST_NAP = 2.0  # seconds between two looks; somebody is watching
PATIENCE = 15.0  # seconds for which the command waits to see the order obeyed
_EVENTS = {PAUSE: Event.PAUSE_ASKED, RESUME: Event.RESUME_ASKED}


def plan_order(project: Project, wants: str, now: float) -> Move | None:
    """None where it is under way, or done, already. SettingsError where nothing trains."""
    created = project.facts.created
    if project.state is not State.TRAINING or created is None:
        raise SettingsError(
            say(
                "{project} is in {state}: only a training that goes on can be paused, and only a"
                " paused one resumed.",
                project=project.name,
                state=project.state.value,
            )
        )
    order = created.order
    if order is not None and order.wants == wants:
        if not order.is_done and project.hold is None:
            return None
        if wants == PAUSE and created.paused_at is not None:
            return None
    number = created.orders + 1
    after = replace(created, order=Order(wants, number), orders=number)
    facts = replace(project.facts, created=after)
    return Move(_EVENTS[wants], project.state, facts, now, project.generation)


def finish_order(
    project: Project,
    ticker: Ticker,
    tell: Callable[[Text], None],
    wall: Callable[[], float],
    sleep: Callable[[float], None] = time.sleep,
) -> Project:
    """Ticks the project until the service has taken the order or refused it, and a little longer
    until it is seen to be obeyed. Returns the project as it is then.

    Should this process end before that, the daemon's ticks go on with it. `tell` hears what is
    waited for."""
    until = None
    while is_under_way(project):
        if _is_heard(project):
            until = until or wall() + PATIENCE
            if wall() > until:
                break
        ticked = ticker.tick(project.name)
        project = ticked.after
        left = 0.0 if project.due_at is None else project.due_at - wall()
        if left > 0 and is_under_way(project):
            if ticked.text is not None:
                waits = ticked.outcome == "waiting"
                tell(say("Waiting for {what}", what=ticked.text) if waits else ticked.text)
            sleep(min(left, LONGEST_NAP))
    return project


def is_under_way(project: Project) -> bool:
    """An order is not carried out yet, and nobody is asked about it."""
    created = project.facts.created
    if project.state is not State.TRAINING or created is None or project.hold is not None:
        return False
    order = created.order
    return order is not None and not _is_obeyed(created, order)


def _is_heard(project: Project) -> bool:
    created = project.facts.created
    return created is not None and created.order is not None and created.order.is_done


def _is_obeyed(created: Job, order: Order) -> bool:
    rests = created.paused_at is not None
    return order.is_done and rests == (order.wants == PAUSE)

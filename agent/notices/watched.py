"""What people are told though nothing has happened to a project: a date that comes near, a meter
that runs. One function a rule, and a line in `RULES`; outbox.py asks them now and then.

A rule says how far a thing has come, its stage; each stage is told once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agent.notices.notice import Notice
from agent.views.generations import deployments_of
from states.bases.lifetime import days_left, lifetime_in
from states.bases.table import find_entry
from states.model import Project
from states.text import say

DAY = 86400.0  # seconds
NEAR_DAYS = (90, 30, 7, 0)  # before a model's deployments end; each is a stage
IDLE_DAYS = (1, 7, 30, 90)  # that a deployment may go on after the end before it is told again


@dataclass(frozen=True)
class Reminder:
    """`topic`: of what, below the project's name; `stage`: from 1, never falls."""

    topic: str
    stage: int
    notice: Notice


Rule = Callable[[Project, Mapping[str, Any], float], Reminder | None]


def remind_of_retirement(
    project: Project, service: Mapping[str, Any], now: float
) -> Reminder | None:
    """The model that is deployed ends on a date of the catalogue."""
    prepared, names = project.facts.prepared, deployments_of(project)
    if prepared is None or not names:
        return None
    model = prepared.plan.base_model
    found = lifetime_in(find_entry(service, model))
    left = None if found is None else days_left(found.deployment_ends, now)
    if found is None or left is None:
        return None
    stage = sum(left <= days for days in NEAR_DAYS)
    if not stage:
        return None
    ends = str(found.deployment_ends)[:10]
    body = say(
        "{name} answers with a model trained on {model}, whose deployments end on {date}"
        " ({source}). Train it again on a newer one before.",
        name=names[0],
        model=model,
        date=ends,
        source=found.source_text,
    )
    # Another date is another thing: they were moved four times in a year.
    return Reminder(f"ends {ends}", stage, Notice(say("the model retires"), body))


def remind_of_meter(project: Project, _service: Mapping[str, Any], now: float) -> Reminder | None:
    """Nothing more will happen to the project, and something of it is billed by the hour."""
    names = deployments_of(project)
    if not project.state.is_terminal or not names:
        return None
    days = int((now - project.since) // DAY)
    stage = sum(days >= one for one in IDLE_DAYS)
    if not stage:
        return None
    body = say(
        "{names} is still deployed, {count} day after the project was {state}: it may be billed by"
        " the hour, used or not. Delete it when you no longer need it.",
        "{names} is still deployed, {count} days after the project was {state}: it may be billed"
        " by the hour, used or not. Delete it when you no longer need it.",
        names=", ".join(names),
        count=days,
        state=project.state.value,
    )
    # Of this end: a project that was taken up again ends anew.
    topic = f"meter since {project.since:.0f}"
    return Reminder(topic, stage, Notice(say("a meter runs"), body))


RULES: tuple[Rule, ...] = (remind_of_retirement, remind_of_meter)


def reminders(project: Project, service: Mapping[str, Any], now: float) -> Iterator[Reminder]:
    for rule in RULES:
        found = rule(project, service, now)
        if found is not None:
            yield found

"""What people are told though nothing has happened to a project: a date that comes near, a meter
that runs, a budget that is nearly spent. One function a rule, and a line in `RULES`; outbox.py asks
them now and then.

A rule says how far a thing has come, its stage; each stage is told once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agent.notices.notice import Notice
from agent.views.generations import deployments_of
from agent.views.lifetimes import describe_lifetime, lifetime_json
from states.model import Project
from states.money.budget import Limit, describe_spent
from states.money.prices import HOURS_OF_A_DAY, price_of_hosting
from states.state import State
from states.text import Text, dollars, ended, say

DAY = 86400.0  # seconds
NEAR_DAYS = (180, 90, 30, 7, 0)  # before a model's deployments end; each is a stage
IDLE_DAYS = (1, 7, 30, 90)  # after which what goes on, or rests, for nothing is told of again


@dataclass(frozen=True)
class Reminder:
    """`topic`: of what, below the project's name; `stage`: from 1, never falls. `is_shared`: it is
    about all projects, and told of one of them."""

    topic: str
    stage: int
    notice: Notice
    is_shared: bool = False


@dataclass(frozen=True)
class Look:
    """What the rules judge a project by. `service`: the catalogue; `limit`: its budget, where it
    has one; `now`: unix seconds."""

    service: Mapping[str, Any]
    now: float
    limit: Limit | None = None


Rule = Callable[[Project, Look], Reminder | None]


def remind_of_retirement(project: Project, look: Look) -> Reminder | None:
    """What is deployed answers until a date that the service or the catalogue tells."""
    service, now = look.service, look.now
    found, told = lifetime_json(project, service, now), describe_lifetime(project, service, now)
    left = None if found is None else found["deployment_days_left"]
    if found is None or left is None or told is None:
        return None
    stage = sum(left <= days for days in NEAR_DAYS)
    if not stage:
        return None
    # Another date is another thing: they were moved four times in a year.
    topic = f"ends {found['deployment_ends'][:10]}"
    return Reminder(topic, stage, Notice(say("the model retires"), ended(told)))


def remind_of_meter(project: Project, look: Look) -> Reminder | None:
    """Nothing more will happen to the project, and something of it is billed by the hour. Nothing
    of one that is to be deleted at its time, nor of one that ends by itself."""
    names, requested = deployments_of(project), project.facts.requested
    deployed = project.facts.deployed
    if deployed is not None and deployed.ends is not None:
        names = [name for name in names if name != deployed.name]
    is_to_end = requested is not None and requested.until is not None
    if not project.state.is_terminal or not names or is_to_end:
        return None
    days = int((look.now - project.since) // DAY)
    stage = sum(days >= one for one in IDLE_DAYS)
    if not stage:
        return None
    body = say(
        "{names} is still deployed, {count} day after the project was {state}. {cost}",
        "{names} is still deployed, {count} days after the project was {state}. {cost}",
        names=", ".join(names),
        count=days,
        state=project.state.value,
        cost=_describe_cost(project, look.service),
    )
    # Of this end: a project that was taken up again ends anew.
    topic = f"meter since {project.since:.0f}"
    return Reminder(topic, stage, Notice(say("a meter runs"), body))


def remind_of_pause(project: Project, look: Look) -> Reminder | None:
    """A training rests, and nothing goes on until somebody resumes it."""
    created = project.facts.created
    if project.state is not State.TRAINING or created is None or created.paused_at is None:
        return None
    days = int((look.now - created.paused_at) // DAY)
    stage = sum(days >= one for one in IDLE_DAYS)
    if not stage:
        return None
    body = say(
        "The training job {job} has been paused for {count} day: `resume {project}` lets it go on,"
        " `cancel {project}` gives it up.",
        "The training job {job} has been paused for {count} days: `resume {project}` lets it go on,"
        " `cancel {project}` gives it up.",
        job=created.id,
        count=days,
        project=project.name,
    )
    topic = f"paused since {created.paused_at:.0f}"
    return Reminder(topic, stage, Notice(say("the training is paused"), body))


def _describe_cost(project: Project, service: Mapping[str, Any]) -> Text:
    deployed = project.facts.deployed
    price = price_of_hosting(service, None if deployed is None else deployed.sku)
    if price is None:
        return say(
            "It may be billed by the hour, used or not: delete it when you no longer need it"
            " (`deployments` shows what it costs)."
        )
    return say(
        "That costs about {usd} USD a day ({source}), used or not: delete it when you no longer"
        " need it.",
        usd=dollars(price.usd * HOURS_OF_A_DAY),
        source=price.source.text,
    )


def remind_of_budget(_project: Project, look: Look) -> Reminder | None:
    """From 80 % on, and once more where it is exceeded; anew of another budget."""
    limit = look.limit
    if limit is None or not limit.is_warned:
        return None
    told = describe_spent(limit.spent, limit)
    if told is None:
        return None
    is_over = limit.share > 1
    what = say("over the budget") if is_over else say("the budget is nearly spent")
    # Of all projects it is one budget, and told once.
    topic = f"{'home ' if limit.is_home else ''}budget {limit.usd:.2f}"
    return Reminder(topic, 2 if is_over else 1, Notice(what, ended(told)), limit.is_home)


RULES: tuple[Rule, ...] = (remind_of_retirement, remind_of_meter, remind_of_pause, remind_of_budget)


def reminders(project: Project, look: Look) -> Iterator[Reminder]:
    for rule in RULES:
        found = rule(project, look)
        if found is not None:
            yield found

"""The stable documents of `status --json` and `history --json`. Their commands call this.

Times are ISO 8601, UTC; texts are English; null where something is not known yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from agent.views.score import score_json
from agent.views.times import iso_time
from states.model import Checkpoint, Project
from states.stages import DELETED
from states.text import Text

if TYPE_CHECKING:
    from states.money.budget import Limit
    from states.money.spending import Spent

SCHEMA = 1


def status_json(
    projects: Sequence[Project],
    heartbeat: Mapping[str, Any] | None,
    money: Mapping[str, tuple[Spent, Limit | None]] | None = None,
    lifetimes: Mapping[str, dict[str, Any] | None] | None = None,
) -> dict[str, Any]:
    """`heartbeat`: {"pid", "host", "last_tick", "running"} of the last daemon, None without one.

    `money`: of the projects that cost some; `lifetimes`: of what each has deployed."""
    daemon = heartbeat and {**heartbeat, "last_tick": iso_time(heartbeat["last_tick"])}
    return {
        "schema": SCHEMA,
        "projects": [
            {
                **_project_json(project),
                "lifetime": (lifetimes or {}).get(project.name),
                "money": _money_json((money or {}).get(project.name)),
            }
            for project in projects
        ],
        "daemon": daemon,
    }


def _project_json(project: Project) -> dict[str, Any]:
    facts, deployed = project.facts, project.facts.deployed
    return {
        "name": project.name,
        "state": project.state.value,
        "since": iso_time(project.since),
        "generation": project.generation,
        "version": project.version,
        "due_at": iso_time(project.due_at),
        "waiting_for": _english(project.waiting_for),
        "hold": _english(project.hold),
        "attempts": project.attempts,
        "last_error": _english(project.last_error),
        "files": {
            "training": facts.uploaded and facts.uploaded.training_file,
            "validation": facts.uploaded and facts.uploaded.validation_file,
        },
        "job": {
            "id": facts.created and facts.created.id,
            "status": facts.created and facts.created.status,
            "paused_since": iso_time(None if facts.created is None else facts.created.paused_at),
        },
        "model": facts.trained and facts.trained.model,
        "checkpoint": facts.trained and facts.trained.checkpoint and facts.trained.checkpoint.step,
        "deployment": deployed.name if deployed and deployed.status != DELETED else None,
        "deployment_ends": iso_time(deployed.ends if deployed else None),
        "deployment_until": iso_time(None if facts.requested is None else facts.requested.until),
        "parent": facts.parent
        and {
            "generation": facts.parent.generation,
            "model": facts.parent.model,
            "deployment": facts.parent.answers_at,
        },
        **score_json(project),
        "service": project.service,
    }


def _money_json(found: tuple[Spent, Limit | None] | None) -> dict[str, Any] | None:
    if found is None:
        return None
    spent, limit = found
    unlimited = {"budget_usd": None, "budget_of": None, "left_usd": None, "is_warned": False}
    return {**spent.as_json(), **(unlimited if limit is None else limit.as_json())}


def history_frame(name: str) -> dict[str, Any]:
    """What stands before the checkpoints."""
    return {"schema": SCHEMA, "project": name}


def history_line(one: Checkpoint) -> dict[str, Any]:
    return {
        "version": one.version,
        "at": iso_time(one.at),
        "from": one.from_state.value,
        "event": one.event.value,
        "to": one.to_state.value,
        "generation": one.generation,
        "note": _english(one.note),
    }


def _english(text: Text | None) -> str | None:
    return None if text is None else str(text)

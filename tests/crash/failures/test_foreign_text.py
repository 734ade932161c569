"""What strangers say: it can be shown, stored and sent, whatever is in it and wherever it goes."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update

from agent.cli.main import main
from store.engine import writing
from store.schema import projects
from tests.crash.failures.agent import Agent
from tests.crash.failures.remote import Service

# Half a pair, a terminal's title and colour, an old control, a letter of no western set, and
# writing that turns round.
HOSTILE = "no \ud83d\x1b]0;mine\x07\x1b[2J\x9b31m ж \u202egnp.exe"
CLEANED = "no \ufffd31m ж gnp.exe"


@pytest.fixture
def show(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, str]]:
    """`show(encoding, *command)`: the exit code, and what a terminal of that encoding receives."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def run(encoding: str, *command: str) -> tuple[int, str]:
        terminal = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict")
        with monkeypatch.context() as patch:
            patch.setattr("sys.stdout", terminal)
            code = main(command)
        terminal.seek(0)
        return code, terminal.read()

    return run


SHOWN = (  # by a terminal of that encoding
    ("latin-1", "status"),
    ("utf-8", "status", "--json"),
    ("cp1252", "history"),
    ("ascii", "history", "--json"),
    ("ascii", "report"),
)


def test_what_a_service_says_is_shown_whatever_is_in_it(
    agent: Agent, service: Service, show: Callable[..., tuple[int, str]]
) -> None:
    """On a terminal of any encoding, as JSON, and in the results."""
    agent.run("TRAINING")
    job = agent.project.facts.created.id
    error = {"code": "bad", "message": HOSTILE}
    body = json.dumps({"id": job, "status": "failed", "error": error})
    json_type = {"content-type": "application/json"}
    service.fault("GET", r"/jobs/", "answer", status=200, body=body, headers=json_type, times=9)
    assert f"bad: {CLEANED}" in agent.run_to_failure()
    for encoding, *command in SHOWN:
        code, shown = show(encoding, *command)
        assert code == (1 if command[0] == "status" else 0)
        assert "\x1b" not in shown
    assert CLEANED in show("utf-8", "status", "--json")[1]


def test_what_an_older_version_stored_is_shown_all_the_same(
    agent: Agent, show: Callable[..., tuple[int, str]]
) -> None:
    """It stands in the database as it was said, since nobody cleaned it then."""
    agent.run("PROMPTED")
    said = {"template": "{message}", "values": {"message": HOSTILE}}
    with writing(agent.app.store.engine) as connection:
        connection.execute(update(projects).values(hold=said, last_error=said, waiting_for=said))
    assert str(agent.project.hold) == CLEANED
    for encoding, *command in SHOWN:
        code, shown = show(encoding, *command)
        assert code == (1 if command[0] == "status" else 0)
        assert "\x1b" not in shown


@pytest.mark.parametrize("moment", [10**18, -5, 1_780_000_000_000])
def test_a_time_that_no_calendar_knows_costs_no_result(
    moment: Any, agent: Agent, service: Service
) -> None:
    """Milliseconds, say: null in its place, and the others as they are."""
    agent.run("TRAINING")
    job = agent.project.facts.created.id
    body = {
        "id": job,
        "status": "succeeded",
        "fine_tuned_model": "m",
        "seed": 42,
        "created_at": moment,
        "finished_at": moment,
    }
    service.fault("GET", r"/jobs/[^/]+$", "answer", status=200, body=body, times=9)
    agent.run("TRAINED")
    info = json.loads((agent.home / "results/fine_tuning_info.json").read_text())
    assert (info["created_at"], info["finished_at"], info["seed"]) == (None, None, 42)

"""A budget, a deployment that goes by itself, and what is left: through the command line."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

MONEY = {"AGENT_BUDGET": "0.00001", "AGENT_TEARDOWN": "after_analysis", "AGENT_LANGUAGE": "en"}


@pytest.mark.slow
def test_over_the_budget_nothing_is_sent_and_in_the_end_nothing_is_left(
    cli: Any, home: Path, small_set: Any, ledger: Any
) -> None:
    """The emulator's ledger has no file and no job until a person gives the money."""
    small_set(home)
    run = ("run", "--project", "tienda", "--until", "ANALYZED")
    held = cli(home, *run, env=MONEY)
    assert held.code == 1
    assert "The training is not started: at about 0.0" in held.text
    told = held.err.index("training gpt-4.1-mini-2025-04-14: about 0.0")
    assert told < held.err.index("The training is not started")
    assert not ledger(home)
    assert cli(home, "advance", env=MONEY).code == 1
    assert not ledger(home)
    wrong = cli(home, "advance", "--budget", "mucho", env=MONEY)
    assert wrong.code == 2 and "--budget is 'mucho'" in wrong.text
    assert cli(home, "advance", "--budget", "5", env=MONEY).code == 0
    ended = cli(home, *run, env=MONEY)
    assert ended.code == 0, ended.text
    assert "deleted: deployment tienda-" in ended.text
    acts = ledger(home)
    assert (acts["create_job"], acts["delete_deployment"]) == (1, 1)
    assert cli(home, "deployments", "--json", env=MONEY).json["deployments"] == []
    money = cli(home, "status", "--json", env=MONEY).json["projects"][0]["money"]
    assert money["budget_of"] == "project" and 0 < money["training_usd"] < money["left_usd"] < 5
    assert cli(home, "estimate", "--json", env=MONEY).json["training"]["usd"] > 0
    files = cleaned_away(cli, home)
    assert ledger(home)["delete_file"] == files and ledger(home)["delete_job"] == 1


def cleaned_away(cli: Any, home: Path) -> int:
    """What is left is shown, then deleted; how many files that were."""
    shown = cli(home, "cleanup", "--dry-run", "--json", env=MONEY).json
    [found] = shown["projects"]
    kinds = [one["kind"] for one in found["going"]]
    assert sorted(kinds) == ["file", "file", "job", "results"] and not found["staying"]
    assert all(one["created_at"] for one in found["going"])
    assert shown["dry_run"] and found["done"] is None and "`ask`" in found["afterwards"]
    done = cli(home, "cleanup", "tienda", env=MONEY)
    assert done.code == 0 and "deleted at the service: 3 files, 1 training" in done.text
    again = cli(home, "cleanup", env=MONEY)
    assert again.code == 0 and "Nothing of a project that is over is left" in again.text
    gone = cli(home, "evaluate", "tienda", "--deploy", env=MONEY)
    assert gone.code == 2 and "`retry tienda --restart` trains anew" in gone.text
    return len(kinds) - 1


def test_what_is_overdue_is_said_first_and_deleted_though_the_run_has_nothing_else_to_do(
    cli: Any, home: Path, small_set: Any, ledger: Any
) -> None:
    """Nobody was at work when the time of the deployment was up."""
    small_set(home)
    env = {"AGENT_TEARDOWN": "ttl", "AGENT_DEPLOYMENT_TTL_HOURS": "48", "AGENT_LANGUAGE": "en"}
    run = ("run", "--project", "tienda", "--until", "ANALYZED")
    evaluated = cli(home, *run, env=env)
    assert evaluated.code == 0 and not ledger(home).get("delete_deployment")
    _let_time_pass(home)
    ended = cli(home, *run, env=env)
    assert ended.code == 0, ended.text
    first = ended.err.splitlines()[1]  # below the line that says which service it is
    assert "tienda: the time of the deployment" in first and "`run` deletes it" in first
    assert ledger(home)["delete_deployment"] == 1


def _let_time_pass(home: Path) -> None:
    """Two days, for the one project of the home."""
    with closing(sqlite3.connect(home / "data" / "agent.db")) as database, database:
        [text] = database.execute("SELECT facts FROM projects").fetchone()
        facts = json.loads(text)
        for stage in ("requested", "deployed"):
            facts[stage]["until"] -= 48 * 3600
        database.execute(
            "UPDATE projects SET facts = ?, due_at = due_at - ?", (json.dumps(facts), 48 * 3600)
        )

"""What a command does not import. Seconds would say more of the machine than of the program."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Each takes a tenth of a second and more, or draws in what does.
HEAVY = {"alembic", "apscheduler", "jinja2", "openai", "rich", "structlog", "tiktoken"}
SLOW = HEAVY | {"sqlalchemy", "asyncio", "dotenv", "importlib.metadata", "agent.bootstrap"}


def imported_by(home: Path, *arguments: str) -> set[str]:
    """Every module that is loaded once `python -m agent` has ended."""
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "agent", *arguments],
        check=False,
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "AGENT_HOME": str(home),
            "AGENT_ENV_FILE": os.devnull,
            "AGENT_PROVIDER": "emulator",
            "AGENT_DATA_CHECK": "rules",
        },
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert run.returncode == 0, run.stderr
    rows = [line.split("|") for line in run.stderr.splitlines() if line.startswith("import time:")]
    return {row[2].strip() for row in rows}


@pytest.mark.parametrize("arguments", [("--help",), ("--version",)])
def test_a_help_imports_no_command_and_no_library(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    """The table of the commands is enough; in Spanish as well, which is the default."""
    found = imported_by(tmp_path, *arguments)
    assert "agent.cli.parser" in found
    assert not found & SLOW
    assert "agent.cli.status" not in found


@pytest.mark.parametrize("arguments", [("status",), ("status", "--json"), ("history",)])
def test_to_look_imports_the_database_and_nothing_heavier(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    """One reader of the database, SQLAlchemy's Core; of PostgreSQL nothing, where it is not used.

    No estimate of money and no statistics either, before there is anything of the kind to show."""
    imported_by(tmp_path, "new", "tienda", "--sample")
    found = imported_by(tmp_path, *arguments)
    assert "sqlalchemy.engine" in found
    assert not found & HEAVY
    unused = {"sqlalchemy.orm", "sqlalchemy.dialects.postgresql", "psycopg"}
    assert not found & unused
    assert not found & {"states.money.estimate", "states.evaluation.scores", "states.ports"}


def test_a_training_is_looked_at_before_the_other_steps_are_loaded() -> None:
    """Nor what an evaluation needs, what is told in the end, or who reads sentences."""
    loads = (
        "from states.state import State\n"
        "import agent.cli.run, agent.logs, agent.drivers.daemon, agent.drivers.local\n"
        "import agent.providers.azure_connection, agent.views.results, agent.notices.courier\n"
        "from states.steps.table import step_of\n"
        "step_of(State.TRAINING)\n"
        "import sys\n"
        "print(*sys.modules)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", loads], check=True, cwd=ROOT, capture_output=True, text=True
    )
    found = set(run.stdout.split())
    steps = {name for name in found if name.startswith("states.steps.")}
    assert "states.steps.follow_job" in steps
    assert not steps & {"states.steps.analyze", "states.steps.ask_cases", "states.steps.check_data"}
    assert not {name for name in found if name.startswith("states.evaluation.")}
    assert not {name for name in found if name.startswith("states.intents.row")}
    assert not found & {"transitions", "states.money.estimate", "agent.notices.watched"}
    assert not found & (HEAVY - {"structlog"})

"""The commands, as real processes, where the database is a PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from states.places import Result
from states.state import State
from store.engine import open_engine
from store.sql import SqlStore
from tests.commands import Cli
from tests.postgres import GROUP, Postgres
from tests.small_set import SMALL, write_small_set
from tests.unit.desk import Desk

pytestmark = GROUP


def test_commands_in_an_empty_home_show_what_the_database_holds(
    cli: Cli, postgres: Postgres, tmp_path: Path
) -> None:
    """`new` here; `check` and `export` there; `status` and `history` write nothing anywhere."""
    here, there, beyond = tmp_path / "aquí", tmp_path / "allí", tmp_path / "más allá"
    for home in (here, there, beyond):
        home.mkdir()
    write_small_set(here)
    env = {"AGENT_DATABASE_URL": postgres.database()}
    raw = here / "data" / "raw"
    given = ["--examples", str(raw / "intent_examples.json")]
    ended = cli(here, "new", "luces", *given, env=env)
    assert ended.code == 0, ended.text
    assert cli(there, "check", "luces", env=env).code == 0
    out = there / "frases.csv"
    ended = cli(there, "export", "luces", "--out", str(out), env=env)
    assert ended.code == 0, ended.text
    assert sum(map(len, SMALL.values())) == len(out.read_text("utf-8-sig").splitlines()) - 1
    for command in ("status", "history"):
        assert "VALIDATED" in cli(beyond, command, "luces", env=env).out
    assert not list(beyond.iterdir())


def test_a_report_is_written_in_whichever_home_a_person_asks(
    cli: Cli, postgres: Postgres, tmp_path: Path
) -> None:
    """All of results/, and the test cases, of an evaluation made elsewhere."""
    here, there = tmp_path / "aquí", tmp_path / "allí"
    for home in (here, there):
        home.mkdir()
    env = {"AGENT_DATABASE_URL": postgres.database(), "AGENT_LANGUAGE": "es"}
    store = SqlStore(open_engine(env["AGENT_DATABASE_URL"]))
    desk = Desk(here, store)
    desk.results.publish_everything(desk.go(State.ANALYZED))
    store.close()
    ended = cli(there, "report", "tienda", env=env)
    assert ended.code == 0, ended.text
    one, other = ({path.name for path in (home / "results").iterdir()} for home in (here, there))
    assert one == other
    assert set(Result) <= {f"results/{name}" for name in other}
    made, found = ((home / Result.TEST_RESULTS).read_bytes() for home in (here, there))
    assert found == made
    ended = cli(there, "export", "tienda", "--cases", "--out", str(there / "casos.csv"), env=env)
    assert ended.code == 0, ended.text
    assert "caso 0" in (there / "casos.csv").read_text("utf-8-sig")


@pytest.mark.slow
def test_one_machine_with_postgres_is_as_one_with_sqlite(
    cli: Cli, postgres: Postgres, home: Path
) -> None:
    """A life to its end, with the same files; what a killed worker has not shown is shown at the
    next start, and a project that another home works on stays away."""
    write_small_set(home)
    env = {"AGENT_DATABASE_URL": postgres.database()}
    ended = cli(home, "run", "--until", "ANALYZED", env=env)
    assert ended.code == 0, ended.text
    found = {path: path.read_bytes() for path in (home / "results").iterdir()}
    assert set(Result) <= {str(path.relative_to(home)) for path in found}
    for path in found:
        path.unlink()
    store = SqlStore(open_engine(env["AGENT_DATABASE_URL"]))
    store.create("lejos", "00c0ffee", "elsewhere", 1.0)
    store.close()
    ended = cli(home, "run", "--once", env=env)
    assert ended.code == 0, ended.text
    assert {path: path.read_bytes() for path in (home / "results").iterdir()} == found
    assert not (home / "data" / "projects" / "lejos").exists()


def test_a_run_about_a_named_project_makes_it_in_a_shared_database(
    cli: Cli, postgres: Postgres, home: Path
) -> None:
    write_small_set(home)
    env = {"AGENT_DATABASE_URL": postgres.database(), "AGENT_LANGUAGE": "en"}
    ended = cli(home, "run", "--project", "luces", "--until", "SPLIT", env=env)
    assert ended.code == 0, ended.text
    assert "SPLIT" in cli(home, "status", "luces", env=env).out

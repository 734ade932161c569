"""What people get wrong in files and words: a clear message, the right exit code, no traceback."""

from __future__ import annotations

import signal
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from store.engine import open_engine
from store.migrate import upgrade
from store.sql import SqlStore

BROKEN = {
    "json": (
        b'{\n "a": ["uno", "dos"]\n "b": []}',
        "data/projects/json/raw/intent_examples.json, línea 3, columna 2",
    ),
    "shape": (b'["uno", "dos"]', "data/projects/shape/raw/intent_examples.json"),
    "empty": (b"", "data/projects/empty/raw/intent_examples.json"),
    "latin": ('{"a": ["sí", "no"]}'.encode("latin-1"), "UTF-8"),
    "one": (b'{"a": ["uno"], "b": ["dos", "tres"]}', "línea 1"),
    "few": (b'{"a": ["uno", "dos"], "b": ["tres", "cuatro"]}', "10"),
}


def test_broken_examples_hold_their_own_project_only(
    home: Path, cli: Any, azure: Any, digests: Any, small_set: Any
) -> None:
    """Bad JSON, wrong shape, empty, not UTF-8, one sentence, too few: each is told with its file,
    beside a sound project.
    """
    small_set(home, project="sano")
    for name, (content, _) in BROKEN.items():
        path = home / "data" / "projects" / name / "raw" / "intent_examples.json"
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    before, made = digests(home), azure.counts()
    engine = open_engine(f"sqlite:///{home}/data/agent.db")
    upgrade(engine)
    for name in [*BROKEN, "sano"]:
        # As `run --project NAME` does, without seven processes.
        SqlStore(engine).create(name, "00c0ffee", azure.url.removeprefix("http://"), 0.0)
    engine.dispose()
    ended = cli(home, "run", "--until", "VALIDATED", env=azure.azure)
    assert ended.code == 1
    assert "Traceback" not in ended.text
    for name, (_, told) in BROKEN.items():
        row = next(line for line in ended.out.splitlines() if line.strip().startswith(f"{name} "))
        assert "DRAFT" in row
        assert told in " ".join(
            line for line in ended.err.splitlines() if f"  {name}  DRAFT" in line
        )
    assert "VALIDATED" in next(line for line in ended.out.splitlines() if "sano" in line)
    after = digests(home)
    assert {path for path in after if path not in before and "/sano/" not in path} == set()
    assert {path: after[path] for path in before} == before
    assert azure.counts() == made


@pytest.mark.slow
def test_a_mended_file_goes_on_with_the_next_run(
    home: Path, cli: Any, azure: Any, small_set: Any, state_of: Any
) -> None:
    """One command, not two; without the mending `run` ends as before, however often it is said."""
    (home / "data" / "raw").mkdir(parents=True)
    (home / "data" / "raw" / "intent_examples.json").write_text("[]")
    for _ in range(2):
        assert cli(home, "run", "--until", "VALIDATED", env=azure.azure).code == 1
    assert cli(home, "run", "--once", env=azure.azure).code == 1
    assert cli(home, "status", env=azure.azure).code == 1
    small_set(home)
    assert cli(home, "run", "--until", "VALIDATED", env=azure.azure).code == 0
    assert state_of(home) == "VALIDATED"


@pytest.mark.slow
def test_a_daemon_notices_a_mended_file(
    home: Path, azure: Any, daemon: Any, eventually: Any, small_set: Any, state_of: Any
) -> None:
    """It says what to mend, and goes on without a command once that is done."""
    (home / "data" / "raw").mkdir(parents=True)
    (home / "data" / "raw" / "intent_examples.json").write_text("[]")
    running = daemon(home, env=azure.azure)
    eventually(lambda: "Ctrl-C" in running.errors.read_text())
    assert "intent_examples.json" in running.errors.read_text()
    small_set(home)
    eventually(lambda: state_of(home) == "AWAITING_DEPLOY")
    assert running.end(signal.SIGTERM).code == 0


@pytest.mark.parametrize("kind", ["foreign", "garbage", "newer", "folder"])
def test_a_database_that_is_not_ours_is_refused_untouched(
    kind: str, home: Path, cli: Any, azure: Any
) -> None:
    """Another program's, a broken one, a newer version's, or no file at all: exit 2 with
    its path.
    """
    path = home / "data" / "agent.db"
    path.parent.mkdir()
    if kind == "folder":
        path.mkdir()
    elif kind == "garbage":
        path.write_bytes(b"this is not a database at all, whatever its name says" * 100)
    else:
        with sqlite3.connect(path) as connection:
            if kind == "foreign":
                connection.execute("CREATE TABLE recipes (name TEXT)")
            else:
                connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
                connection.execute("INSERT INTO alembic_version VALUES ('9999')")
        connection.close()
    before = path.read_bytes() if path.is_file() else b""
    ended = cli(home, "run", "--until", "ANALYZED", env=azure.azure)
    assert ended.code == 2
    assert str(path) in ended.err
    assert "Traceback" not in ended.text
    if path.is_file() and kind != "newer":
        assert (
            path.read_bytes()[100:] == before[100:]
        )  # the header may say WAL from now on; the content is whole


def test_there_is_nothing_to_see_in_an_empty_folder(home: Path, cli: Any) -> None:
    """`status` is fine and makes nothing; the other commands say that `new` makes the first
    project.
    """
    assert cli(home, "status").code == 0
    assert cli(home, "status", "--json").json["projects"] == []
    for command in (("advance",), ("history",), ("retry", "tienda"), ("cancel", "tienda")):
        ended = cli(home, *command)
        assert ended.code == 2
        assert "`new`" in ended.err
    assert list(home.iterdir()) == []


def test_wrong_usage_is_two(home: Path, cli: Any) -> None:
    """The exit code of the process; what is said, and when, is in
    tests/unit/test_command_line.py.
    """
    ended = cli(home, "run", "--until", "SOMEWHERE")
    assert ended.code == 2
    assert ended.err.startswith("uso: ")
    assert "Traceback" not in ended.err
    assert list(home.iterdir()) == []


def test_a_home_that_cannot_be_written_is_told(tmp_path: Path, cli: Any, azure: Any) -> None:
    """A file where the folder should be: exit 2 with its path."""
    home = tmp_path / "fichero"
    home.write_text("not a folder")
    ended = cli(home, "run", "--once", env=azure.azure)
    assert ended.code == 2
    assert str(home) in ended.err
    assert "Traceback" not in ended.text

"""A home that the emulator cannot use: a sentence with what to do, and no number of the system."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from agent.emulator import __main__ as emulator
from agent.emulator.server import http_server


@pytest.fixture(autouse=True)
def _umask() -> Any:
    before = os.umask(0o077)
    yield
    os.umask(before)


def said_of(home: Path | str, capsys: pytest.CaptureFixture[str], *command: str) -> str:
    """What it complains of, having ended with its code for this."""
    assert emulator.main([*command, "--home", str(home)]) == 4
    said = capsys.readouterr().err
    assert said.startswith(f"emulator: The home {home} cannot be used: ")
    assert "choose another one with --home or EMULATOR_HOME" in said
    assert "Errno" not in said
    return said


@pytest.mark.parametrize("place", ["/dev/null", "file", "file/below"])
def test_what_is_no_folder_is_named(
    place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("a file")
    assert "is not a folder, or lies below a file" in said_of(tmp_path / place, capsys)


@pytest.mark.parametrize("command", [(), ("list",), ("deploy", "--model", "m", "--name", "n")])
def test_what_is_no_database_is_named(
    command: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "emulator.sqlite3").write_text("a letter, and not a database at all")
    assert "file is not a database" in said_of(tmp_path, capsys, *command)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device"),
        (OSError(errno.EROFS, "Read-only file system", "/casa/x"), "/casa/x: Read-only file sys"),
        (PermissionError(errno.EACCES, "Permission denied", "/casa"), "/casa: Permission denied"),
        (sqlite3.OperationalError("database or disk is full"), "database or disk is full"),
    ],
)
def test_what_the_system_refuses_while_it_starts_is_about_the_home(
    error: Exception,
    told: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def serve(_settings: Any) -> None:
        raise error

    monkeypatch.setattr(http_server, "serve", serve)
    assert told in said_of(tmp_path, capsys)


def test_a_port_is_none_of_the_homes_business(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def serve(_settings: Any) -> None:
        raise OSError("Port 1 cannot be used: it is taken.")

    monkeypatch.setattr(http_server, "serve", serve)
    assert emulator.main(["--home", str(tmp_path)]) == 4
    assert capsys.readouterr().err == "emulator: Port 1 cannot be used: it is taken.\n"

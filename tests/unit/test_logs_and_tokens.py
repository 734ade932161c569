"""Logs without secrets, and token counts without a network."""

from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from agent import logs
from agent.drivers.home_lock import hold_home
from agent.resources.tokens import O200kTokens
from store.sql import SqlStore
from tests.restored_logging import restored_logging
from tests.unit.desk import Desk

SECRET = "muy-secreto-0042"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """Configured logging; afterwards everything is as it was."""
    with restored_logging():
        root = logging.getLogger()
        for handler in list(root.handlers):
            root.removeHandler(handler)
        logs.configure(tmp_path / "logs", "debug", (SECRET,), rotate=True)
        yield tmp_path / "logs" / "agent.jsonl"


@pytest.mark.parametrize(
    "text",
    [
        f"key {SECRET} and again {SECRET}",
        "Authorization: Bearer abc.def-ghi",
        "{'authorization': 'Bearer abc.def-ghi'}",
        "'api-key': 'abc.def-ghi'",
        '"api_key":"abc.def-ghi"',
        "api-key=abc.def-ghi",
        "BEARER abc.def-ghi",
        "The token 'eyJ0eXAiOiJKV1QiLCJhbGci.eyJhdWQiOiJodHRwcyJ9.c2ln_bmF0' has expired",
    ],
)
def test_known_secrets_and_whatever_looks_like_one_are_struck_out(text: str) -> None:
    """Also those that nobody told the redactor of."""
    struck = logs.Redactor((SECRET,))(text)
    assert SECRET not in struck
    assert "abc.def-ghi" not in struck
    assert "eyJ" not in struck
    assert "[secret]" in struck


@pytest.mark.parametrize("password", ["a", "abc", "test", "database"])
def test_a_short_password_garbles_no_text(password: str) -> None:
    """It is struck out where it stands as one, and not out of the middle of other words."""
    redactor = logs.Redactor((password,))
    text = "The databases that were tested answered, abcdef and all."
    assert redactor(text) == (text if len(password) < 8 else text.replace(password, "[secret]"))
    told = redactor(f"no way to postgresql://ana:{password}@db:5432/x")
    assert told == "no way to postgresql://ana:[secret]@db:5432/x"
    assert redactor(f"http://ana:{password}:x@proxy:3128") == "http://ana:[secret]@proxy:3128"


def test_an_address_without_a_password_stays_as_it_is() -> None:
    """Also one whose password is hidden already."""
    for text in ("https://x.example:443/a@b", "postgresql://ana:***@db/x", "see http://[::1]:80/"):
        assert logs.Redactor(())(text) == text


@pytest.mark.parametrize("rotate", [True, False])
def test_a_link_in_the_place_of_the_log_is_not_followed(
    rotate: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It could lead to any file of this person's. The work goes on, and stderr tells of it."""
    other = tmp_path / "other"
    other.write_text("theirs")
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "agent.jsonl").symlink_to(other)
    with restored_logging():
        logs.configure(tmp_path / "logs", "info", (), rotate=rotate)
        logging.getLogger().error("told")
    assert other.read_text() == "theirs"
    assert "log_unavailable" in capsys.readouterr().err


def test_a_link_in_the_place_of_the_daemons_number_is_replaced(tmp_path: Path) -> None:
    """As the lock beside it, it follows none."""
    other = tmp_path / "other"
    other.write_text("theirs")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "agent.pid").symlink_to(other)
    with hold_home(tmp_path):
        assert (tmp_path / "data" / "agent.pid").read_text() == str(os.getpid())
    assert other.read_text() == "theirs"


def test_structures_are_struck_out_to_their_depths() -> None:
    """By value and by name; numbers and booleans stay what they are."""
    redactor = logs.Redactor((SECRET,))
    found = redactor.deep(
        {"a": [{"b": (SECRET, 1, None, True)}], "Api-Key": "x", "token": "y", "seconds": 0.5}
    )
    assert found == {
        "a": [{"b": ["[secret]", 1, None, True]}],
        "Api-Key": "[secret]",
        "token": "[secret]",
        "seconds": 0.5,
    }


def test_every_line_is_json_without_secrets(log: Path, capsys: Any) -> None:
    """Fields, messages of other libraries, exceptions with their tracebacks."""
    ours = structlog.get_logger()
    with structlog.contextvars.bound_contextvars(project="tienda", state="TRAINING", tick="00ff"):
        ours.info("effect_sent", key=SECRET, headers={"Authorization": "Bearer xyz"})
    logging.getLogger("openai").debug("Request options: %s", {"headers": {"api-key": SECRET}})
    try:
        int(f"the key {SECRET} is wrong")
    except ValueError:
        ours.exception("unexpected_error")
    text = log.read_text()
    assert SECRET not in text
    assert "xyz" not in text
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["event"] for line in lines][::2] == ["effect_sent", "unexpected_error"]
    assert {
        "project": "tienda",
        "state": "TRAINING",
        "tick": "00ff",
        "level": "info",
    }.items() <= lines[0].items()
    assert "Traceback" in lines[-1]["exception"]
    assert SECRET not in capsys.readouterr().err


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: Path, log: Path) -> None:
    """A file where the folder should be."""
    (tmp_path / "x").write_text("")
    logs.configure(tmp_path / "x" / "logs", "info", (), rotate=True)
    structlog.get_logger().info("still_here")


def test_the_log_is_rotated_by_size(log: Path) -> None:
    """At five megabytes, by the daemon."""
    log.write_bytes(b"x" * 5 * logs.MEGABYTE)
    structlog.get_logger().info("after")
    assert log.with_suffix(".jsonl.1").stat().st_size == 5 * logs.MEGABYTE
    assert "after" in log.read_text()


# Tokens -------------------------------------------------------------------------------------------


def test_tokens_are_counted_exactly_and_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """The vocabulary of o200k_base ships with the package; no socket is opened.

    Counts as published by its tokenizer.
    """

    def refused(*_: Any) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "create_connection", refused)
    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.delenv("TIKTOKEN_CACHE_DIR", raising=False)
    tokens = O200kTokens()
    counts = {
        text: tokens.count(text)
        for text in (
            "",
            "hola",
            "Hola, ¿qué tal?",
            "¿Tenéis esta camisa en la talla M?",
            "<|endoftext|>",
        )
    }
    assert counts == {
        "": 0,
        "hola": 1,
        "Hola, ¿qué tal?": 6,
        "¿Tenéis esta camisa en la talla M?": 10,
        "<|endoftext|>": 7,
    }


def test_only_the_models_of_this_encoding_are_exact() -> None:
    """Any other is counted with it all the same, and called an estimate."""
    tokens = O200kTokens()
    assert tokens.is_exact_for("gpt-4o-mini-2024-07-18")
    assert tokens.is_exact_for("gpt-4.1-nano-2025-04-14")
    assert not tokens.is_exact_for("gpt-4-0613")
    assert not tokens.is_exact_for("gpt-35-turbo")


LOOK = """
import runpy, sys
HEAVY = {"openai", "apscheduler", "tiktoken", "httpx2", "jinja2", "numpy", "starlette", "alembic"}
for command in ("status", "status --json", "history", "--version", "--help"):
    sys.argv, code = ["agent", *command.split()], 0
    try:
        runpy.run_module("agent", run_name="__main__")
    except SystemExit as end:
        code = end.code or 0
    assert code == 0, (command, code)
    assert not HEAVY & set(sys.modules), (command, HEAVY & set(sys.modules))
"""


def test_looking_is_quick(desk: Desk, clean_environment: dict[str, str], store: SqlStore) -> None:
    """`status` and its like load neither the SDK, nor the scheduler, nor the tokenizer, nor the
    emulator's libraries.
    """
    desk.create()
    env = {
        **clean_environment,
        "AGENT_HOME": str(desk.home),
        "AGENT_DATABASE_URL": f"sqlite:///{desk.home.parent / 'datos' / 'agent.db'}",
        "AGENT_ENV_FILE": "/dev/null",
    }
    ended = subprocess.run(
        [sys.executable, "-c", LOOK],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr

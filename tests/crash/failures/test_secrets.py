"""The key is nowhere but in the settings.

Besides these, conftest looks for it after every single test of this room.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.crash.failures.agent import Agent
from tests.crash.failures.remote import Service

# The emulator keeps the faults it is ordered, so what it quotes is a secret that this room does not
# look for by itself.
TOKEN = "otro-testigo-8c1d55e0"
MESSAGE = f"Access denied: {TOKEN} is not valid."


def assert_untold(agent: Agent) -> None:
    found = [
        path
        for path in agent.home.rglob("*")
        if path.is_file() and TOKEN.encode() in path.read_bytes()
    ]
    assert not found


@pytest.mark.parametrize(
    "status",
    [
        400,
        401,
        *(pytest.param(status, marks=pytest.mark.slow) for status in (403, 404, 409, 429, 500)),
    ],
)
def test_an_error_that_quotes_a_secret_does_not_reach_log_or_row(
    status: int, launch: Callable[..., Agent], service: Service, capfd: pytest.CaptureFixture[str]
) -> None:
    """With the SDK's own debug log turned on."""
    agent = launch(AGENT_LOG_LEVEL="debug", AZURE_ARM_TOKEN=TOKEN)
    agent.run("UPLOADED")
    body = {"error": {"code": f"refused {TOKEN}", "message": MESSAGE}}
    service.fault(
        "POST", r"/jobs$", "answer", status=status, headers={"x-quoted": TOKEN}, body=body
    )
    ticked = agent.tick()
    if status != 401:
        assert "[secret]" in str(ticked.text)
    assert (
        "Sending HTTP Request" in (agent.home / "logs/agent.jsonl").read_text()
    )  # the SDK did talk
    assert_untold(agent)
    assert TOKEN not in capfd.readouterr().err


def test_a_status_that_quotes_a_secret_does_not_reach_the_row(
    launch: Callable[..., Agent], service: Service
) -> None:
    agent = launch(AZURE_ARM_TOKEN=TOKEN)
    agent.run("TRAINING")
    job = {"id": agent.project.facts.created.id, "object": "fine_tuning.job", "status": "failed"}
    service.fault(
        "GET",
        r"/jobs/",
        "answer",
        status=200,
        body={**job, "error": {"code": "x", "message": MESSAGE}},
    )
    assert "[secret]" in agent.run_to_failure()
    assert_untold(agent)


def test_an_answer_that_quotes_a_secret_does_not_reach_the_results(
    launch: Callable[..., Agent], service: Service
) -> None:
    agent = launch(AZURE_ARM_TOKEN=TOKEN)
    agent.run("DEPLOYED")
    said = {
        "choices": [{"message": {"role": "assistant", "content": TOKEN}, "finish_reason": "stop"}]
    }
    service.fault("POST", r"/chat/", "answer", times=None, status=200, body=said)
    agent.run("ANALYZED")
    assert "[secret]" in (agent.home / "results/test_results.json").read_text()
    assert_untold(agent)


def privately(small_set: Any, home: Path) -> None:
    small_set(home)
    for path in home.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)


@pytest.mark.slow
def test_a_whole_run_is_for_its_owner_alone_and_tells_no_secret(
    home: Path,
    cli: Any,
    small_set: Any,
    service: Service,
    environment: dict[str, str],
    open_to_others: Any,
) -> None:
    """Whatever the umask of the shell is; at the most talkative level, with faults on the way."""
    privately(small_set, home)
    service.fault("POST", r"/jobs$", "drop_after")
    ended = cli(
        home,
        "run",
        "--until",
        "ANALYZED",
        env={**environment, "AGENT_LOG_LEVEL": "debug"},
        seconds=60,
    )
    assert ended.code == 0, ended.err
    assert open_to_others(home) == []
    for command in (["status"], ["status", "--json"], ["history"], ["report"]):
        assert environment["AZURE_OPENAI_KEY"] not in cli(home, *command, env=environment).text
    assert environment["AZURE_OPENAI_KEY"] not in ended.text
    assert environment["AZURE_ARM_TOKEN"] not in ended.text


def test_the_emulator_that_the_agent_starts_knows_no_key_of_azure(
    home: Path,
    daemon: Any,
    small_set: Any,
    environment: dict[str, str],
    eventually: Any,
    open_to_others: Any,
) -> None:
    """Neither in its environment nor in its title; and what it writes is for the owner alone."""
    privately(small_set, home)
    key = environment["AZURE_OPENAI_KEY"]
    settings = {
        name: value for name, value in environment.items() if not name.startswith("AGENT_SETTLE")
    }
    slow = {
        "AGENT_PROVIDER": "emulator",
        "EMULATOR_ENCODER": "hash",
        "EMULATOR_TRAIN_SECONDS": "30",
    }
    slow["AGENT_TEMPORAL_API_KEY"] = f"{key}-de-temporal"
    running = daemon(home, env={**settings, **slow, "AGENT_SETTLE_SECONDS": "6"})

    def child() -> psutil.Process | None:
        with contextlib.suppress(psutil.Error):
            return next(iter(psutil.Process(running.pid).children()), None)
        return None

    found = eventually(child)
    eventually((home / "data/emulator/emulator.json").exists)
    assert key not in " ".join(found.cmdline())
    assert key not in str(found.environ())
    assert key.encode() not in Path(f"/proc/{running.pid}/cmdline").read_bytes()
    running.end()
    assert open_to_others(home) == []


def test_complaints_at_the_start_do_not_quote_the_key(
    cli: Any, home: Path, environment: dict[str, str]
) -> None:
    key = environment["AZURE_OPENAI_KEY"]
    broken = {
        "AZURE_OPENAI_KEY": f"{key} ñ",
        "AZURE_OPENAI_ENDPOINT": f"http://somebody:{key}@127.0.0.1:1",
    }
    ended = cli(home, "run", env={**environment, **broken})
    assert ended.code == 2
    assert "AZURE_OPENAI_KEY" in ended.err
    assert key not in ended.text

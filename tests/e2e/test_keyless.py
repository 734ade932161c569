"""A resource whose keys are switched off: tokens of Entra ID, from a managed identity, that end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.emulator_process import RunningEmulator

JWT = b"eyJ0eXAi"  # how each token begins
ONCE = {"upload": 2, "create_job": 1, "create_deployment": 1}


def _keyless(emulator: RunningEmulator) -> dict[str, str]:
    return {
        **emulator.azure,
        "AZURE_OPENAI_KEY": "",
        "AZURE_ARM_TOKEN": "",
        "AGENT_DEPLOY": "auto",
        "IDENTITY_ENDPOINT": f"{emulator.url}/msi/token",
        "IDENTITY_HEADER": "any",
    }


@pytest.mark.slow
def test_a_project_is_finished_without_a_key_though_its_token_ends_in_the_middle(
    home: Path, daemon: Any, start_emulator: Any, small_set: Any, eventually: Any
) -> None:
    """Nothing is sent twice, nobody is asked for anything, and no token stays anywhere."""
    pytest.importorskip("azure.identity")
    emulator = start_emulator(EMULATOR_TRAIN_SECONDS="1")
    emulator.behave(keys_disabled=True)
    small_set(home)
    env = {**_keyless(emulator), "AGENT_LOG_LEVEL": "debug"}
    running = daemon(home, "--until", "ANALYZED", env=env)
    eventually(lambda: emulator.counts().get("create_job"))
    emulator.behave(clock_ahead_seconds=7200)
    ended = running.ended()
    assert ended.code == 0, ended.err
    counts = emulator.counts()
    assert {kind: counts[kind] for kind in ONCE} == ONCE
    left = [path for path in home.rglob("*") if path.is_file() and JWT in path.read_bytes()]
    assert (left, JWT in ended.err.encode()) == ([], False)


def test_a_key_that_is_switched_off_is_answered_with_the_setting_that_helps(
    home: Path, cli: Any, start_emulator: Any, small_set: Any
) -> None:
    emulator = start_emulator()
    emulator.behave(keys_disabled=True)
    small_set(home)
    ended = cli(home, "run", "--until", "UPLOADED", "--once", env=emulator.azure)
    assert ended.code == 1
    assert "AZURE_OPENAI_AUTH=entra" in cli(home, "status", "--json", env=emulator.azure).out

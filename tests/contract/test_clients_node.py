"""OpenAI's own SDK for node on the emulator, where node and its registry are there."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.contract.running import KEY, Running
from tests.contract.sentences import FEW, rows

SCRIPT = Path(__file__).with_name("client.mjs")


@pytest.fixture
def script(node_openai: list[str]) -> list[str]:
    """The beginning of the command that runs it."""
    node, place = node_openai
    shutil.copy(SCRIPT, place)
    return [node, str(Path(place) / SCRIPT.name)]


@pytest.mark.parametrize("kind", ["azure", "openai"])
def test_a_model_is_trained_and_asked_from_node(
    plain: Running, script: list[str], kind: str
) -> None:
    name = f"by-node-{kind}"
    with subprocess.Popen(
        [*script, kind, plain.url, KEY, name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        watch = threading.Timer(60, process.kill)
        watch.start()
        try:
            trained, asked = talk(process, plain, name)
        finally:
            watch.cancel()
            process.kill()
    job = trained["job"]
    assert (job["status"], job["seed"], job["trainingType"]) == (
        "succeeded",
        105,
        "globalStandard",
    )
    assert trained["events"] > 10
    assert trained["checkpoints"] == 3
    assert trained["table"] == "step,train_loss"
    [choice] = asked["said"]["choices"]
    assert choice["message"]["content"] in FEW
    assert len(choice["logprobs"]["content"][0]["top_logprobs"]) == 2
    assert asked["streamed"] == choice["message"]["content"]
    assert asked["said"]["model"] == job["fine_tuned_model"]
    assert asked["refused"] == 400
    plain.arm("DELETE", name)


def talk(process: subprocess.Popen[bytes], plain: Running, name: str) -> tuple[Any, Any]:
    """The two lines of the script; its model is deployed between them."""
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdin.write(rows(FEW))
    process.stdin.close()
    first = process.stdout.readline()
    assert first, process.stderr.read().decode()
    trained = json.loads(first)
    plain.deploy(name, trained["job"]["fine_tuned_model"])
    second = process.stdout.readline()
    assert second, process.stderr.read().decode()
    return trained, json.loads(second)

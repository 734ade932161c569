"""The emulator's control plane, its legacy listing, and deploying by hand from the command line.

Longer than other files: what a deployment goes through is told once, from its request to its end.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import openai
import pytest

ROOT = Path(__file__).resolve().parents[2]
LEGACY = "/openai/deployments?api-version=2023-03-15-preview"
HI = [{"role": "user", "content": "hola"}]


def by_command(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "agent.emulator", *args],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_a_deployment_is_created_then_succeeds_then_goes(
    plain: Any, until: Callable[..., None]
) -> None:
    plain.behave(deploy_seconds=0.3)
    new = plain.put("one", "gpt-4o-mini")
    assert new.status == 201
    assert new.body["properties"]["provisioningState"] == "Creating"
    assert new.body["name"] == "one"
    assert (
        plain.ask(
            "POST",
            "/openai/deployments/one/chat/completions?api-version=2024-06-01",
            {"messages": HI},
        ).status
        == 404
    )
    until(lambda: plain.arm("GET", "one").body["properties"]["provisioningState"] == "Succeeded")
    assert "one" in [entry["name"] for entry in plain.arm("GET").body["value"]]
    update = plain.put("one", "gpt-4o-mini", capacity=7)
    assert update.status == 200
    assert update.body["properties"]["provisioningState"] == "Succeeded"
    assert update.body["sku"]["capacity"] == 7
    assert plain.arm("DELETE", "one").status == 200
    assert plain.arm("DELETE", "one").status == 204
    assert plain.arm("GET", "one").body["error"]["code"] == "ResourceNotFound"


def test_a_deployment_can_be_made_to_fail(plain: Any) -> None:
    """It then answers nobody, and the account is free for the next."""
    plain.behave(fail_deployments=True)
    assert plain.put("failing", "gpt-4o-mini").status == 201
    assert plain.arm("GET", "failing").body["properties"]["provisioningState"] == "Failed"
    assert "failed" in {
        entry["status"]
        for entry in plain.ask("GET", LEGACY).body["data"]
        if entry["id"] == "failing"
    }
    assert (
        plain.ask(
            "POST",
            "/openai/deployments/failing/chat/completions?api-version=2024-06-01",
            {"messages": HI},
        ).status
        == 404
    )
    assert plain.arm("DELETE", "failing").status == 200


def test_only_one_deployment_operation_runs_at_a_time(plain: Any) -> None:
    plain.behave(deploy_seconds=1)
    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda name: plain.put(name, "gpt-4o-mini"), ("p-1", "p-2", "p-3")))
    assert sorted(answer.status for answer in answers) == [201, 409, 409]
    assert {answer.body["error"]["code"] for answer in answers if answer.status == 409} == {
        "RequestConflict"
    }


@pytest.mark.parametrize(
    ("name", "model", "code"),
    [
        ("fine", "gpt-nobody", "DeploymentModelNotSupported"),
        (
            "fine",
            "gpt-4o-mini-2024-07-18.ft-00000000000000000000000000000000",
            "DeploymentModelNotSupported",
        ),
        ("bad%20name", "gpt-4o-mini", "InvalidResourceName"),
        ("a" * 65, "gpt-4o-mini", "InvalidResourceName"),
    ],
)
def test_what_cannot_be_deployed_is_refused(plain: Any, name: str, model: str, code: str) -> None:
    reply = plain.put(name, model)
    assert reply.status == 400
    assert reply.body["error"]["code"] == code


def test_the_body_of_a_deployment_is_checked(plain: Any) -> None:
    no_format = {"properties": {"model": {"name": "gpt-4o-mini", "version": "1"}}}
    no_capacity = {
        "sku": {"name": "standard", "capacity": 0},
        "properties": {"model": {"format": "OpenAI", "name": "gpt-4o-mini"}},
    }
    for body in (no_format, no_capacity, {}):
        assert plain.arm("PUT", "fine", body).body["error"]["code"] == "InvalidResourceProperties"


@pytest.mark.parametrize(
    ("model", "maker", "status"),
    [
        ("gpt-4o-mini", "OpenAI", 201),
        ("gpt-4o-mini", "openai", 500),
        ("Ministral-3B", "Mistral AI", 201),
        ("Ministral-3B", "mistral ai", 500),
        ("Ministral-3B", "OpenAI", 500),
    ],
)
def test_a_model_is_deployed_under_its_makers_name_alone(
    plain: Any, model: str, maker: str, status: int
) -> None:
    """The service says nothing but 500 to another one."""
    body = {"properties": {"model": {"format": maker, "name": model, "version": "1"}}}
    assert plain.arm("PUT", f"{model.lower()}-{len(maker)}", body).status == status


def test_the_control_plane_wants_a_bearer_token_and_a_version(plain: Any) -> None:
    account = "/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a"
    url = f"{account}/deployments"
    assert plain.ask("GET", f"{url}?api-version=2024-10-01", authorization="").status == 401
    assert plain.ask("GET", url).body["error"]["code"] == "MissingApiVersionParameter"


def test_the_legacy_listing_answers_in_one_version_only(
    plain: Any, until: Callable[..., None]
) -> None:
    plain.behave(deploy_seconds=0.3)
    plain.put("old-way", "gpt-4o-mini")

    def status() -> str:
        [found] = [
            entry for entry in plain.ask("GET", LEGACY).body["data"] if entry["id"] == "old-way"
        ]
        assert found["object"] == "deployment"
        return str(found["status"])

    assert status() == "running"
    until(lambda: status() == "succeeded")
    assert plain.ask("GET", "/openai/deployments?api-version=2024-06-01").status == 404


def test_chat_with_a_deployment_that_is_not_there_is_told_so_on_both_surfaces(plain: Any) -> None:
    for client in (plain.sdk, plain.v1):
        with pytest.raises(openai.NotFoundError) as caught:
            client.chat.completions.create(model="nobody", messages=HI)
        assert caught.value.code == "DeploymentNotFound"


@pytest.mark.parametrize("name", ["gpt-4o-mini", "gpt-4o-mini-2024-07-18"])
def test_a_base_model_answers_by_its_name_and_no_listing_shows_it(plain: Any, name: str) -> None:
    """Whoever compares with it needs to deploy nothing; what a project made is counted alone."""
    plain.behave(warmup_calls=3, fail_deployments=True)
    before = plain.ask("GET", "/_emulator/ledger").body["counts"]
    for client in (plain.sdk, plain.v1):
        answer = client.chat.completions.create(model=name, messages=HI)
        assert answer.model == "gpt-4o-mini-2024-07-18"
    after = plain.ask("GET", "/_emulator/ledger").body["counts"]
    assert after == {**before, "chat": before["chat"] + 2}
    assert plain.arm("GET", name).status == 404
    assert name not in [one["name"] for one in plain.arm("GET").body["value"]]
    assert name not in [one["id"] for one in plain.ask("GET", LEGACY).body["data"]]


def test_a_deployment_of_the_name_of_a_base_model_comes_before_it(plain: Any) -> None:
    plain.deploy("gpt-4.1", "gpt-4o")
    answer = plain.sdk.chat.completions.create(model="gpt-4.1", messages=HI)
    assert answer.model == "gpt-4o-2024-08-06"
    plain.arm("DELETE", "gpt-4.1")


def test_a_new_deployment_may_refuse_its_first_calls(plain: Any) -> None:
    plain.behave(warmup_calls=3)
    plain.deploy("cold", "gpt-4o-mini")
    codes = []
    for _ in range(3):
        with pytest.raises(openai.APIStatusError) as caught:
            plain.sdk.chat.completions.create(model="cold", messages=HI)
        codes.append((caught.value.status_code, caught.value.code))
    assert codes == [
        (404, "DeploymentNotFound"),
        (400, "DeploymentNotReady"),
        (404, "DeploymentNotFound"),
    ]
    assert plain.sdk.chat.completions.create(model="cold", messages=HI).choices[0].message.content


def test_deploying_by_hand_goes_through_the_running_emulator(plain: Any) -> None:
    plain.behave(keys_disabled=True)  # from when on only tokens of its own are good
    done = by_command(
        "deploy", "--model", "gpt-4o-mini", "--name", "by-hand", "--home", str(plain.home)
    )
    assert done.returncode == 0, done.stderr
    plain.behave(keys_disabled=False)
    assert plain.arm("GET", "by-hand").body["properties"]["provisioningState"] == "Succeeded"
    refused = by_command(
        "deploy", "--model", "gpt-nobody", "--name", "by-hand", "--home", str(plain.home)
    )
    assert refused.returncode != 0
    assert "DeploymentModelNotSupported" in refused.stderr
    assert "Traceback" not in refused.stderr
    table = by_command("list", "--home", str(plain.home))
    assert table.returncode == 0
    assert "by-hand" in table.stdout


def test_deploying_by_hand_works_while_no_emulator_runs(launch: Callable[..., Any]) -> None:
    running = launch(EMULATOR_ENCODER="hash")
    home = str(running.home)
    running.kill()  # its announcement stays behind, as after a power cut
    done = by_command("deploy", "--model", "gpt-4o-mini", "--name", "by-hand", "--home", home)
    assert done.returncode == 0, done.stderr
    again = launch(EMULATOR_ENCODER="hash")
    assert again.arm("GET", "by-hand").status == 200


def test_a_users_mistake_is_one_sentence_and_a_status(tmp_path: Path) -> None:
    none = str(tmp_path / "none")
    for args in (
        ["list", "--home", none],
        ["deploy", "--model", "gpt-4o-mini", "--name", "by-hand", "--home", none],
        ["--home", none, "--file-seconds", "-1"],
        ["--home", none, "--train-seconds", "nan"],
        ["--home", none, "--port", "99999999"],
    ):
        wrong = by_command(*args)
        assert wrong.returncode == 2
        assert wrong.stderr.startswith("emulator: ")
        assert "Traceback" not in wrong.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_cannot_be_is_told_from_the_environment_as_well(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("EMULATOR_PORT", "65536")
    wrong = by_command("--home", str(tmp_path))
    assert (wrong.returncode, wrong.stderr) == (
        2,
        "emulator: EMULATOR_PORT must be from 0 to 65535, it is 65536\n",
    )

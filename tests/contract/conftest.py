"""Emulators for the contract tests: of a test's own, or shared and put back after each test."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from agent.providers.arm import Arm, ArmAccount
from agent.providers.azure import AzureService
from agent.providers.azure_client import Endpoint
from agent.providers.credentials import Given
from agent.providers.errors import Errors
from agent.redactor import Redactor
from tests.contract.azure_rows import KEY as AZURE_KEY
from tests.contract.azure_rows import QUOTED, SURFACES
from tests.contract.exercise import Known
from tests.contract.node import find_openai
from tests.contract.running import Running, launch_process, spawn, wait_for
from tests.contract.sentences import FEW, SENTENCES, UNSEEN, rows
from tests.contract.stranger import Stranger, listening


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Starts emulators on this test's own home, and ends them all."""
    started: list[Running] = []

    def start(*flags: str, home: Path | None = None, **environment: str) -> Running:
        started.append(launch_process(home or tmp_path / "home", *flags, **environment))
        return started[-1]

    yield start
    for one in started:
        one.kill()


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One emulator with the real encoder for all tests that leave it as it was."""
    running = launch_process(tmp_path_factory.mktemp("emulator") / "home")
    yield running
    running.kill()


@pytest.fixture(scope="session")
def _plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = launch_process(tmp_path_factory.mktemp("plain") / "home", EMULATOR_ENCODER="hash")
    yield running
    running.kill()


@pytest.fixture
def plain(_plain: Running) -> Iterator[Running]:
    """One emulator without the encoder, quick to start; faults and behaviour are put back after
    every test.
    """
    _plain.reset()
    yield _plain
    _plain.reset()


@pytest.fixture(scope="session")
def trained(emulator: Running) -> Any:
    """A job that was trained on SENTENCES; its model is deployed as `tuned`, its base model as
    `base`.
    """
    job = emulator.train(
        rows(SENTENCES),
        rows({label: texts[:3] for label, texts in SENTENCES.items()}),
        suffix="tienda",
    )
    assert job.status == "succeeded", job.error
    emulator.deploy("tuned", job.fine_tuned_model)
    emulator.deploy("base", "gpt-4o-mini")
    return job


@pytest.fixture
def training_rows() -> Callable[..., bytes]:
    return rows


@pytest.fixture
def few_rows() -> bytes:
    """The smallest training file there is: ten rows, two answers."""
    return rows(FEW)


@pytest.fixture
def sentences() -> dict[str, list[str]]:
    return SENTENCES


@pytest.fixture
def unseen() -> list[tuple[str, str]]:
    return UNSEEN


@pytest.fixture
def until() -> Callable[..., None]:
    return wait_for


@pytest.fixture
def start_process() -> Callable[..., subprocess.Popen[str]]:
    """Starts an emulator without waiting for it; the test ends it."""
    return spawn


@pytest.fixture
def service(azure: Any) -> Iterator[Callable[..., AzureService]]:
    """`service(version, arm=True)`: as the agent builds it, with a short time-out."""
    made: list[AzureService] = []

    def make(
        version: str = SURFACES[0],
        *,
        arm: bool = True,
        url: str | None = None,
        key: str = AZURE_KEY,
        timeout: float = 5.0,
    ) -> AzureService:
        errors = Errors(url or azure.url, Redactor([QUOTED]))
        account = ArmAccount(url or azure.url, "sub", "grupo", "cuenta", "standard", 50)
        manager = Arm(account, Given("token"), timeout, errors) if arm else None
        made.append(
            AzureService(Endpoint(url or azure.url, key, version, timeout), manager, errors)
        )
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture(scope="session")
def stranger() -> Iterator[Stranger]:
    with listening() as found:
        yield found


@pytest.fixture(scope="session")
def connect(stranger: Stranger) -> Iterator[Callable[..., AzureService]]:
    """`connect(version)`: to the stranger; kept, because making one reads all certificates."""
    made: dict[str, AzureService] = {}

    def open_once(version: str = SURFACES[0]) -> AzureService:
        if version not in made:
            errors = Errors(stranger.url, Redactor([QUOTED]))
            account = ArmAccount(stranger.url, "sub", "grupo", "cuenta", "standard", 50)
            arm = Arm(account, Given("token"), 5.0, errors)
            endpoint = Endpoint(stranger.url, AZURE_KEY, version, 5.0)
            made[version] = AzureService(endpoint, arm, errors)
        return made[version]

    yield open_once
    for one in made.values():
        one.close()


@pytest.fixture(scope="session")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Known]:
    """One emulator, without the encoder, whose answers are held to Microsoft's OpenAPI files."""
    running = launch_process(tmp_path_factory.mktemp("held") / "home", EMULATOR_ENCODER="hash")
    yield Known(running)
    running.kill()


@pytest.fixture(scope="session")
def http() -> Iterator[requests.Session]:
    with requests.Session() as made:
        made.trust_env = False
        yield made


@pytest.fixture(scope="session")
def node_openai() -> list[str]:
    """`node`, and the folder with OpenAI's SDK for it."""
    return find_openai()

"""`doctor` where it looks at this machine alone."""

from __future__ import annotations

import os
import time
from typing import Any

import pytest

from agent.doctor import machine
from agent.doctor.examination import examine
from agent.doctor.lines import Status
from agent.doctor.machine import check_notify
from agent.doctor.patient import Patient
from agent.redactor import Redactor
from agent.resources.catalog import PackagedCatalog
from agent.settings.config import load
from states.errors import SettingsError, StoreError
from tests.contract.test_doctor import Tokens


@pytest.mark.parametrize(
    ("found", "status", "told"),
    [
        ([], "skipped", "AGENT_NOTIFY is not set"),
        ([("1: json", None), ("2: ntfy", None)], "ok", "1: json, 2: ntfy: usable, it seems"),
        ([("1: json", None), ("2: xyz", SettingsError("unknown"))], "failed", "2: xyz: unknown"),
    ],
)
def test_whoever_is_to_be_told_is_looked_at(
    found: list[Any], status: str, told: str, tmp_path: Any
) -> None:
    environment = {"AGENT_ENV_FILE": os.devnull, "AGENT_HOME": str(tmp_path)}
    patient = Patient(
        load(environment),
        Redactor(()),
        PackagedCatalog(),
        Tokens(),
        lambda: None,
        time.time,
        lambda: found,
    )
    [line] = check_notify(patient)
    assert (line.status.value, told in str(line.text)) == (status, True)


def test_what_a_worker_of_temporal_needs_is_looked_for(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only where its address is set."""
    found = machine.find_spec
    monkeypatch.setattr(
        machine, "find_spec", lambda name: None if name == "temporalio" else found(name)
    )
    environment = {"AGENT_ENV_FILE": os.devnull, "AGENT_HOME": str(tmp_path)}
    told = []
    for more in ({}, {"AGENT_TEMPORAL_ADDRESS": "127.0.0.1:7233"}):
        loaded = load({**environment, **more})
        patient = Patient(
            loaded, Redactor(()), PackagedCatalog(), Tokens(), lambda: None, time.time
        )
        lines = list(machine.check_extras(patient))
        told.append([str(line.text) for line in lines if "temporal" in str(line.text)])
    assert told == [[], ["the extra `temporal` is not installed"]]


def test_a_database_that_cannot_be_used_is_a_line(tmp_path: Any) -> None:
    def broken() -> bool | None:
        raise StoreError("it is another program's")

    loaded = load(
        {
            "AGENT_ENV_FILE": os.devnull,
            "AGENT_HOME": str(tmp_path),
            "AGENT_PROVIDER": "azure",
            "AZURE_OPENAI_ENDPOINT": "http://127.0.0.1:9",
            "AZURE_OPENAI_KEY": "k3y",
        }
    )
    patient = Patient(loaded, Redactor(()), PackagedCatalog(), Tokens(), broken, time.time)
    [line] = [line for line in examine(patient) if line.name == "database"]
    assert (line.status, str(line.text)) == (Status.FAILED, "it is another program's")

"""The command `doctor`: on the emulator, without a key, and where the settings are wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


def test_an_empty_folder_is_well_and_stays_empty(home: Path, cli: Any) -> None:
    """The emulator that it looks at lives elsewhere, for as long as it takes."""
    before = sorted(home.rglob("*"))
    ended = cli(home, "doctor", "--json")
    assert ended.code == 0, ended.text
    assert ended.json["ok"] is True
    statuses = {line["name"]: line["status"] for line in ended.json["lines"]}
    assert set(statuses.values()) == {"ok", "skipped"}
    assert statuses["login"] == statuses["quota"] == statuses["right_to_deploy"] == "ok"
    assert sorted(home.rglob("*")) == before


def test_the_audience_that_a_resource_wants_is_found(
    home: Path, cli: Any, start_emulator: Any
) -> None:
    pytest.importorskip("azure.identity")
    emulator = start_emulator()
    emulator.behave(keys_disabled=True)
    env = {
        **emulator.azure,
        "AZURE_OPENAI_KEY": "",
        "AZURE_OPENAI_SCOPE": "https://storage.azure.com/.default",
        "IDENTITY_ENDPOINT": f"{emulator.url}/msi/token",
        "IDENTITY_HEADER": "any",
    }
    ended = cli(home, "doctor", env=env)
    assert ended.code == 1
    assert "AZURE_OPENAI_SCOPE=https://cognitiveservices.azure.com/.default" in ended.out
    assert not any(emulator.counts().values())


def test_wrong_settings_are_its_one_line(home: Path, cli: Any) -> None:
    ended = cli(home, "doctor", "--json", env={"AGENT_SEED": "x", "AGENT_POLL_SECONDS": "no"})
    assert ended.code == 1
    [line] = ended.json["lines"]
    assert (line["name"], line["status"], ended.json["ok"]) == ("settings", "failed", False)
    assert "AGENT_SEED" in line["text"]
    assert "AGENT_POLL_SECONDS" in line["text"]


def test_addresses_are_looked_at_and_nothing_is_sent(home: Path, cli: Any) -> None:
    """One that apprise does not know is named without its secrets."""
    pytest.importorskip("apprise")
    good, odd = "json://127.0.0.1:9/hook", "nosuchservice://token-of-7f3a91/x"
    ended = cli(home, "doctor", "--json", env={"AGENT_NOTIFY": f"{good}, {odd}"})
    lines = {line["name"]: line for line in ended.json["lines"]}
    assert (ended.code, lines["notify"]["status"]) == (1, "failed")
    assert "2: nosuchservice" in lines["notify"]["text"]
    assert "7f3a91" not in ended.text
    well = cli(home, "doctor", "--json", env={"AGENT_NOTIFY": good})
    assert [one["status"] for one in well.json["lines"] if one["name"] == "notify"] == ["ok"]

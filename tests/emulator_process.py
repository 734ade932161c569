"""An emulator as a real process, reached as the agent reaches Azure."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

KEY = "clave-de-prueba-7f3a91"


MOST_FILES = 100_000
TOKEN = "testigo-de-prueba-55c0de"


@dataclass
class RunningEmulator:
    """An emulator of its own, reached as the agent reaches Azure: at an endpoint with a key."""

    process: subprocess.Popen[bytes]
    home: Path
    url: str
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def azure(self) -> dict[str, str]:
        """The settings of an agent for which this is Azure, with durations for tests."""
        return {
            "AGENT_PROVIDER": "azure",
            "AZURE_OPENAI_ENDPOINT": self.url,
            "AZURE_OPENAI_KEY": KEY,
            "AZURE_ARM_ENDPOINT": self.url,
            "AZURE_ARM_TOKEN": TOKEN,
            "AZURE_SUBSCRIPTION_ID": "suscripcion",
            "AZURE_RESOURCE_GROUP": "grupo",
            "AGENT_REQUEST_TIMEOUT_SECONDS": "5",
            "AGENT_LISTING_LAG_SECONDS": "0",
            "AGENT_SETTLE_SECONDS": "6",
        }

    def control(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310  loopback
            f"{self.url}/_emulator/{path}",
            method=method,
            data=data,
            headers=control_headers(self.home),
        )
        with _no_proxy().open(request, timeout=10) as answer:
            return json.loads(answer.read())

    def behave(self, **changes: Any) -> None:
        self.control("PUT", "behaviour", changes)

    def fault(self, do: dict[str, Any], method: str = "POST", path: str = "", **more: Any) -> None:
        self.control(
            "PUT", "faults", [{"match": {"method": method, "path": path}, "do": do, **more}]
        )

    def reset(self) -> None:
        """Faults and behaviour as at the start, and room for the files of hundreds of tests."""
        self.control("DELETE", "faults")
        self.control("DELETE", "behaviour")
        self.behave(most_files=MOST_FILES)

    def counts(self) -> dict[str, int]:
        return dict(self.control("GET", "ledger")["counts"])

    def deploy(self, name: str, model: str) -> None:
        """As a person does in the portal; ready at once with quick times."""
        body = {
            "sku": {"name": "standard", "capacity": 50},
            "properties": {"model": {"format": "OpenAI", "name": model}},
        }
        self.put_deployment(name, body)

    def put_deployment(self, name: str, body: dict[str, Any]) -> None:
        """With a token of its own, for it may have its keys switched off."""
        path = (
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a"
            f"/deployments/{name}"
        )
        asked = urllib.request.Request(  # noqa: S310  loopback
            f"{self.url}/msi/token?resource=https://management.azure.com",
            headers={"x-identity-header": "any"},
        )
        with _no_proxy().open(asked, timeout=10) as answer:
            token = json.loads(answer.read())["access_token"]
        request = urllib.request.Request(  # noqa: S310  loopback
            f"{self.url}{path}?api-version=2024-10-01",
            method="PUT",
            data=json.dumps(body).encode(),
            headers={"content-type": "application/json", "authorization": f"Bearer {token}"},
        )
        with _no_proxy().open(request, timeout=10) as answer:
            assert answer.status in (200, 201)

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait(timeout=10)
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()


def control_headers(home: Path) -> dict[str, str]:
    """What lets a request in to the controls of the emulator of that home."""
    token = (home / "control-token").read_text()
    return {"content-type": "application/json", "authorization": f"Bearer {token}"}


def read_ledger(home: Path) -> dict[str, int]:
    """How often each kind of mutation was accepted by the emulator that the agent of that home has
    started.
    """
    path = home / "data" / "emulator" / "emulator.sqlite3"
    with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        return dict(
            connection.execute("SELECT kind, count(*) FROM ledger GROUP BY kind").fetchall()
        )


def _no_proxy() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))


def launch_emulator(
    environment: Mapping[str, str], home: Path, python: Path | str = sys.executable
) -> RunningEmulator:
    home.mkdir(parents=True, exist_ok=True)
    with (home.parent / f"{home.name}.err").open("wb") as sink:
        process = subprocess.Popen(
            [python, "-m", "agent.emulator", "--home", str(home), "--until-stdin-closes"],
            env=dict(environment),
            cwd=home,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=sink,
        )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, f"the emulator did not start: {(home.parent / f'{home.name}.err').read_text()}"
    return RunningEmulator(process, home, json.loads(line)["url"])

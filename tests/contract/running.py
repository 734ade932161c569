"""One emulator process, and short ways to talk to it over real HTTP."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import openai

from tests.contract.sentences import SYSTEM
from tests.emulator_process import MOST_FILES, control_headers

ROOT = Path(__file__).resolve().parents[2]


KEY = "llave-de-prueba"


DATED = "2024-12-01-preview"


ARM = (
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a/deployments"
)


QUICK = {
    "EMULATOR_FILE_SECONDS": "0",
    "EMULATOR_QUEUE_SECONDS": "0",
    "EMULATOR_TRAIN_SECONDS": "0",
    "EMULATOR_DEPLOY_SECONDS": "0",
}


@dataclass
class Reply:
    """A plain HTTP answer."""

    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)


@dataclass
class Running:
    """One emulator process, and short ways to talk to it."""

    process: subprocess.Popen[str]
    home: Path
    url: str
    _clients: dict[tuple[object, ...], Any] = field(default_factory=dict)

    @property
    def sdk(self) -> openai.AzureOpenAI:
        return self.client()

    def client(
        self, version: str = DATED, key: str = KEY, seconds: float = 30.0
    ) -> openai.AzureOpenAI:
        if (version, key, seconds) not in self._clients:
            made = openai.AzureOpenAI(
                azure_endpoint=self.url,
                api_key=key,
                api_version=version,
                max_retries=0,
                timeout=seconds,
                http_client=httpx2.Client(verify=False, timeout=seconds),
            )
            self._clients[version, key, seconds] = made
        client: openai.AzureOpenAI = self._clients[version, key, seconds]
        return client

    @property
    def v1(self) -> openai.OpenAI:
        if ("v1",) not in self._clients:
            self._clients["v1",] = openai.OpenAI(
                base_url=f"{self.url}/openai/v1/",
                api_key=KEY,
                max_retries=0,
                timeout=30,
                http_client=httpx2.Client(verify=False, timeout=30),
            )
        client: openai.OpenAI = self._clients["v1",]
        return client

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        data = (
            body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        )
        sent = {
            "api-key": KEY,
            "authorization": f"Bearer {KEY}",
            "content-type": "application/json",
            **(control_headers(self.home) if path.startswith("/_emulator/") else {}),
            **headers,
        }
        request = urllib.request.Request(self.url + path, method=method, data=data, headers=sent)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                return Reply(answer.status, dict(answer.headers.items()), answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Reply(error.code, dict(error.headers.items()), error.read())

    def arm(self, method: str, name: str = "", body: Any = None) -> Reply:
        return self.ask(method, f"{ARM}{'/' if name else ''}{name}?api-version=2024-10-01", body)

    def put(self, name: str, model: str, capacity: int = 50) -> Reply:
        properties = {"model": {"format": "OpenAI", "name": model, "version": "1"}}
        return self.arm(
            "PUT",
            name,
            {"sku": {"name": "standard", "capacity": capacity}, "properties": properties},
        )

    def deploy(self, name: str, model: str) -> None:
        assert self.put(name, model).status in (200, 201)
        wait_for(
            lambda: self.arm("GET", name).body["properties"]["provisioningState"] == "Succeeded"
        )

    def behave(self, **changes: Any) -> None:
        assert self.ask("PUT", "/_emulator/behaviour", changes).status == 200

    def fault(self, do: dict[str, Any], method: str = "POST", path: str = "", **more: Any) -> None:
        rule = {"match": {"method": method, "path": path}, "do": do, **more}
        assert self.ask("PUT", "/_emulator/faults", [rule]).status == 200

    def counts(self) -> dict[str, int]:
        return dict(self.ask("GET", "/_emulator/ledger").body["counts"])

    def reset(self) -> None:
        """Faults and behaviour as at the start, room for the files of hundreds of tests, and no
        deployment in the way of the next."""
        self.ask("DELETE", "/_emulator/faults")
        self.ask("DELETE", "/_emulator/behaviour")
        self.behave(most_files=MOST_FILES)
        wait_for(
            lambda: all(
                one["properties"]["provisioningState"] == "Succeeded"
                for one in self.arm("GET").body["value"]
            )
        )

    def upload(self, content: bytes, name: str = "train.jsonl") -> str:
        """Uploads and waits until the file is processed."""
        file = self.sdk.files.create(file=(name, content), purpose="fine-tune")
        wait_for(lambda: self.sdk.files.retrieve(file.id).status == "processed")
        return file.id

    def train(self, content: bytes, checks: bytes | None = None, **asked: Any) -> Any:
        """Trains and waits until the job is over."""
        files = {"training_file": self.upload(content)}
        if checks is not None:
            files["validation_file"] = self.upload(checks, "validation.jsonl")
        job = self.sdk.fine_tuning.jobs.create(
            **{"model": "gpt-4o-mini", "seed": 42, **files, **asked}
        )
        return self.over(job.id)

    def over(self, job_id: str, seconds: float = 30) -> Any:
        ended = ("succeeded", "failed", "cancelled")
        wait_for(lambda: self.sdk.fine_tuning.jobs.retrieve(job_id).status in ended, seconds)
        return self.sdk.fine_tuning.jobs.retrieve(job_id)

    def answer(self, deployment: str, text: str, system: str = SYSTEM, **asked: Any) -> str:
        messages = [{"role": "system", "content": system}, {"role": "user", "content": text}]
        said = self.sdk.chat.completions.create(
            model=deployment, messages=messages, **{"temperature": 0, **asked}
        )
        return said.choices[0].message.content or ""

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        with suppress(ProcessLookupError):
            os.kill(self.process.pid, signal.SIGKILL)
        self.end()

    def end(self) -> None:
        self.process.wait(timeout=10)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream:
                stream.close()
        for client in self._clients.values():
            client.close()
        self._clients.clear()


def wait_for(true: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def launch_process(home: Path, *flags: str, **environment: str) -> Running:
    """Starts an emulator and waits for its ready line."""
    process = spawn(home, *flags, **environment)
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        process.kill()
        assert process.stderr is not None
        raise AssertionError(f"the emulator did not start: {process.stderr.read()}")
    return Running(process, home, json.loads(line)["url"])


def spawn(home: Path, *flags: str, **environment: str) -> subprocess.Popen[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("EMULATOR_")}
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "agent.emulator",
            "--home",
            str(home),
            "--until-stdin-closes",
            *flags,
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**clean, **QUICK, **environment},
    )

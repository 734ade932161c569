"""The emulator as these tests use it: its faults, what was spent, and other people's deeds."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

V = "api-version=2024-12-01-preview"


ARM = (
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a/deployments"
)


class Service:
    """The emulator as these tests use it: its faults, what was spent since the test began, and
    other people's deeds.
    """

    def __init__(self, emulator: Any, key: str) -> None:
        self.emulator, self.url, self._key = emulator, emulator.url, key
        self._before = emulator.counts()

    def behave(self, **changes: Any) -> None:
        self.emulator.behave(**changes)

    def fault(
        self, method: str, path: str, kind: str, *, skip: int = 0, times: int | None = 1, **do: Any
    ) -> None:
        self.emulator.fault({"kind": kind, **do}, method=method, path=path, skip=skip, times=times)

    def faults_left(self) -> int:
        return sum(rule["times"] or 0 for rule in self.emulator.control("GET", "faults"))

    def reset(self) -> None:
        self.emulator.reset()

    def spent(self, kind: str) -> int:
        """How often the service has accepted this kind of mutation since the test began."""
        return int(self.emulator.counts()[kind] - self._before[kind])

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """A call by somebody else; None for an empty answer."""
        sent = {
            "api-key": self._key,
            "authorization": "Bearer somebody",
            "content-type": "application/json",
        }
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, method=method, data=data, headers=sent)  # noqa: S310  loopback
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
            request, timeout=10
        ) as answer:
            raw = answer.read()
        return json.loads(raw) if raw else None

    def upload(self, filename: str, content: bytes) -> str:
        """A file put there by somebody else."""
        mark = "----somebody"
        head = (
            f"--{mark}\r\nContent-Disposition: form-data;"
            f' name="purpose"\r\n\r\nfine-tune\r\n--{mark}\r\n'
        )
        head += f'Content-Disposition: form-data; name="file"; filename="{filename}"\r\n\r\n'
        body = head.encode() + content + f"\r\n--{mark}--\r\n".encode()
        request = urllib.request.Request(  # noqa: S310  loopback
            f"{self.url}/openai/files?{V}",
            method="POST",
            data=body,
            headers={"api-key": self._key, "content-type": f"multipart/form-data; boundary={mark}"},
        )
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
            request, timeout=10
        ) as answer:
            return str(json.loads(answer.read())["id"])

    def files(self) -> list[dict[str, Any]]:
        return list(self.ask("GET", f"/openai/files?{V}")["data"])

    def content(self, file_id: str) -> bytes:
        request = urllib.request.Request(  # noqa: S310
            f"{self.url}/openai/files/{file_id}/content?{V}", headers={"api-key": self._key}
        )
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
            request, timeout=10
        ) as answer:
            return bytes(answer.read())

    def jobs(self) -> list[dict[str, Any]]:
        return list(self.ask("GET", f"/openai/fine_tuning/jobs?{V}&limit=100")["data"])

    def job(self, training: str, validation: str, suffix: str, seed: int = 42) -> str:
        """A job created by somebody else, or by a twin of ours."""
        body = {
            "model": "gpt-4o-mini",
            "training_file": training,
            "validation_file": validation,
            "suffix": suffix,
            "seed": seed,
            "hyperparameters": {"n_epochs": 1},
        }
        return str(self.ask("POST", f"/openai/fine_tuning/jobs?{V}", body)["id"])

    def cancel(self, job_id: str) -> None:
        self.ask("POST", f"/openai/fine_tuning/jobs/{job_id}/cancel?{V}")

    def arm(self, method: str, name: str = "", body: Any = None) -> Any:
        return self.ask(method, f"{ARM}{'/' if name else ''}{name}?api-version=2024-10-01", body)

    def deploy(self, name: str, model: str) -> None:
        self.emulator.deploy(name, model)

    def clear(self) -> None:
        """Nothing of this test is left to fill the resource's quota of files."""
        self.reset()
        for job in self.jobs():
            if job["status"] in ("pending", "running"):
                self._quietly(lambda job=job: self.cancel(job["id"]))
        for file in self.files():
            self._quietly(lambda file=file: self.ask("DELETE", f"/openai/files/{file['id']}?{V}"))

    @staticmethod
    def _quietly(deed: Callable[[], Any]) -> None:
        try:
            deed()
        except urllib.error.HTTPError as error:
            error.close()

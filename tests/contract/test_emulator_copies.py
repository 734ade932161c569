"""The emulator: a checkpoint is copied to another account, a file imported from elsewhere."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tests.contract.running import Running, wait_for

PREVIEW = {"aoai-copy-ft-checkpoints": "preview"}
ACCOUNT = (
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/elsewhere"
)
V = "api-version=2024-12-01-preview"


def copies(running: Running, job: str, checkpoint: str) -> str:
    return f"/openai/v1/fine_tuning/jobs/{job}/checkpoints/{checkpoint}/copy"


def test_a_checkpoint_is_copied_under_its_own_name(plain: Running, few_rows: bytes) -> None:
    """By its id or its model's name. The copy takes its time, by the clock that a test may move."""
    plain.behave(deploy_seconds=3600)
    job = plain.train(few_rows)
    found = plain.v1.fine_tuning.jobs.checkpoints.list(job.id).data[-1]
    place = copies(plain, job.id, found.id)
    asked = {"destinationResourceId": ACCOUNT, "region": "westus"}
    assert plain.ask("GET", place, **PREVIEW).status == 404
    said = plain.ask("POST", place, asked, **PREVIEW)
    assert (said.status, said.body) == (
        200,
        {
            "checkpointedModelName": found.fine_tuned_model_checkpoint,
            "fineTuningJobId": job.id,
            "copiedAccountDetails": [{**asked, "status": "InProgress"}],
        },
    )
    plain.behave(clock_ahead_seconds=4000)
    by_name = copies(plain, job.id, found.fine_tuned_model_checkpoint)
    [copy] = plain.ask("GET", by_name, **PREVIEW).body["copiedAccountDetails"]
    assert copy["status"] == "Completed"
    assert plain.ask("POST", place, asked, **PREVIEW).body["copiedAccountDetails"] == [copy]


@pytest.mark.parametrize(
    ("changed", "headers", "status"),
    [
        ({}, {}, 400),
        ({"destinationResourceId": "elsewhere"}, PREVIEW, 400),
        ({"region": ""}, PREVIEW, 400),
        ({}, {**PREVIEW, "of": "ftchkpt-nobody"}, 404),
    ],
)
def test_what_cannot_be_copied_is_refused(
    plain: Running, few_rows: bytes, changed: dict[str, Any], headers: dict[str, str], status: int
) -> None:
    job = plain.train(few_rows)
    of = headers.get("of") or plain.v1.fine_tuning.jobs.checkpoints.list(job.id).data[0].id
    asked = {"destinationResourceId": ACCOUNT, "region": "westus", **changed}
    assert plain.ask("POST", copies(plain, job.id, of), asked, **headers).status == status


@pytest.fixture
def elsewhere(few_rows: bytes) -> Iterator[str]:
    """The address of a server that has one file."""

    class Files(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/rows.jsonl" else 404)
            self.end_headers()
            self.wfile.write(few_rows if self.path == "/rows.jsonl" else b"")

        def log_message(self, *_: Any) -> None:
            """Quietly."""

    server = HTTPServer(("127.0.0.1", 0), Files)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_file_is_imported_from_its_address(
    plain: Running, elsewhere: str, few_rows: bytes
) -> None:
    """It trains as an uploaded one does; what is not there ends in `error`."""
    asked = {
        "purpose": "fine-tune",
        "filename": "puppy.jsonl",
        "content_url": f"{elsewhere}/rows.jsonl",
    }
    made = plain.ask("POST", f"/openai/files/import?{V}", asked)
    assert made.status == 201
    file = made.body["id"]
    assert made.headers["location"].endswith(f"/openai/files/{file}?{V}")
    wait_for(lambda: plain.sdk.files.retrieve(file).status == "processed")
    assert plain.sdk.files.content(file).content == few_rows
    job = plain.sdk.fine_tuning.jobs.create(model="gpt-4o-mini", training_file=file)
    assert plain.over(job.id).status == "succeeded"
    gone = {**asked, "content_url": f"{elsewhere}/gone"}
    lost = plain.ask("POST", f"/openai/files/import?{V}", gone).body["id"]
    wait_for(lambda: plain.sdk.files.retrieve(lost).status == "error")


@pytest.mark.parametrize(
    "changed", [{"content_url": "file:///etc/passwd"}, {"filename": ""}, {"purpose": "evil"}]
)
def test_an_import_that_makes_no_sense_is_refused(plain: Running, changed: dict[str, str]) -> None:
    asked = {"purpose": "fine-tune", "filename": "a.jsonl", "content_url": "http://127.0.0.1:1/a"}
    assert plain.ask("POST", f"/openai/files/import?{V}", {**asked, **changed}).status == 400
    assert plain.ask("POST", "/openai/v1/files/import", asked).status == 404

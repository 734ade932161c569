"""What only decorates the record of a training that is done and paid for: events and curve."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.crash.failures.agent import Agent
from tests.crash.failures.remote import Service

CONTENT, EVENTS = r"/files/[^/]+/content", r"/events"
REFUSED = {"error": {"code": "Forbidden", "message": "not for you"}}
NAN_EVENT = (
    '{"object": "list", "has_more": false, "data": [{"id": "e1", "created_at": 1, "level": "info",'
    ' "message": "Step 1", "data": {"step": NaN, "train_loss": Infinity}}]}'
)


@pytest.mark.parametrize(
    ("path", "status", "body", "told"),
    [
        (CONTENT, 403, REFUSED, "loss curve"),
        (CONTENT, 400, REFUSED, "loss curve"),
        (CONTENT, 404, REFUSED, "loss curve"),
        (CONTENT, 500, REFUSED, "loss curve"),
        (CONTENT, 200, "step,train_loss\nn/a,2.0\n2,1.0\n", "1 line of the loss curve"),
        (CONTENT, 200, "step,train_loss,valid_loss\n1,2.0,nan\n2,1.0,inf\n", ""),
        (CONTENT, 200, "step,train_loss\n1," + "9" * 200_000 + "\n", "1 line of the loss curve"),
        (CONTENT, 200, "<html>log in</html>", "loss curve"),
        (EVENTS, 403, REFUSED, "events"),
        (EVENTS, 410, REFUSED, "events"),
        (EVENTS, 405, "", "events"),
        (EVENTS, 200, NAN_EVENT, ""),
    ],
)
def test_what_decorates_a_training_does_not_stop_it(
    path: str, status: int, body: Any, told: str, agent: Agent, service: Service
) -> None:
    """TRAINED, with one warning that names what could not be read, and results that are JSON."""
    agent.run("TRAINING")
    headers = {"content-type": "application/json"} if body == NAN_EVENT else {}
    service.fault("GET", path, "answer", status=status, body=body, headers=headers, times=99)
    agent.run("TRAINED")
    assert agent.project.hold is None
    note = agent.app.store.history(agent.name)[-1].note
    assert told in str(note)
    assert (told == "") is (note is None)
    written = (agent.home / "results/fine_tuning_info.json").read_text()
    info = json.loads(written, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    assert info["fine_tuned_model"]
    assert service.spent("create_job") == 1

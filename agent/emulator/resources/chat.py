"""Chat completions against a deployment."""

from __future__ import annotations

import time
from typing import Any

from agent.emulator.protocol.errors import ServiceError
from agent.emulator.protocol.wire import Answer, Call
from agent.emulator.resources import chat_body, deployments, pace
from agent.emulator.resources.chat_request import read_chat, refused
from agent.emulator.resources.deployments import Deployment
from agent.emulator.resources.emulator import Emulator
from agent.emulator.state import ledger


def complete(emulator: Emulator, call: Call) -> Answer:
    """POST …/chat/completions. Every call is in the ledger, with the status it got and no word of what was said."""
    name = call.path["name"] if "name" in call.path else call.document().get("model")
    if not isinstance(name, str):
        raise refused("'model' must name a deployment.", "model")
    try:
        answer, told = _complete(emulator, call, name)
    except ServiceError as error:
        answer, told = _refusal(error), {"code": error.code}
    with emulator.store.transaction() as db:
        ledger.record(db, "chat", name, status=answer.status, **told)
    return answer


def _complete(emulator: Emulator, call: Call, name: str) -> tuple[Answer, dict[str, Any]]:
    deployment = deployments.find(emulator, name)
    if deployment is None or deployment.state(time.time()) != "Succeeded":
        raise _no_deployment(name)
    _check_warm(emulator, deployment)
    request = read_chat(call)
    headers, refusal = pace.admit(deployment, enforced=emulator.behaviours.now.capacity_429)
    if refusal is not None:
        return refusal, {"code": "429"}
    substring = emulator.behaviours.now.content_filter_substring
    if substring and any(
        role == "user" and substring in content for role, content in request.turns
    ):
        return Answer(400, chat_body.FILTERED, headers), {"code": "content_filter"}
    # Imported here because numpy must not slow the start of the server.
    from agent.emulator.resources.served import believe
    from agent.emulator.resources.speaking import speak

    belief = believe(emulator, deployment.model, request.turns)
    said = [
        speak(belief, request.manner, f"{request.occasion}/{index}")
        for index in range(request.choices)
    ]
    body = chat_body.completion(deployment.shown_model, request, said)
    told = {"model": deployment.shown_model, "usage": body["usage"]}
    if request.stream:
        headers = {**headers, "content-type": "text/event-stream; charset=utf-8"}
        return Answer(200, headers=headers, stream=chat_body.stream(body, request, said)), told
    return Answer(200, body, headers), told


def _check_warm(emulator: Emulator, deployment: Deployment) -> None:
    """A deployment that says Succeeded may still refuse for some calls, in either of the two ways seen live."""
    turn = deployments.warm_up(emulator, deployment)
    if turn is None:
        return
    if turn % 2 == 0:
        raise _no_deployment(deployment.name)
    raise ServiceError(
        400,
        "DeploymentNotReady",
        f"The deployment '{deployment.name}' is not ready to serve requests yet.",
    )


def _no_deployment(name: str) -> ServiceError:
    message = (
        f"There is no deployment '{name}' on this resource. If it was created in the last minutes,"
        " try again a little later."
    )
    return ServiceError(404, "DeploymentNotFound", message)


def _refusal(error: ServiceError) -> Answer:
    kind = "invalid_request_error" if error.status == 400 else None
    code = None if error.code == "invalid_request_error" else error.code
    return Answer(
        error.status,
        {"error": {"message": error.message, "type": kind, "param": error.target, "code": code}},
    )

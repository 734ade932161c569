"""The handler of /chat/completions."""

from __future__ import annotations

import time
from typing import Any

from agent.emulator.model import tokens
from agent.emulator.protocol.errors import ServiceError
from agent.emulator.protocol.http import Request, Response
from agent.emulator.protocol.responses import respond_error
from agent.emulator.resources.chat_request import ChatRequest, invalid_chat, parse_chat
from agent.emulator.resources.chat_response import (
    CONTENT_FILTER_ERROR,
    build_completion,
    stream_completion,
)
from agent.emulator.resources.context import Context
from agent.emulator.resources.deployment_end import note_use
from agent.emulator.resources.deployment_row import (
    Deployment,
    count_warmup_call,
    find_base_deployment,
    find_deployment,
)
from agent.emulator.state import ledger

Detail = dict[str, Any]  # of the call's entry in the ledger


def complete_chat(context: Context, request: Request) -> Response:
    """POST …/chat/completions. The ledger has every call with its status, but none of its text."""
    name = request.path["name"] if "name" in request.path else request.json_object().get("model")
    if not isinstance(name, str):
        raise invalid_chat("'model' must name a deployment.", "model")
    try:
        response, detail = _answer(context, request, name)
    except ServiceError as error:
        response, detail = _respond_error(error, is_v1=request.is_v1), {"code": error.code}
    with context.store.transaction() as db:
        ledger.record(db, "chat", name, status=response.status, **detail)
        if response.status == 200:
            note_use(db, name, context.behaviour.now())
    return response


def _answer(context: Context, request: Request, name: str) -> tuple[Response, Detail]:
    deployment = find_deployment(context, name) or find_base_deployment(name)
    if deployment is None or deployment.state(time.time()) != "Succeeded":
        raise _deployment_not_found(name)
    _check_warm(context, deployment)
    chat = parse_chat(request)
    allowance = context.rate_limit.count(
        name,
        deployment.capacity,
        tokens.count_chat_tokens(chat.messages) + (chat.options.max_tokens or 0) * chat.choices,
        context.behaviour.now(),
        is_enforced=context.behaviour.current.capacity_429,
    )
    if allowance.is_refused:
        return allowance.refusal(), {"code": "429"}
    headers = allowance.headers()
    if _is_filtered(context, chat):
        return Response(400, CONTENT_FILTER_ERROR, headers), {"code": "content_filter"}
    return _complete(context, deployment, chat, headers)


def _is_filtered(context: Context, chat: ChatRequest) -> bool:
    substring = context.behaviour.current.content_filter_substring
    if not substring:
        return False
    return any(role == "user" and substring in content for role, content in chat.messages)


def _complete(
    context: Context, deployment: Deployment, chat: ChatRequest, headers: dict[str, str]
) -> tuple[Response, Detail]:
    # Imported here because numpy must not slow the start of the server.
    from agent.emulator.resources.chat_answer import answer, tell_choices
    from agent.emulator.resources.inference import predict

    prediction = predict(context, deployment.model, tell_choices(chat))
    texts = [answer(prediction, chat, f"{chat.salt}/{choice}") for choice in range(chat.choices)]
    body = build_completion(deployment.model_name, chat, texts)
    detail = {"model": deployment.model_name, "usage": body["usage"]}
    if chat.is_streamed:
        headers = {**headers, "content-type": "text/event-stream; charset=utf-8"}
        return Response(200, headers=headers, stream=stream_completion(body, chat, texts)), detail
    return Response(200, body, headers), detail


def _check_warm(context: Context, deployment: Deployment) -> None:
    """A deployment that says Succeeded may refuse its first calls, in the two ways seen live."""
    call = count_warmup_call(context, deployment)
    if call is None:
        return
    if call % 2 == 0:
        raise _deployment_not_found(deployment.name)
    raise ServiceError(
        400,
        "DeploymentNotReady",
        f"The deployment '{deployment.name}' is not ready to serve requests yet.",
    )


def _deployment_not_found(name: str) -> ServiceError:
    message = (
        f"There is no deployment '{name}' on this resource. If it was created in the last minutes,"
        " try again a little later."
    )
    return ServiceError(404, "DeploymentNotFound", message)


def _respond_error(error: ServiceError, *, is_v1: bool) -> Response:
    """The inference plane's error JSON; on v1 that of all its routes."""
    if is_v1:
        return respond_error(error, is_v1=True)
    is_invalid = error.status == 400
    told = {
        "message": error.message,
        "type": "invalid_request_error" if is_invalid else None,
        "param": error.target,
        "code": None if error.code == "invalid_request_error" else error.code,
    }
    return Response(error.status, {"error": {name: one for name, one in told.items() if one}})

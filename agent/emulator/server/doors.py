"""Lets requests in: the key, the api-version and the body are looked at here, once for each of the surfaces."""

from __future__ import annotations

import hmac
import json
import logging
import re
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse

from agent.emulator.protocol import surface
from agent.emulator.protocol.errors import ServiceError, invalid
from agent.emulator.protocol.wire import Answer, Call, Upload
from agent.emulator.resources.emulator import Emulator
from agent.emulator.server.control import Handler
from agent.emulator.state.settings import Settings

_LOG = logging.getLogger("emulator")
_DATED = re.compile(r"\d{4}-\d{2}-\d{2}(-preview)?")


@dataclass(frozen=True)
class Door:
    """How a surface lets a request in; both functions raise ServiceError."""

    v1: bool
    check_key: Callable[[Request, Settings], None]
    version: Callable[[Request], str | None]


def _data_key(request: Request, settings: Settings) -> None:
    given = request.headers.get("api-key") or _bearer(request)
    wanted = settings.api_key
    if not given or (
        wanted is not None and not hmac.compare_digest(given.encode(), wanted.encode())
    ):
        raise ServiceError(
            401,
            "401",
            "Access denied: the subscription key is not valid, or the endpoint belongs to another"
            " resource.",
        )


def _arm_key(request: Request, _settings: Settings) -> None:
    if not _bearer(request):
        raise ServiceError(
            401,
            "AuthenticationFailed",
            "Authentication failed: the header 'Authorization' has no bearer token.",
        )


def _no_key(_request: Request, _settings: Settings) -> None:
    """The control endpoints are on loopback only."""


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _dated_version(request: Request) -> str | None:
    version = request.query_params.get("api-version")
    if version is None:
        raise invalid("The query parameter 'api-version' is required.", "api-version")
    if not _DATED.fullmatch(version):
        raise ServiceError(404, "404", "Resource not found")
    return version


def _v1_version(request: Request) -> str | None:
    version = request.query_params.get("api-version")
    if version not in (None, "v1", "preview"):
        raise ServiceError(
            400,
            "BadRequest",
            "API version not supported: on /openai/v1/ leave 'api-version' out.",
            "api-version",
        )
    return None


def _arm_version(request: Request) -> str | None:
    version = request.query_params.get("api-version")
    if version is None:
        raise ServiceError(
            400,
            "MissingApiVersionParameter",
            "The query parameter 'api-version' is required for all requests.",
        )
    return version


DOORS = {
    "dated": Door(False, _data_key, _dated_version),
    "v1": Door(True, _data_key, _v1_version),
    "arm": Door(False, _arm_key, _arm_version),
    "control": Door(False, _no_key, lambda _request: ""),
}


def endpoint(
    emulator: Emulator, door: Door, handler: Handler
) -> Callable[[Request], Awaitable[Response]]:
    """A handler as the web framework wants it. Handlers run in threads: they may wait for the encoder or the disk."""

    async def answer(request: Request) -> Response:
        try:
            door.check_key(request, emulator.settings)
            call = await _call(request, door.version(request))
            given = await run_in_threadpool(handler, emulator, call)
        except ServiceError as error:
            given = surface.refusal(error, door.v1)
        except ClientDisconnect:
            given = Answer(400)  # nobody is there to read it
        except Exception:
            _LOG.exception("%s %s broke", request.method, request.url.path)
            given = surface.refusal(
                ServiceError(500, "internalFailure", "The emulator broke; its log says more."),
                door.v1,
            )
        return _response(given)

    return answer


async def nothing_here(_request: Request, _error: Exception) -> Response:
    """What the gateway says of an address that does not exist."""
    return _response(Answer(404, {"error": {"code": "404", "message": "Resource not found"}}))


async def _call(request: Request, version: str | None) -> Call:
    body, upload = await _body(request)
    return Call(
        version=version,
        base=f"http://{request.headers.get('host', '127.0.0.1')}",
        path=request.path_params,
        query=dict(request.query_params),
        body=body,
        upload=upload,
    )


async def _body(request: Request) -> tuple[Any, Upload | None]:
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        try:
            return await _form(request)
        except HTTPException as error:
            raise invalid(f"The form cannot be read: {error.detail}") from error
    raw = await request.body()
    if not raw:
        return None, None
    try:
        return json.loads(raw), None
    except (ValueError, RecursionError) as error:
        raise invalid("The request body is not valid JSON.") from error


async def _form(request: Request) -> tuple[dict[str, str], Upload | None]:
    async with request.form(max_files=1) as form:
        file = form.get("file")
        upload = (
            Upload(file.filename or "", await file.read()) if isinstance(file, UploadFile) else None
        )
        return {name: value for name, value in form.items() if isinstance(value, str)}, upload


def _response(answer: Answer) -> Response:
    request_id = str(uuid.uuid4())
    kind = {"content-type": "application/json"} if answer.body is not None else {}
    headers = {
        **kind,
        "apim-request-id": request_id,
        "x-request-id": request_id,
        "x-ms-region": "Emulator",
        **answer.headers,
    }
    if answer.stream is not None:
        return StreamingResponse(answer.stream, answer.status, headers)
    return Response(answer.payload(), answer.status, headers)

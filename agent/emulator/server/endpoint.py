"""Between the web framework and a handler: authenticate, parse, run, respond.

routes.py wraps every handler with `make_endpoint`. Only this file, auth.py and gate.py know
Starlette's requests and responses.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from starlette import requests, responses
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from agent.emulator.protocol.errors import ServiceError, invalid, resource_not_found
from agent.emulator.protocol.http import Request, Response, Upload
from agent.emulator.protocol.responses import respond_error
from agent.emulator.resources.context import Context, Handler
from agent.emulator.server.auth import Surface

_LOG = logging.getLogger("emulator")

Endpoint = Callable[[requests.Request], Awaitable[responses.Response]]


def make_endpoint(context: Context, surface: Surface, handler: Handler) -> Endpoint:
    """A handler as Starlette wants it. It runs in a thread: it may wait for encoder or disk."""

    async def endpoint(incoming: requests.Request) -> responses.Response:
        try:
            request = await _let_in(incoming, surface, context)
            response = await run_in_threadpool(handler, context, request)
        except ServiceError as error:
            response = respond_error(error, is_v1=surface.is_v1)
        except requests.ClientDisconnect:
            response = Response(400)  # nobody is there to read it
        except Exception:
            _LOG.exception("%s %s broke", incoming.method, incoming.url.path)
            broken = ServiceError(500, "internalFailure", "The emulator broke; its log says more.")
            response = respond_error(broken, is_v1=surface.is_v1)
        return send_response(response)

    return endpoint


async def respond_not_found(_incoming: requests.Request, _error: Exception) -> responses.Response:
    """The response of Azure's gateway for an address that does not exist."""
    return send_response(respond_error(resource_not_found(), is_v1=False))


async def _let_in(incoming: requests.Request, surface: Surface, context: Context) -> Request:
    """Checks key and api-version, then parses the request. Raises ServiceError."""
    surface.check_key(incoming, context)
    version = surface.read_version(incoming)
    body, upload = await _parse_body(incoming)
    return Request(
        version=version,
        base_url=f"http://{incoming.headers.get('host', '127.0.0.1')}",
        path=incoming.path_params,
        query=dict(incoming.query_params),
        body=body,
        upload=upload,
        headers=incoming.headers,
    )


async def _parse_body(incoming: requests.Request) -> tuple[Any, Upload | None]:
    if incoming.headers.get("content-type", "").startswith("multipart/form-data"):
        try:
            return await _parse_form(incoming)
        except HTTPException as error:
            raise invalid(f"The form cannot be read: {error.detail}") from error
    raw = await incoming.body()
    if not raw:
        return None, None
    try:
        return json.loads(raw), None
    except (ValueError, RecursionError) as error:
        raise invalid("The request body is not valid JSON.") from error


async def _parse_form(incoming: requests.Request) -> tuple[dict[str, str], Upload | None]:
    async with incoming.form(max_files=1) as form:
        file = form.get("file")
        upload = None
        if isinstance(file, UploadFile):
            upload = Upload(file.filename or "", await file.read())
        return {name: value for name, value in form.items() if isinstance(value, str)}, upload


def send_response(response: Response) -> responses.Response:
    """A handler's response as Starlette sends it, with the headers that each of them carries."""
    request_id = str(uuid.uuid4())
    kind = {"content-type": "application/json"} if response.body is not None else {}
    headers = {
        **kind,
        "apim-request-id": request_id,
        "x-request-id": request_id,
        "x-ms-region": "Emulator",
        **response.headers,
    }
    if response.stream is not None:
        return responses.StreamingResponse(response.stream, response.status, headers)
    return responses.Response(response.payload(), response.status, headers)

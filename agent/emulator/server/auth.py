"""Authentication and api-version of the four surfaces: dated, v1, ARM, and the own controls.

endpoint.py calls both checks of a route's Surface before it parses the body.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request

from agent.emulator.protocol.errors import ServiceError, invalid, resource_not_found
from agent.emulator.state.home import Home
from agent.emulator.state.settings import Settings

_DATED_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(-preview)?")


@dataclass(frozen=True)
class Surface:
    """How a surface lets a request in; both functions raise ServiceError."""

    is_v1: bool
    check_key: Callable[[Request, Settings], None]
    read_version: Callable[[Request], str | None]


def _check_data_key(request: Request, settings: Settings) -> None:
    """Data plane: `api-key` or a bearer token; any, unless EMULATOR_API_KEY says which."""
    key = request.headers.get("api-key") or _read_bearer(request)
    expected = settings.api_key
    if not key or (
        expected is not None and not hmac.compare_digest(key.encode(), expected.encode())
    ):
        raise ServiceError(
            401,
            "401",
            "Access denied: the subscription key is not valid, or the endpoint belongs to another"
            " resource.",
        )


def _check_arm_token(request: Request, _settings: Settings) -> None:
    if not _read_bearer(request):
        raise ServiceError(
            401,
            "AuthenticationFailed",
            "Authentication failed: the header 'Authorization' has no bearer token.",
        )


def _check_control_token(request: Request, settings: Settings) -> None:
    """Controls: the token that whoever may read the emulator's home finds there."""
    expected = Home(settings.home).read_control_token()
    given = _read_bearer(request)
    if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
        raise ServiceError(
            401,
            "401",
            "The controls need the bearer token that is in the file control-token of the"
            " emulator's home.",
        )


def _read_bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _read_dated_version(request: Request) -> str | None:
    version = request.query_params.get("api-version")
    if version is None:
        raise invalid("The query parameter 'api-version' is required.", "api-version")
    if not _DATED_VERSION.fullmatch(version):
        raise resource_not_found()
    return version


def _read_v1_version(request: Request) -> str | None:
    version = request.query_params.get("api-version")
    if version not in (None, "v1", "preview"):
        raise ServiceError(
            400,
            "BadRequest",
            "API version not supported: on /openai/v1/ leave 'api-version' out.",
            "api-version",
        )
    return None


def _read_arm_version(request: Request) -> str | None:
    version = request.query_params.get("api-version")
    if version is None:
        raise ServiceError(
            400,
            "MissingApiVersionParameter",
            "The query parameter 'api-version' is required for all requests.",
        )
    return version


DATED = Surface(False, _check_data_key, _read_dated_version)
V1 = Surface(True, _check_data_key, _read_v1_version)
ARM = Surface(False, _check_arm_token, _read_arm_version)
CONTROLS = Surface(False, _check_control_token, lambda _request: "")

"""Authentication and api-version of the surfaces: dated, v1, ARM, identity, and the own controls.

endpoint.py calls both checks of a route's Surface before it parses the body.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.requests import Request

from agent.emulator.protocol.errors import ServiceError, invalid, resource_not_found
from agent.emulator.resources.context import Context
from agent.emulator.state import bearer
from agent.emulator.state.home import Home

_DATED_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(-preview)?")


_UNAUTHORIZED = (
    "Access token is missing, invalid, audience is incorrect ({audience}), or has expired."
)
_DATA_AUDIENCES = ("https://cognitiveservices.azure.com", "https://ai.azure.com")
_ARM_AUDIENCES = ("https://management.azure.com",)


@dataclass(frozen=True)
class Surface:
    """How a surface lets a request in; both functions raise ServiceError."""

    is_v1: bool
    check_key: Callable[[Request, Context], None]
    read_version: Callable[[Request], str | None]


def _check_data_key(request: Request, context: Context) -> None:
    """Data plane: `api-key` or a bearer token; any, unless EMULATOR_API_KEY says which.

    A token of this emulator's must be good, and with keys switched off nothing else is."""
    key, token = request.headers.get("api-key"), _read_bearer(request)
    if context.behaviour.current.keys_disabled and (key or not token):
        raise ServiceError(
            403,
            "AuthenticationTypeDisabled",
            "Key based authentication is disabled for this resource.",
        )
    if not key and _is_good_token(context, token, _DATA_AUDIENCES):
        return
    given, expected = key or token, context.settings.api_key
    if not given or (
        expected is not None and not hmac.compare_digest(given.encode(), expected.encode())
    ):
        raise ServiceError(
            401,
            "401",
            "Access denied: the subscription key is not valid, or the endpoint belongs to another"
            " resource.",
        )


def _is_good_token(context: Context, token: str, audiences: Sequence[str]) -> bool:
    """True for one of this emulator's own; False for another text, where any is taken."""
    claims = bearer.read(context.store, token)
    if claims is None and not context.behaviour.current.keys_disabled:
        return False
    is_for_us = claims is not None and claims.aud.rstrip("/") in audiences
    if claims is None or not is_for_us or claims.exp <= context.behaviour.now():
        raise ServiceError(401, "Unauthorized", _UNAUTHORIZED.format(audience=audiences[0]))
    return True


def _check_arm_token(request: Request, context: Context) -> None:
    token = _read_bearer(request)
    if not token:
        raise ServiceError(
            401,
            "AuthenticationFailed",
            "Authentication failed: the header 'Authorization' has no bearer token.",
        )
    _is_good_token(context, token, _ARM_AUDIENCES)


def _check_identity_header(request: Request, _context: Context) -> None:
    """A managed identity: the header keeps pages of a browser out, here as on Azure."""
    if not request.headers.get("x-identity-header"):
        raise ServiceError(401, "401", "The header 'X-IDENTITY-HEADER' is missing.")


def _check_control_token(request: Request, context: Context) -> None:
    """Controls: the token that whoever may read the emulator's home finds there."""
    expected = Home(context.settings.home).read_control_token()
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
IDENTITY = Surface(False, _check_identity_header, lambda _request: "")
CONTROLS = Surface(False, _check_control_token, lambda _request: "")

"""Requests to the emulator whose answers are held to Microsoft's OpenAPI files."""

from __future__ import annotations

from functools import cache
from typing import Any

import requests

from tests.contract import differences, specs
from tests.contract.differences import Difference
from tests.contract.exercise import GOOD, ROUTES, Good, Known
from tests.contract.running import KEY

Route = tuple[str, str]  # method and path, as the emulator serves it

KEYS = {"api-key": KEY, "authorization": f"Bearer {KEY}"}


def list_specified() -> list[Route]:
    """The routes that a file has; none where there are no files."""
    if not specs.FOLDER.is_dir():
        return []
    return [route for route in ROUTES if specs.find(*route) is not None]


@cache
def _schema(name: str, without: Difference | None = None) -> Any:
    # Imported here: where there are no files nothing of it is needed.
    import schemathesis

    return schemathesis.openapi.from_dict(differences.live(name, without))


def find_operation(route: Route, without: Difference | None = None) -> tuple[str, Any]:
    """The source of a route, and the operation in it."""
    method, path = route
    found = specs.find(method, path)
    assert found is not None, route
    name, there = found
    return name, _schema(name, without)[there][method]


def ask(held: Known, http: requests.Session, route: Route, **changes: Any) -> Any:
    """A good request of a route, with these changes of a Good, answered as described."""
    name, operation = find_operation(route)
    good = GOOD[ROUTES[route]](held)
    good = Good(**{**vars(good), **changes})
    names = specs.parameters(operation.path)
    path = dict(zip(names, held.path_of(good, specs.parameters(route[1])), strict=True))
    sent: dict[str, Any] = {}
    if good.form is not None:
        sent = {"body": dict(good.form), "media_type": "multipart/form-data"}
    elif good.body is not None:
        sent = {"body": good.body, "media_type": "application/json"}
    query, headers = dict(good.query), dict(good.headers)
    case = operation.Case(path_parameters=path, query=query, headers=headers, **sent)
    return send(held, http, name, case)


def send(held: Known, http: requests.Session, name: str, case: Any) -> Any:
    """With the keys and the api-version that let it in. Fails if the answer is not as described."""
    source = specs.SOURCES[name]
    case.query = {key: one for key, one in (case.query or {}).items() if key != "api-version"}
    if source.version is not None:
        case.query["api-version"] = source.version
    for header in KEYS:
        case.headers.pop(header, None)
    url = held.on.url + source.prefix
    response = case.call(base_url=url, session=http, headers=KEYS, timeout=30)
    case.validate_response(response, checks=_checks(response))
    return response


def is_described(response: Any, route: Route, without: Difference) -> bool:
    """Whether an answer would be as described if the service differed in one respect less."""
    _, operation = find_operation(route, without)
    anybody = dict.fromkeys(specs.parameters(operation.path), "somebody")
    try:
        operation.Case(path_parameters=anybody).validate_response(
            response, checks=_checks(response)
        )
    except BaseExceptionGroup:
        return False
    return True


def _checks(response: Any) -> list[Any]:
    from schemathesis import checks
    from schemathesis.specs.openapi import checks as openapi

    always = [
        checks.not_a_server_error,
        openapi.status_code_conformance,
        openapi.response_headers_conformance,
    ]
    if not response.content:
        # Nothing has no type, though a file says of all its answers that they are JSON.
        return always
    if response.headers["content-type"][0].startswith("text/event-stream"):
        return [*always, openapi.content_type_conformance]  # the file describes a piece of it
    return [*always, openapi.content_type_conformance, openapi.response_schema_conformance]

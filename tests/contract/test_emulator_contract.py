"""Every route of the emulator against Microsoft's own OpenAPI files, with generated requests.

`make test` sends a few of each, `make test-crash` many. Where the live service differs from its
description, differences.py says so.
"""

from __future__ import annotations

from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.contract import differences, specs
from tests.contract.exercise import GOOD, ROUTES, Known
from tests.contract.held import Route, ask, find_operation, list_specified, send

FEW, MANY = 4, 50  # generated requests of each route
SPECIFIED = list_specified()
# The library that makes the requests finds no opposite of this body.
ONLY_FITTING = {("POST", "/openai/v1/fine_tuning/jobs")}

pytestmark = [specs.wanted, pytest.mark.xdist_group("held")]


def test_every_route_is_exercised_or_listed() -> None:
    """A route of Azure's is in a file, or in the list of those that are in none."""
    azures = {route for route in ROUTES if not route[1].startswith(differences.OWN)}
    assert azures - set(SPECIFIED) == set(differences.UNSPECIFIED)
    assert {ROUTES[route] for route in SPECIFIED} == set(GOOD)


@pytest.mark.parametrize("route", SPECIFIED, ids=" ".join)
def test_a_good_request_is_answered_as_described(
    held: Known, http: requests.Session, route: Route
) -> None:
    response = ask(held, http, route)
    assert response.status_code < 300, response.text


@pytest.mark.parametrize("route", SPECIFIED, ids=" ".join)
def test_generated_requests_are_answered_as_described(
    held: Known, http: requests.Session, route: Route
) -> None:
    ask_generated(held, http, route, FEW)


@pytest.mark.slow
@pytest.mark.parametrize("route", SPECIFIED, ids=" ".join)
def test_many_generated_requests_are_answered_as_described(
    held: Known, http: requests.Session, route: Route
) -> None:
    ask_generated(held, http, route, MANY)


def ask_generated(held: Known, http: requests.Session, route: Route, examples: int) -> None:
    """Requests that fit the description and requests that do not, to things that are there and to
    things that are not; a body sometimes with what makes it good."""
    from schemathesis import GenerationMode

    name, operation = find_operation(route)
    good = GOOD[ROUTES[route]](held)
    names = specs.parameters(operation.path)
    there = dict(zip(names, held.path_of(good, specs.parameters(route[1])), strict=True))
    fitting, others = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
    modes = [fitting] if route in ONLY_FITTING else [fitting, others]
    cases = [operation.as_strategy(generation_mode=mode) for mode in modes]

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of(*cases), is_there=st.booleans(), is_mended=st.booleans())
    def run(case: Any, is_there: bool, is_mended: bool) -> None:
        if is_there:
            case.path_parameters = dict(there)
        if is_mended and isinstance(case.body, dict) and isinstance(good.body, dict):
            case.body = {**case.body, **good.body}
        if isinstance(case.body, dict) and isinstance(case.body.get("content_url"), str):
            case.body["content_url"] = good.body["content_url"]  # nobody else is asked
        send(held, http, name, case)

    run()

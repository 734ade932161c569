"""Puts a login's token into each request, and asks once more where a token has ended.

Given to the HTTP client by azure_client.py and arm.py.
"""

from __future__ import annotations

from collections.abc import Generator
from http import HTTPStatus

import httpx2

from agent.providers.credentials import Login
from states.errors import Throttled
from states.text import say


class BearerAuth(httpx2.Auth):
    """A look, or a question to a model, is sent again with a new token: it was not answered. An act
    is not: whoever asked for it looks first whether it has happened (engine/exactly_once.py)."""

    def __init__(self, login: Login) -> None:
        self._login = login

    def auth_flow(
        self, request: httpx2.Request
    ) -> Generator[httpx2.Request, httpx2.Response, None]:
        token = self._login.token()
        _put(request, token)
        response = yield request
        if response.status_code != HTTPStatus.UNAUTHORIZED or not self._login.renew(token):
            return
        if not _is_look(request):
            raise Throttled(
                say("The token had ended. There is a new one, and it is tried again."), 0.0
            )
        _put(request, self._login.token())
        yield request


def _put(request: httpx2.Request, token: str) -> None:
    request.headers["Authorization"] = f"Bearer {token}"


def _is_look(request: httpx2.Request) -> bool:
    return request.method == "GET" or request.url.path.endswith("/chat/completions")

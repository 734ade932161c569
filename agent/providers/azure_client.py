"""One request at a time: JSON objects and whole listings, errors as ours.

What only looks is asked by the HTTP client itself; what changes something, and what asks a model,
through the SDK, which is loaded with the first such request: that takes longer than to start, and a
daemon that follows trainings needs none of it.

Used by azure.py, which knows what the requests mean. Nothing is ever retried here.

Longer than other files, so that both ways of asking stand beside each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from sys import intern
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx2

from agent.providers.bearer_auth import BearerAuth
from agent.providers.bounded_http import http_client
from agent.providers.credentials import Login
from agent.providers.errors import Errors
from agent.providers.paging import Page, each_page
from agent.providers.refused import Refused
from agent.providers.rests import Rests
from agent.providers.statuses import LONGEST_NAME, thin_page, to_status
from agent.providers.translate import (
    read_objects,
    require_echo,
    to_dict,
)
from agent.settings.services import is_undated
from states.errors import NeedsOperator, Permanent, Unclear, Unreachable, problem_of
from states.text import say

if TYPE_CHECKING:
    import openai

UNDATED = "v1"
PAGE = 100  # items of a listing for each request


@dataclass(frozen=True)
class Endpoint:
    """Where the data plane is. `version` "v1" (or "preview") chooses the undated surface.

    `login`: whose tokens are sent in place of the key."""

    url: str
    key: str
    version: str
    timeout: float  # seconds, for each request
    login: Login | None = None

    def __repr__(self) -> str:
        return f"Endpoint({self.url!r}, {self.version!r})"


def open_http(endpoint: Endpoint, rests: Rests) -> httpx2.Client:
    """What all requests of the data plane go through."""
    auth = None if endpoint.login is None else BearerAuth(endpoint.login)
    return http_client(endpoint.url, endpoint.timeout, auth, rests)


def open_client(endpoint: Endpoint, http: httpx2.Client) -> openai.OpenAI:
    """An SDK client that never repeats a request.

    A repeated POST is a second training, and the SDK sends no idempotency key."""
    import openai

    login = endpoint.login
    if is_undated(endpoint.version):
        return openai.OpenAI(
            base_url=f"{_root_of(endpoint)}/",
            api_key=endpoint.key if login is None else login.token,
            max_retries=0,
            timeout=endpoint.timeout,
            http_client=http,
        )
    return openai.AzureOpenAI(
        azure_endpoint=endpoint.url,
        api_key=endpoint.key if login is None else None,
        azure_ad_token_provider=None if login is None else login.token,
        api_version=endpoint.version,
        max_retries=0,
        timeout=endpoint.timeout,
        http_client=http,
    )


def _root_of(endpoint: Endpoint) -> str:
    """What each path is put behind, as the SDK does it."""
    base = endpoint.url.rstrip("/")
    if is_undated(endpoint.version):
        return f"{re.sub(r'/openai(/v1)?/?$', '', base)}/openai/v1"
    return f"{base}/openai"


class AzureClient:
    """Call what it offers inside `errors.translate()`."""

    def __init__(self, endpoint: Endpoint, errors: Errors) -> None:
        self.rests, self.errors = Rests(), errors
        self._endpoint, self._http = endpoint, open_http(endpoint, self.rests)
        self.is_dated = not is_undated(endpoint.version)
        self._params = {"api-version": endpoint.version} if self.is_dated else {}
        self._headers = {"Accept": "application/json"}
        if endpoint.login is None:  # else the HTTP client adds a token
            name, value = "Authorization", f"Bearer {endpoint.key}"
            self._headers |= {"api-key": endpoint.key} if self.is_dated else {name: value}

    @cached_property
    def sdk(self) -> openai.OpenAI:
        """What the SDK offers. Unreachable where it cannot be loaded now, for want of handles."""
        try:
            return open_client(self._endpoint, self._http)
        except OSError as error:
            raise Unreachable(
                say(
                    "The library for requests to the service cannot be read ({problem}); it is"
                    " tried again by itself.",
                    problem=problem_of(error),
                )
            ) from error

    def look(
        self, path: str, params: Mapping[str, object] | None = None, *, accept: str = ""
    ) -> httpx2.Response:
        """The answer to a GET of `path`. Raises Refused for one with an error status."""
        headers = self._headers | ({"Accept": accept} if accept else {})
        given = {name: str(value) for name, value in (params or {}).items()}
        url = f"{_root_of(self._endpoint)}{path}"
        response = self._http.get(url, params=self._params | given, headers=headers)
        if not response.is_success:
            raise Refused.of_response(response)
        return response

    def look_at(self, room: str, object_id: str) -> dict[str, Any]:
        """The JSON object of that id in `room`; ValueError for an answer about another."""
        if not object_id:
            raise ValueError(room)
        found = _read(self.look(f"{room}/{quote(object_id, safe='')}"))
        return self.to_json_of(object_id, found)

    def to_json(self, answer: Any) -> dict[str, Any]:
        """The JSON object of an answer, redacted: some gateways quote what they were sent."""
        redacted: dict[str, Any] = self.errors.redactor.deep(to_dict(answer))
        return redacted

    def to_json_of(self, object_id: str, answer: Any) -> dict[str, Any]:
        """The JSON object of an answer about that object; ValueError if it is about another."""
        found = self.to_json(answer)
        require_echo(found, id=object_id)
        return found

    def check_deleted(self, answer: Any, object_id: str) -> None:
        """Raises ValueError for what no deletion is answered with.

        The service answers with the object that is gone, or with nothing at all."""
        if isinstance(answer, str) and not answer.strip():
            return
        if self.to_json_of(object_id, answer).get("deleted") is False:
            raise ValueError(object_id)

    def get(self, path: str, params: Mapping[str, object]) -> dict[str, Any]:
        """The JSON object at `path`."""
        return self.to_json(_read(self.look(path, params)))

    def delete(self, path: str, object_id: str) -> None:
        """What is at `path` is deleted; ValueError for what no deletion is answered with."""
        answer = self.sdk.delete(path, cast_to=httpx2.Response)
        self.check_deleted(answer.json() if answer.content.strip() else "", object_id)

    def post(
        self,
        path: str,
        body: Mapping[str, object],
        hear: Callable[[Mapping[str, str]], None] = lambda _headers: None,
        take: Callable[[object], None] = lambda _answer: None,
    ) -> dict[str, Any]:
        """The JSON object that the service answers to `body`.

        `hear` gets the answer's headers. `take` gets the answer as it came, before it is cleaned,
        and may take out of it what it reads itself. Raises Refused as `look` does."""
        sdk = self.sdk
        import openai

        try:
            answer = sdk.post(path, cast_to=httpx2.Response, body=dict(body))
        except openai.APIStatusError as error:
            raise Refused.of_sdk(error) from error
        hear(answer.headers)
        data = answer.json()
        take(data)
        return self.to_json(data)

    def post_undated(self, path: str) -> object:
        """What only the undated surface knows: it is asked there, whichever is set."""
        if not self.is_dated:
            return self.sdk.post(path, cast_to=object)
        root = str(self.sdk.base_url).rstrip("/").removesuffix("/openai")
        return self.sdk.post(
            f"{root}/openai/v1{path}",
            cast_to=object,
            options={"params": {"api-version": UNDATED}},
        )

    def list_all(self, path: str) -> Iterator[dict[str, Any]]:
        """Every item of a listing, page after page."""
        return chain.from_iterable(self.list_pages(path, self.to_json))

    def list_pages(
        self, path: str, take: Callable[[Any], dict[str, Any]]
    ) -> Iterator[Iterator[dict[str, Any]]]:
        """The items of a listing, a page at a time. `take`: of an answer what is wanted, cleaned.

        A surface without `has_more` gives everything at once, or an empty page at the end."""
        seen: set[str] = set()

        def read(after: str | None) -> Page[dict[str, Any]]:
            params: dict[str, object] = {"limit": PAGE} | ({"after": after} if after else {})
            answer = self._get_page(path, params, take)
            listed = read_objects(answer.get("data"))
            ids = [str(item["id"])[:LONGEST_NAME] for item in listed if item.get("id")]
            items = [item for item in listed if str(item.get("id"))[:LONGEST_NAME] not in seen]
            is_new = not seen.issuperset(ids)
            seen.update(ids)
            has_more = answer.get("has_more")
            is_end = has_more is False or not listed or not (is_new or has_more)
            return items, None if is_end else ids[-1] if ids else ""

        return each_page(read)

    def list_statuses(self, path: str) -> Iterator[dict[str, str]]:
        """Of every item its status, by its id: a page at a time, and nothing else of it is kept."""

        def take(answer: Any) -> dict[str, Any]:
            return self.to_json(thin_page(answer))

        for page in self.list_pages(path, take):
            yield {
                intern(str(item["id"])): intern(to_status(item.get("status")))
                for item in page
                if item.get("id")
            }

    def newest(self, path: str) -> list[dict[str, Any]]:
        """The first page of a listing: that is what has come last."""
        answer = self._get_page(path, {"limit": PAGE}, self.to_json)
        with self.errors.translate():
            return read_objects(answer.get("data"))

    def _get_page(
        self, path: str, params: Mapping[str, object], take: Callable[[Any], dict[str, Any]]
    ) -> dict[str, Any]:
        try:
            with self.errors.translate():
                return take(_read(self.look(path, params)))
        except (Permanent, NeedsOperator) as error:
            if "after" not in params:
                raise
            # The last item of the page before is gone: the service cannot tell where to go on.
            raise Unclear(
                say("A listing changed while it was being read; it is read again.")
            ) from error

    def close(self) -> None:
        self._http.close()


def _read(response: httpx2.Response) -> object:
    """The JSON of an answer; its text where it says that it is something else, as the SDK does."""
    kind = response.headers.get("content-type", "*").partition(";")[0].strip()
    return response.json() if kind in ("", "*") or kind.endswith("json") else response.text

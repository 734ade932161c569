"""The SDK's client, one request at a time: JSON objects and whole listings, errors as ours.

Used by azure.py, which knows what the requests mean. Nothing is ever retried here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import openai

from agent.providers.bounded_http import http_client
from agent.providers.errors import Errors
from agent.providers.translate import read_objects, to_dict
from agent.settings.services import is_undated
from states.errors import NeedsOperator, Permanent, Unclear
from states.text import say

PAGE = 100  # items of a listing for each request


@dataclass(frozen=True)
class Endpoint:
    """Where the data plane is. `version` "v1" (or "preview") chooses the undated surface."""

    url: str
    key: str
    version: str
    timeout: float  # seconds, for each request

    def __repr__(self) -> str:
        return f"Endpoint({self.url!r}, {self.version!r})"


def open_client(endpoint: Endpoint) -> openai.OpenAI:
    """An SDK client that never repeats a request.

    A repeated POST is a second training, and the SDK sends no idempotency key."""
    http = http_client(endpoint.url, endpoint.timeout)
    if is_undated(endpoint.version):
        base = re.sub(r"/openai(/v1)?/?$", "", endpoint.url.rstrip("/"))
        return openai.OpenAI(
            base_url=f"{base}/openai/v1/",
            api_key=endpoint.key,
            max_retries=0,
            timeout=endpoint.timeout,
            http_client=http,
        )
    return openai.AzureOpenAI(
        azure_endpoint=endpoint.url,
        api_key=endpoint.key,
        api_version=endpoint.version,
        max_retries=0,
        timeout=endpoint.timeout,
        http_client=http,
    )


class AzureClient:
    """`sdk`: what the SDK offers. Call it inside `errors.translate()`."""

    def __init__(self, endpoint: Endpoint, errors: Errors) -> None:
        self.sdk, self.errors = open_client(endpoint), errors
        self.is_dated = not is_undated(endpoint.version)

    def to_json(self, answer: Any) -> dict[str, Any]:
        """The JSON object of an answer, redacted: some gateways quote what they were sent."""
        redacted: dict[str, Any] = self.errors.redactor.deep(to_dict(answer))
        return redacted

    def check_done(self, answer: Any, object_id: str) -> None:
        """Raises ValueError for what no deletion or cancellation is answered with.

        The service answers with the object it is about, or with nothing at all."""
        if isinstance(answer, str) and not answer.strip():
            return
        if self.to_json(answer).get("id") not in (None, object_id):
            raise ValueError(answer)

    def get(self, path: str, params: Mapping[str, object]) -> dict[str, Any]:
        """The JSON object at `path`."""
        answer = self.sdk.get(path, cast_to=object, options={"params": dict(params)})
        return self.to_json(answer)

    def list_all(self, path: str) -> Iterator[dict[str, Any]]:
        """Every item of a listing, page after page.

        A surface without `has_more` gives everything at once, or an empty page at the end."""
        after: str | None = None
        seen: set[str] = set()
        while True:
            params: dict[str, object] = {"limit": PAGE} | ({"after": after} if after else {})
            answer = self._get_page(path, params)
            items = [
                item for item in read_objects(answer.get("data")) if str(item.get("id")) not in seen
            ]
            yield from items
            ids = [str(item["id"]) for item in items if item.get("id")]
            seen.update(ids)
            if not ids or answer.get("has_more") is False:
                return
            after = ids[-1]

    def _get_page(self, path: str, params: Mapping[str, object]) -> dict[str, Any]:
        try:
            with self.errors.translate():
                return self.get(path, params)
        except (Permanent, NeedsOperator) as error:
            if "after" not in params:
                raise
            # The last item of the page before is gone: the service cannot tell where to go on.
            raise Unclear(
                say("A listing changed while it was being read; it is read again.")
            ) from error

    def close(self) -> None:
        self.sdk.close()

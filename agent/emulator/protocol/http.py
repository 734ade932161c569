"""One HTTP request and one response as plain values, so that handlers need no web framework.

server/endpoint.py builds the requests and sends the responses; the handlers in resources/ are
functions from a Request to a Response.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.emulator.protocol.errors import invalid


@dataclass(frozen=True)
class Upload:
    """The file of a multipart request."""

    filename: str
    content: bytes


@dataclass(frozen=True)
class Request:
    """A request that was authenticated and parsed: everything a handler may look at."""

    version: str | None  # api-version; None on the v1 surface
    base_url: str  # http://host:port
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any = None  # parsed JSON, or the fields of a form
    upload: Upload | None = None
    headers: Mapping[str, str] = field(default_factory=dict)  # their names in small letters

    @property
    def is_v1(self) -> bool:
        """Whether the request came in on /openai/v1/."""
        return self.version is None

    def is_at_least(self, version: str) -> bool:
        """Whether the client speaks this api-version or a later one; v1 is later than all."""
        return self.version is None or self.version[:10] >= version

    def json_object(self) -> dict[str, Any]:
        """The body, which must be a JSON object. Raises ServiceError."""
        if not isinstance(self.body, dict):
            raise invalid("The request body must be a JSON object.")
        return self.body


@dataclass(frozen=True)
class Response:
    """What goes back: a JSON value, bytes, or a stream of text."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    stream: Iterator[str] | None = None

    def payload(self) -> bytes:
        """The bytes of the body; ASCII with escapes, for a lone surrogate has no UTF-8 form."""
        if self.raw is not None:
            return self.raw
        return b"" if self.body is None else json.dumps(self.body).encode("ascii")

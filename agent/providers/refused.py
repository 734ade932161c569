"""An answer with an error status, as it came: raised by azure_client.py, read by errors.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from agent.providers.error_answer import layers_of

if TYPE_CHECKING:
    import httpx2
    import openai


class Refused(Exception):
    """`body`: its JSON, or its text. `code`, `param`: whatever stands there in its first error."""

    def __init__(
        self, status_code: int, headers: Mapping[str, str], body: object, message: str
    ) -> None:
        super().__init__(message)
        self.status_code, self.headers, self.body, self.message = (
            status_code,
            headers,
            body,
            message,
        )
        first: Mapping[str, Any] = next(iter(layers_of(body)), {})
        self.code, self.param = first.get("code"), first.get("param")

    @staticmethod
    def of_response(response: httpx2.Response) -> Refused:
        """The answer of a plain request."""
        try:
            body = response.json()
        except (ValueError, RecursionError):
            body = response.text.strip()
        message = f"Error code: {response.status_code}"
        return Refused(response.status_code, response.headers, body, message)

    @staticmethod
    def of_sdk(error: openai.APIStatusError) -> Refused:
        """What the SDK made of an answer."""
        return Refused(error.status_code, error.response.headers, error.body, error.message)

"""What it means when the service refuses, breaks off, or does not answer.

Used by azure_client.py and arm.py around every request: the exceptions of the SDK and of the HTTP
library stop here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NoReturn

import httpx2

from agent.providers.error_answer import read_refusal
from agent.providers.network import find_proxy
from agent.providers.refusals import raise_for
from agent.providers.refused import Refused
from agent.providers.silences import raise_for_silence
from agent.providers.surfaces import DATA_PLANE, Surface, Way
from agent.redactor import Redactor
from states.errors import Unclear
from states.text import say


class Errors:
    """Translates what goes wrong at one endpoint. Secrets are redacted from every message."""

    def __init__(self, endpoint: str, redactor: Redactor, surface: Surface = DATA_PLANE) -> None:
        self._way, self.redactor = Way(endpoint, surface, find_proxy(endpoint)), redactor

    @contextmanager
    def translate(self, *, is_mutation: bool = False) -> Iterator[None]:
        """Whatever the SDK or the HTTP library raises inside leaves as one of ours."""
        try:
            yield
        except Refused as error:
            self.raise_for_status(
                error.status_code, error.headers, error.body, error, is_mutation=is_mutation
            )
        except httpx2.RequestError as error:
            raise_for_silence(self._way, error, self.redactor)
        except (ValueError, LookupError, RecursionError) as error:
            # ValueError: an answer that breaks off within its JSON, or about something else;
            # LookupError: one without an id; RecursionError: JSON nested without end.
            _raise_unclear(error)
        except Exception as error:
            self._raise_for_sdk(error, is_mutation)
            raise

    def _raise_for_sdk(self, error: Exception, is_mutation: bool) -> None:
        """Raises what an exception of the SDK means; nothing for any other."""
        # Most processes never load it. By the class, and not by what is loaded: that may be half of
        # it, which another thread is loading at this moment. `import` waits for the whole.
        if not any(one.__module__.partition(".")[0] == "openai" for one in type(error).__mro__):
            return
        import openai

        if isinstance(error, openai.APIStatusError):
            headers = error.response.headers
            self.raise_for_status(
                error.status_code, headers, error.body, error, is_mutation=is_mutation
            )
        if isinstance(error, openai.APIConnectionError):
            raise_for_silence(self._way, error, self.redactor)
        if isinstance(error, openai.OpenAIError):
            _raise_unclear(error)

    def raise_for_status(
        self,
        status: int,
        headers: Mapping[str, str],
        body: object,
        cause: Exception | None,
        *,
        is_mutation: bool,
    ) -> NoReturn:
        """Raises what an answer with an error status means. `body`: its JSON, if it is JSON."""
        refusal = read_refusal(
            self._way, status, headers, body, redact=self.redactor, is_mutation=is_mutation
        )
        raise_for(refusal, cause)


def _raise_unclear(error: Exception) -> NoReturn:
    raise Unclear(
        say("The service gave an answer that is not the JSON it promised; it is asked again.")
    ) from error

"""Who asks: bearer tokens for the data plane and for Azure Resource Manager, by one identity.

azure_connection.py makes the logins, bearer_auth.py puts their tokens into requests. A token lives
about an hour, a training longer: each is asked for anew before it ends.
"""

from __future__ import annotations

import math
import os
import re
import time
from collections.abc import Callable
from importlib.util import find_spec
from threading import Lock
from typing import Any, Protocol

from agent.redactor import hide
from states.errors import NeedsOperator
from states.text import Text, say

EARLY = 300.0  # seconds before its end at which a token is asked for anew
PAUSE = 60.0  # seconds: one that is refused so soon after a renewal has not ended, it is wrong
AFTER_A_FAILURE = 5.0  # seconds in which nobody is asked again: many questions may wait at once
COMMAND = "pip install 'afinador[azure]'"


class Login(Protocol):
    """Bearer tokens, for as long as anybody asks."""

    def token(self) -> str:
        """One that is believed to be good. NeedsOperator, which heals, where there is none."""
        ...

    def renew(self, refused: str) -> bool:
        """The service refuses this token: true if there is another one now."""
        ...


class Given:
    """The one token that a person has set."""

    def __init__(self, token: str) -> None:
        self._token = token

    def token(self) -> str:
        return self._token

    def renew(self, refused: str) -> bool:
        return refused != self._token


class Identity:
    """Whoever azure-identity finds here: a service principal, a workload or managed identity, or
    `az login`. `authority`: the address of Entra ID, unless AZURE_AUTHORITY_HOST names another."""

    def __init__(self, authority: str) -> None:
        self._authority = authority
        self._credential: Any = None

    def fetch(self, scope: str, *, anew: bool) -> Any:
        """A token with its end (`token`, `expires_on`), or any exception of the library's.

        `anew`: not from what the library remembers. ImportError where it is missing."""
        from azure.identity import DefaultAzureCredential

        if self._credential is None or anew:
            authority = os.environ.get("AZURE_AUTHORITY_HOST") or self._authority
            self._credential = DefaultAzureCredential(authority=authority)
        return self._credential.get_token(scope)


def is_installed() -> bool:
    """Whether tokens can be asked for at all. Loads nothing."""
    try:
        return find_spec("azure.identity") is not None
    except ModuleNotFoundError:
        return False


class IdentityLogin:
    """Tokens of an identity for one scope, kept until shortly before their end.

    `way_out`: the setting that helps where there is no identity."""

    def __init__(
        self,
        identity: Identity,
        scope: str,
        way_out: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._identity, self._scope, self._way_out, self._clock = identity, scope, way_out, clock
        self._lock = Lock()
        self._token, self._renewed, self._due, self._ends = "", -math.inf, 0.0, 0.0
        self._failure: tuple[float, NeedsOperator] | None = None

    def token(self) -> str:
        with self._lock:
            if self._clock() >= self._due:
                try:
                    self._fetch(anew=False)
                except NeedsOperator:
                    if self._clock() >= self._ends:
                        raise
            return self._token

    def renew(self, refused: str) -> bool:
        with self._lock:
            if refused != self._token:
                return True  # another question has met the same
            now = self._clock()
            if 0 <= now - self._renewed < PAUSE:
                return False
            self._renewed = now
            self._fetch(anew=True)
            return refused != self._token

    def _fetch(self, *, anew: bool) -> None:
        now = self._clock()
        if self._failure is not None and 0 <= now - self._failure[0] < AFTER_A_FAILURE:
            raise NeedsOperator(self._failure[1].text, heals=True)
        try:
            found = self._identity.fetch(self._scope, anew=anew)
            self._keep(str(found.token), float(found.expires_on), now)
        except Exception as error:
            # Without the cause: the library quotes what it has asked, and whom.
            refused = NeedsOperator(self._explain(error), heals=True)
            self._failure = (now, refused)
            raise refused from None

    def _keep(self, token: str, ends: float, now: float) -> None:
        hide(token)
        self._failure = None
        self._token, self._ends = token, ends
        self._due = max(ends - EARLY, now + (ends - now) / 2)

    def _explain(self, error: Exception) -> Text:
        if isinstance(error, ImportError):
            return say(
                "A token of Entra ID needs a package: {command}. Or set {setting}.",
                command=COMMAND,
                setting=self._way_out,
            )
        code = re.search(r"AADSTS\d+", str(error))
        return say(
            "Entra ID gave no token for {scope} ({error}). Log in (`az login`, a managed identity,"
            " or AZURE_CLIENT_ID and its companions), or set {setting}.",
            scope=self._scope,
            error=", ".join(filter(None, (type(error).__name__, code and code[0]))),
            setting=self._way_out,
        )

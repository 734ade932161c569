"""Single looks at a service, for `doctor`: each is a GET, bounded in seconds, and raises nothing.

Nothing here is repeated, changes anything or costs anything. agent/doctor judges what is seen.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from agent.providers.arm import read_json
from agent.providers.azure_connection import Logins, make_logins
from agent.providers.bearer_auth import BearerAuth
from agent.providers.bounded_http import http_client
from agent.providers.credentials import Given, Identity, IdentityLogin, Login
from agent.providers.emulator_process import EmulatorProcess
from agent.providers.errors import Errors
from agent.providers.surfaces import BY_TOKEN, DATA_PLANE, RESOURCE_MANAGER
from agent.providers.translate import to_dict
from agent.redactor import Redactor
from agent.settings.clouds import cloud_of
from agent.settings.config import Settings
from agent.settings.services import is_undated
from states.errors import AfinadorError, Transient
from states.text import say

SECONDS = 10.0  # for one request
LONGEST = 25.0  # for one look, with the name's address, the token and everything
T = TypeVar("T")


@dataclass(frozen=True)
class Seen:
    """What one look has brought. `status` 0: nobody answered. `problem`: None after a 2xx."""

    status: int = 0
    body: Mapping[str, Any] = field(default_factory=dict)
    date: float | None = None  # the service's clock, unix seconds
    problem: AfinadorError | None = None


class Looks:
    """At one service. `url`: of the data plane; `manager`: of Resource Manager's account, or empty
    where the settings do not say where that is."""

    def __init__(
        self, settings: Settings, redactor: Redactor, logins: Logins, url: str, manager: str
    ) -> None:
        self._settings, self._redactor, self._logins = settings, redactor, logins
        self.url, self.manager_url = url, manager

    def token(self) -> AfinadorError | None:
        """Why there is no token for the data plane; None if there is one, or none is needed."""
        login = self._logins.data
        return None if login is None else _try(login.token)[1]

    def data(self, path: str, version: str | None = None) -> Seen:
        """GET of the data plane's `path`. `version`: another API version than the settings'."""
        return self._look_at_data(path, version, self._logins.data)

    def unknown(self, path: str) -> Seen:
        """The same, and nobody is named: whether there is anybody at all."""
        return self._look_at_data(path, None, Given("none"))

    def data_with_scope(self, path: str, scope: str) -> Seen:
        """The same with a token for another audience."""
        identity = Identity(cloud_of(self.url).authority)
        return self._look_at_data(path, None, IdentityLogin(identity, scope, "AZURE_OPENAI_KEY"))

    def manager(self, path: str, version: str) -> Seen:
        """GET of Resource Manager's `path`."""
        auth = BearerAuth(self._logins.manager)
        errors = Errors(self.manager_url, self._redactor, RESOURCE_MANAGER)
        address = f"{self.manager_url.rstrip('/')}{path}?api-version={version}"
        return self._look(self.manager_url, address, auth, {}, errors)

    def _look_at_data(self, path: str, version: str | None, login: Login | None) -> Seen:
        version = version or self._settings.api_version
        place = "/openai/v1" if is_undated(version) else "/openai"
        query = "" if is_undated(version) else f"api-version={version}"
        address = f"{self.url.rstrip('/')}{place}{path}"
        address += f"{'&' if '?' in path else '?'}{query}" if query else ""
        headers = {"api-key": self._settings.key} if login is None else {}
        errors = Errors(self.url, self._redactor, DATA_PLANE if login is None else BY_TOKEN)
        auth = None if login is None else BearerAuth(login)
        return self._look(self.url, address, auth, headers, errors)

    def _look(
        self,
        base: str,
        address: str,
        auth: BearerAuth | None,
        headers: Mapping[str, str],
        errors: Errors,
    ) -> Seen:
        seen = Seen()

        def look() -> None:
            nonlocal seen
            timeout = min(SECONDS, self._settings.request_timeout_seconds)
            with errors.translate(), http_client(base, timeout, auth) as http:
                response = http.get(address, headers=dict(headers))
                seen = Seen(response.status_code, date=_read_date(response.headers.get("date")))
                if not response.is_success:
                    errors.raise_for_status(
                        response.status_code,
                        response.headers,
                        read_json(response),
                        None,
                        is_mutation=False,
                    )
                seen = replace(seen, body=errors.redactor.deep(to_dict(response.json())))

        _, problem = _try(look)
        return replace(seen, problem=problem)


@contextmanager
def open_looks(settings: Settings, redactor: Redactor) -> Iterator[Looks]:
    """At the service of the settings. An emulator that is not running is started for the time being
    in a folder that goes again: its own home stays as it is. AfinadorError if it does not start."""
    if not settings.service.runs_locally:
        manager = settings.arm_endpoint if settings.uses_resource_manager else ""
        yield Looks(settings, redactor, make_logins(settings), settings.endpoint, manager)
        return
    with TemporaryDirectory(prefix="afinador-") as folder:
        home = settings.service.home(settings.home)
        process = EmulatorProcess.for_a_look(home, folder)
        try:
            url = process.url()
            yield Looks(settings, redactor, Logins(None, Given(settings.key)), url, url)
        finally:
            process.close()


def _try(act: Callable[[], T]) -> tuple[T | None, AfinadorError | None]:
    """What it returns, or why it does not; it is not waited for beyond LONGEST."""
    found: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            found.append(act())
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(LONGEST)
    if found:
        return found[0], None
    error = failed[0] if failed else None
    if isinstance(error, AfinadorError):
        return None, error
    if error is not None:
        return None, Transient(say("This look broke ({error}).", error=type(error).__name__))
    return None, Transient(
        say("There was no end of it within {seconds} s.", seconds=f"{LONGEST:g}")
    )


def _read_date(value: str | None) -> float | None:
    try:
        return None if value is None else parsedate_to_datetime(value).timestamp()
    except (ValueError, OverflowError):
        return None

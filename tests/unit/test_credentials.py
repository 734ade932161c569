"""Tokens of Entra ID: kept, renewed before their end and after a refusal, never shown."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from agent.providers import credentials
from agent.providers.azure_connection import connect
from agent.providers.credentials import Identity, IdentityLogin
from agent.redactor import Redactor
from agent.settings.config import load
from states.errors import NeedsOperator, SettingsError
from tests.unit.test_settings_that_set_nothing import AZURE

HOUR = 3600.0


class Numbered:
    """Gives `opaque-token-1`, `opaque-token-2`, …; each lives an hour. `fails`: raised instead."""

    def __init__(self) -> None:
        self.now, self.given, self.fails = 1_000_000.0, 0, None
        self.anew: list[bool] = []

    def fetch(self, _scope: str, *, anew: bool) -> Any:
        self.anew.append(anew)
        if self.fails is not None:
            raise self.fails
        self.given += 1
        return SimpleNamespace(token=f"opaque-token-{self.given}", expires_on=self.now + HOUR)


@pytest.fixture
def identity() -> Numbered:
    return Numbered()


@pytest.fixture
def login(identity: Numbered) -> IdentityLogin:
    return IdentityLogin(identity, "scope", "THE_SETTING", lambda: identity.now)  # type: ignore[arg-type]


def test_a_token_is_kept_and_asked_for_anew_before_it_ends(
    identity: Numbered, login: IdentityLogin
) -> None:
    assert [login.token(), login.token()] == ["opaque-token-1"] * 2
    identity.now += HOUR - credentials.EARLY
    assert login.token() == "opaque-token-2"


def test_one_that_cannot_be_renewed_serves_to_its_end(
    identity: Numbered, login: IdentityLogin
) -> None:
    login.token()
    identity.fails = OSError("no network")
    identity.now += HOUR - 1
    assert login.token() == "opaque-token-1"
    identity.now += 1
    with pytest.raises(NeedsOperator, match="OSError") as raised:
        login.token()
    assert raised.value.heals
    assert raised.value.__cause__ is None
    identity.fails = None
    identity.now += credentials.AFTER_A_FAILURE
    assert login.token() == "opaque-token-2"


def test_a_refused_token_is_renewed_once_past_what_the_library_remembers(
    identity: Numbered, login: IdentityLogin
) -> None:
    """A second refusal at once means that tokens are not what is wrong."""
    refused = login.token()
    assert login.renew(refused)
    assert login.renew(refused)  # another question had sent the same one
    assert identity.anew == [False, True]
    assert not login.renew(login.token())
    identity.now += credentials.PAUSE
    assert login.renew(login.token())


def test_many_questions_do_not_ask_a_failing_identity_one_after_the_other(
    identity: Numbered, login: IdentityLogin
) -> None:
    identity.fails = RuntimeError("AADSTS700016: tenant 12345 was asked for secret-thing")
    for _ in range(5):
        with pytest.raises(NeedsOperator, match="AADSTS700016") as raised:
            login.token()
        assert "THE_SETTING" in str(raised.value)
        assert "secret-thing" not in str(raised.value)
    assert len(identity.anew) == 1


def test_no_redactor_lets_a_token_through(login: IdentityLogin) -> None:
    """Also one that was made before, and a token that does not look like one."""
    redact = Redactor(())
    token = login.token()
    assert token not in redact(f"the service quotes {token}, and {token}")


def test_a_missing_package_is_told_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "azure.identity", None)
    with pytest.raises(NeedsOperator, match="pip install"):
        IdentityLogin(Identity("https://login.example"), "scope", "X").token()


def test_without_key_and_package_nothing_is_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.providers.azure_connection.is_installed", lambda: False)
    settings = load({"AGENT_ENV_FILE": "/dev/null", **AZURE, "AZURE_OPENAI_KEY": ""})
    with pytest.raises(SettingsError, match=r"AZURE_OPENAI_KEY.*pip install"):
        connect(settings, Redactor(()))

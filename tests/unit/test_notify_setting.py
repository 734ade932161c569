"""AGENT_NOTIFY: how addresses are told apart, what is refused, and what of them is never shown."""

from __future__ import annotations

import pytest

from agent.notices.channel import open_channels
from agent.redactor import REDACTED, Redactor
from agent.settings.config import load
from agent.settings.notify import parts_of, secrets_of
from states.errors import SettingsError

BASE = {"AGENT_ENV_FILE": "/dev/null"}


def _addresses(value: str) -> tuple[str, ...]:
    return load({**BASE, "AGENT_NOTIFY": value}).notify


def test_nobody_is_told_unless_somebody_is_named() -> None:
    assert load(BASE).notify == _addresses("") == ()


def test_commas_and_blanks_stand_between_addresses_and_within_them() -> None:
    """Two recipients are one address."""
    assert _addresses(
        "mailtos://a:pw@h.es?to=x@h.es,y@h.es, slack://A/B/C  ntfys://tema,slack://A/B/C"
    ) == ("mailtos://a:pw@h.es?to=x@h.es,y@h.es", "slack://A/B/C", "ntfys://tema")


@pytest.mark.parametrize("value", ["hunter22", "json://", "slack://a b", "json://h:port/x"])
def test_what_is_no_address_is_refused_and_not_repeated(value: str) -> None:
    with pytest.raises(SettingsError) as refused:
        _addresses(f"json://localhost/x, {value}" if "://" in value else value)
    assert "AGENT_NOTIFY" in str(refused.value)
    assert value.removeprefix("json://") == "" or value not in str(refused.value)


def test_a_password_does_not_travel_unencrypted() -> None:
    with pytest.raises(SettingsError, match="jsons://"):
        _addresses("json://agente:hunter22@example.com/x")
    assert _addresses("json://agente:hunter22@localhost/x jsons://agente:hunter22@example.com/x")


@pytest.mark.parametrize(
    ("address", "said", "shown"),
    [
        ("mailtos://yo:hunter22@correo.es?to=a@b.es", "login hunter22 at correo.es", True),
        ("mailtos://yo:hunt%2F22@correo.es", "hunt/22", False),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlaz/#x", "POST /services/T1JJ3T3L2/A1BRTD4JD", True),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlaz/#x", "TIiajkdnlaz", False),
        ("ntfys://ntfy.example/mitema", "https://ntfy.example/mitema", True),
        ("tgram://123456789:abcdefg_hij/-1", "bot123456789:abcdefg_hij", True),
        ("json://h.es/hook?token=s3cr3to", "?token=s3cr3to", True),
        ("jsons://h.es/hooks/9f86d081884c7d65", "/hooks/9f86d081884c7d65", True),
    ],
)
def test_what_lets_somebody_in_is_struck_out(address: str, said: str, shown: bool) -> None:
    """Wherever it is said: in the log, in a message; `shown`: the rest of it stays readable."""
    struck = Redactor(secrets_of([address]))(said)
    assert REDACTED in struck
    assert (struck.replace(REDACTED, "").strip(":/ ") != "") is shown
    assert Redactor(secrets_of([address]))(address) == REDACTED


def test_words_that_may_stand_anywhere_are_left() -> None:
    """Else no text could be read any more."""
    known = secrets_of(["jsons://yo:hunter22@afinador.es/hooks/afinador?name=Afinador&to=yo@e.es"])
    told = "afinador: the hooks of Afinador are at afinador.es"
    assert Redactor(known)(told) == told


def test_of_what_somebody_else_quotes_every_part_is_struck_out() -> None:
    parts = parts_of("mailtos://yo.mismo:hunter22@correo.es:465?to=a@b.es")
    assert {"hunter22", "correo.es", "yo.mismo", "a@b.es"} <= set(parts)


def test_the_example_in_a_complaint_is_not_struck_out_as_a_secret() -> None:
    with pytest.raises(SettingsError) as caught:
        load({**BASE, "AGENT_NOTIFY": "nada"})
    told = str(caught.value)
    assert "json://HOST/PATH" in told
    assert Redactor([])(told) == told


def test_no_address_is_in_what_the_settings_show_of_themselves() -> None:
    settings = load({**BASE, "AGENT_NOTIFY": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlaz"})
    assert "T1JJ3T3L2" not in repr(settings)
    assert "T1JJ3T3L2" in settings.secrets


def test_without_the_library_nothing_is_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence would be taken for good news. Where nobody is to be told, none is needed."""
    monkeypatch.setattr("agent.notices.channel.find_spec", lambda name: None)
    assert open_channels(()) == []
    with pytest.raises(SettingsError, match=r"afinador\[notify\]"):
        open_channels(["slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlaz"])

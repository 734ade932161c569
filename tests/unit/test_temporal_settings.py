"""How Temporal is reached: what is refused, and what never shows."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from agent.drivers.temporal.extra import require_temporal
from agent.settings.config import Settings, load
from states.errors import SettingsError, Unreachable

KEY = "clave-de-temporal-1a2b3c"


def settings(**given: str) -> Settings:
    named = {f"AGENT_TEMPORAL_{name}": value for name, value in given.items()}
    return load({"AGENT_ENV_FILE": os.devnull, "AGENT_PROVIDER": "emulator", **named})


def test_without_an_address_there_is_no_temporal() -> None:
    found = settings().temporal
    assert (found.address, found.namespace, found.uses_tls) == ("", "default", False)
    with pytest.raises(SettingsError, match="AGENT_TEMPORAL_ADDRESS"):
        require_temporal(found)


@pytest.mark.parametrize(
    "address",
    ["temporal.example", "http://temporal.example:7233", "a b:1", "a:0", "a:65536", "a:99999"],
)
def test_an_address_is_a_host_and_a_port(address: str) -> None:
    with pytest.raises(SettingsError, match="AGENT_TEMPORAL_ADDRESS"):
        settings(ADDRESS=address)


def test_a_key_goes_over_tls_and_is_a_secret() -> None:
    found = settings(ADDRESS="temporal.example:7233", API_KEY=KEY)
    assert found.temporal.uses_tls
    assert KEY in found.secrets
    assert KEY not in repr(found)


@pytest.mark.parametrize(
    "given",
    [
        {"API_KEY": KEY, "TLS": "off"},
        {"TLS_CERT": __file__},
        {"TLS_KEY": __file__},
        {"TLS_CA": "/no/such/file.pem"},
    ],
)
def test_what_would_send_a_key_in_the_clear_or_lacks_its_other_half_is_refused(
    given: dict[str, str],
) -> None:
    with pytest.raises(SettingsError, match="AGENT_TEMPORAL_TLS") as caught:
        settings(**given)
    assert KEY not in str(caught.value)


def test_certificates_are_read_where_they_are_used(tmp_path: Path) -> None:
    pytest.importorskip("temporalio")
    from agent.drivers.temporal.service import _read_tls

    for name in ("ca", "cert", "key"):
        (tmp_path / name).write_text(name)
    files = {f"TLS_{name.upper()}": str(tmp_path / name) for name in ("ca", "cert", "key")}
    tls = _read_tls(settings(ADDRESS="temporal.example:7233", **files).temporal)
    assert not isinstance(tls, bool)
    shown = (tls.server_root_ca_cert, tls.client_cert, tls.client_private_key)
    assert shown == (b"ca", b"cert", b"key")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"ADDRESS": "127.0.0.1:1"}, "Connection refused"),
        ({"ADDRESS": "[:::]:1"}, "invalid"),
        ({"ADDRESS": "127.0.0.1:1", "TLS_CERT": __file__, "TLS_KEY": __file__}, "PrivateKey"),
    ],
)
def test_why_temporal_cannot_be_reached_is_said_with_a_next_step(
    given: dict[str, str], said: str
) -> None:
    """In words, not by the name of a class of Python's or the types of Rust's."""
    pytest.importorskip("temporalio")
    from agent.drivers.temporal.service import connect

    with pytest.raises(Unreachable) as told:
        asyncio.run(connect(settings(**given).temporal))
    assert said in str(told.value)
    assert "Check AGENT_TEMPORAL_ADDRESS" in str(told.value)
    assert "Error(" not in str(told.value)

"""Proxies and certificates of the environment: checked at the start, named in advice.

Nothing here leaves this machine: the proxies are sockets on loopback."""

from __future__ import annotations

import os
import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import httpx2
import pytest

from agent.cli import main
from agent.providers.azure_connection import connect
from agent.providers.bounded_http import http_client
from agent.providers.network import check_network, find_proxy
from agent.redactor import Redactor
from agent.settings.config import load
from states.errors import SettingsError, Unreachable
from tests.restored_logging import restored_logging

AZURE = {
    "AGENT_ENV_FILE": os.devnull,
    "AGENT_LANGUAGE": "en",
    "AZURE_OPENAI_ENDPOINT": "https://r.openai.azure.com",
    "AZURE_OPENAI_KEY": "k3y-abc-123",
}
ENDPOINT = AZURE["AZURE_OPENAI_ENDPOINT"]


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of this machine's own proxies and certificates."""
    for name in os.environ:
        if name.lower().endswith("_proxy") or name.startswith("SSL_CERT_"):
            monkeypatch.delenv(name)


UNUSABLE = [
    ("ALL_PROXY", "socks5://127.0.0.1:1080", "httpx2[socks]"),
    ("HTTPS_PROXY", "socks5h://ana:s3cret@127.0.0.1:1080", "httpx2[socks]"),
    ("HTTPS_PROXY", "socks4://ana:s3cret@proxy", "http://proxy.example:3128"),
    ("HTTPS_PROXY", "http://ana:s3cret@proxy:port", "http://proxy.example:3128"),
    ("https_proxy", "http://ana:s3cret@proxy:99999", "http://proxy.example:3128"),
    ("https_proxy", "http://proxy:0", "http://proxy.example:3128"),
    ("HTTPS_PROXY", "http://", "http://proxy.example:3128"),
    ("HTTPS_PROXY", "http://:3128", "http://proxy.example:3128"),
    ("HTTPS_PROXY", "http://pro xy:3128", "http://proxy.example:3128"),
    ("HTTPS_PROXY", "http://[::1", "http://proxy.example:3128"),
    ("HTTP_PROXY", "htp://proxy", "http://proxy.example:3128"),
    ("SSL_CERT_FILE", "/nowhere/ca.pem", "No such file"),
    ("SSL_CERT_FILE", "/", "Is a directory"),
    ("SSL_CERT_FILE", __file__, "PEM"),
    ("SSL_CERT_DIR", "/nowhere", "folder"),
]


@pytest.mark.parametrize(("name", "value", "told"), UNUSABLE)
def test_a_proxy_or_certificate_that_cannot_be_used_is_named(
    name: str, value: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what to do, and without the password that may stand in it."""
    monkeypatch.setenv(name, value)
    complaint = ""
    try:
        connect(load(AZURE), Redactor([]))
    except SettingsError as error:
        complaint = str(error)
    assert f"  - {name} names" in complaint
    assert told in complaint
    assert "s3cret" not in complaint


@pytest.mark.parametrize("command", [["run", "--once"], ["run", "--until", "DRAFT"]])
def test_nothing_is_begun_where_no_client_can_be_built(
    command: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Exit code 2 and a sentence; no project, no traceback."""
    for name, value in {**AZURE, "AGENT_HOME": str(tmp_path), "ALL_PROXY": "socks5://h:1"}.items():
        monkeypatch.setenv(name, value)
    with restored_logging():
        assert main(command) == 2
    assert "ALL_PROXY names a SOCKS proxy" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(("name", "value", "told"), UNUSABLE)
def test_this_machine_itself_is_reached_whatever_is_set(
    name: str, value: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The emulator is there."""
    monkeypatch.setenv(name, value)
    check_network("http://127.0.0.1:8080")
    http_client("http://127.0.0.1:8080", 1.0).close()


@pytest.mark.parametrize(
    "environment",
    [
        {"HTTPS_PROXY": "proxy.example:3128"},
        {"HTTPS_PROXY": "http://ana:s3cret@proxy.example"},
        {"HTTPS_PROXY": "https://[::1]:3128"},
        {"ALL_PROXY": "socks5://proxy", "NO_PROXY": "localhost, *"},
        {"HTTPS_PROXY": "socks5://proxy", "https_proxy": "http://proxy:3128"},
        {"HTTPS_PROXY": "", "SSL_CERT_FILE": "", "NO_PROXY": "[::1,a b,http://x:99999"},
        {"SSL_CERT_DIR": "/nowhere:/"},
    ],
)
def test_what_the_http_library_can_use_is_accepted(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a client can really be built with it."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    check_network(ENDPOINT)
    http_client(ENDPOINT, 1.0).close()


@pytest.mark.parametrize(
    ("environment", "found"),
    [
        ({}, ""),
        ({"HTTP_PROXY": "http://p"}, ""),
        ({"HTTPS_PROXY": "http://p"}, "HTTPS_PROXY"),
        ({"HTTPS_PROXY": "http://p", "https_proxy": "http://q"}, "https_proxy"),
        ({"ALL_PROXY": "http://p"}, "ALL_PROXY"),
        ({"HTTPS_PROXY": "http://p", "NO_PROXY": ".azure.com"}, ""),
    ],
)
def test_the_variable_of_the_proxy_in_use_is_found(
    environment: dict[str, str], found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Either case, both names, and the exceptions."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert find_proxy(ENDPOINT) == found


@contextmanager
def _proxy(answer: bytes) -> Iterator[str]:
    """The address of a proxy that answers so to every CONNECT."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(65536)
            self.request.sendall(answer)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.parametrize(
    "answer",
    [b"407 Proxy Authentication Required", b"403 Blocked", b"503 \x1b[31mno", b"502 Bad Gateway"],
)
def test_a_proxy_that_refuses_is_named_by_its_variable(
    answer: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the key nor the endpoint is at fault; nothing was acted upon."""
    with _proxy(b"HTTP/1.1 " + answer + b"\r\nContent-Length: 0\r\n\r\n") as address:
        monkeypatch.setenv("HTTPS_PROXY", f"http://ana:s3cret@{address}")
        connection = connect(load(AZURE), Redactor([]))
        with pytest.raises(Unreachable) as caught:
            connection.provider().job("ftjob-1")
        connection.close()
    assert f"({answer[:4].decode().strip()}" in str(caught.value)
    assert "Check HTTPS_PROXY" in str(caught.value)
    for other in ("s3cret", "\x1b", "AZURE_OPENAI_KEY"):
        assert other not in str(caught.value)


def test_a_proxy_that_is_not_there_is_named_beside_the_endpoint(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody can tell which of the two is meant by a refused connection."""
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    connection = connect(load(AZURE), Redactor([]))
    with pytest.raises(Unreachable, match="Check https_proxy, AZURE_OPENAI_ENDPOINT"):
        connection.provider().job("ftjob-1")
    connection.close()


def test_certificates_are_read_once_for_all_clients_and_anew_for_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The SDK and Resource Manager share them; who names others is believed at once."""

    def certificates() -> object:
        with http_client(ENDPOINT, 1.0) as client:
            transport = client._transport
            assert isinstance(transport, httpx2.HTTPTransport)
            return transport._pool._ssl_context

    first = certificates()
    assert certificates() is first
    (tmp_path / "own").mkdir()
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "own"))
    assert certificates() is not first

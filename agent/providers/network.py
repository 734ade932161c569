"""What the HTTP library takes from the environment: proxies and certificates.

Checked by azure_connection.py before anything is begun; errors.py names the proxy in its advice.
No value is ever quoted: the address of a proxy may hold a password.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx2

from agent.settings.addresses import is_loopback
from agent.settings.named_file import mind_named
from states.errors import SettingsError, problem_of
from states.text import Text, say

_SCHEMES = ("http", "https", "all")
_LARGEST = 20_000_000  # bytes; all public authorities together have 200,000


def check_network(url: str) -> None:
    """SettingsError, naming the variables, if the environment keeps every client from `url`.

    This machine itself is reached without any of them."""
    mistakes = () if is_loopback(url) else (*_check_certificates(), *check_proxies())
    if mistakes:
        raise SettingsError(say("The settings cannot be used:\n{mistakes}", mistakes=mistakes))


def find_proxy(url: str) -> str:
    """The variable that names the proxy on the way to `url`; empty where there is none."""
    host = urlsplit(url).hostname or ""
    if is_loopback(url) or proxy_bypass(host):
        return ""
    return next((_variable(scheme) for scheme in ("https", "all") if getproxies().get(scheme)), "")


def _variable(scheme: str) -> str:
    """Either case is read, and where both are set the lower one wins."""
    value = getproxies()[scheme]
    named = [name for name in os.environ if name.lower() == f"{scheme}_proxy"]
    return next((n for n in sorted(named, reverse=True) if os.environ[n] == value), named[0])


def _check_certificates() -> Iterator[Text]:
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if file:
        try:
            mind_named(Path(file), _LARGEST)
            httpx2.create_ssl_context()
        except (OSError, SettingsError) as error:
            yield say(
                "SSL_CERT_FILE names no file of certificates (PEM): {problem}.",
                problem=problem_of(error) if isinstance(error, OSError) else error.text,
            )
    elif folder and not any(Path(part).is_dir() for part in folder.split(os.pathsep)):
        yield say("SSL_CERT_DIR names no folder.")


def check_proxies() -> Iterator[Text]:
    """By building what a client would build, except what is excepted by NO_PROXY=*."""
    proxies = getproxies()
    if "*" in [host.strip() for host in proxies.get("no", "").split(",")]:
        return
    for scheme in _SCHEMES:
        if not proxies.get(scheme):
            continue
        try:
            _build(proxies[scheme])
        except ImportError:
            yield say(
                "{name} names a SOCKS proxy, for which a package is missing: pip install"
                " 'httpx2[socks]'",
                name=_variable(scheme),
            )
        except (ValueError, httpx2.InvalidURL):
            yield say(
                "{name} names no proxy that can be used. It must look like"
                " http://proxy.example:3128",
                name=_variable(scheme),
            )


def _build(proxy: str) -> None:
    """ImportError, ValueError or InvalidURL for what is no address of a proxy."""
    url = httpx2.URL(proxy if "://" in proxy else f"http://{proxy}")
    if not url.host or "%" in url.host or not 0 < (1 if url.port is None else url.port) < 65536:
        raise ValueError(url.scheme)
    httpx2.HTTPTransport(proxy=url, verify=False).close()  # it connects to nothing

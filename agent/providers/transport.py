"""How requests travel: through the proxy of this machine's settings, but never to this machine itself."""

from __future__ import annotations

from urllib.parse import urlsplit


def is_local(url: str) -> bool:
    """True for an address of this machine, which no proxy could reach: HTTP_PROXY is set on many, NO_PROXY on few."""
    return urlsplit(url).hostname in ("localhost", "127.0.0.1", "::1")

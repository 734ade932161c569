"""What an address in the settings may be: an origin of Azure's to which a secret may be sent.

`Url` is used by agent/settings/declared, `is_loopback` also by agent/providers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from agent.settings.reader import Reader
from states.text import say

# Web pages of Azure, and OpenAI's own service, where an Azure key is of no use.
_NO_RESOURCE = r"((portal|ai|oai|management)\.azure\.\w+|(.+\.)?openai\.com)"
# Azure's own hosts know no path of a person's; another host may be a gateway, which has one.
_AZURE = r".+\.(azure|microsoft)\.\w+"
_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_WITHIN_THE_API = r"/(openai|api/projects)(/|$)"  # a deployment's “Target URI”, a Foundry project


def is_loopback(url: str) -> bool:
    """True for an address of this machine."""
    return urlsplit(url).hostname in ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Url:
    """An address such as `example`: https, or http to this machine. Only its host is ever quoted:
    a key may have been pasted there.

    `strip`: a pattern to leave out at its end. `is_resource`: an Azure OpenAI resource is there."""

    example: str
    strip: str = "$"
    is_resource: bool = False

    def read(self, reader: Reader, name: str, default: Any) -> str:
        value = re.sub(self.strip, "", reader.read_text(name, default).rstrip("/"))
        parts = _split(value)
        if parts is None:
            reader.add_mistake(
                say("{name} is not a URL such as {example}", name=name, example=self.example)
            )
            return ""
        if parts.username or parts.password:
            reader.add_mistake(say("{name} must not contain a user name or password.", name=name))
        if parts.scheme == "http" and not is_loopback(value):
            reader.add_mistake(
                say(
                    "{name} must begin with https://, else a secret would travel unencrypted.",
                    name=name,
                )
            )
        self.check_place(reader, name, parts)
        return value

    def check_place(self, reader: Reader, name: str, parts: SplitResult) -> None:
        """Refuses another site than a resource's, and a place within the API."""
        host = parts.hostname or ""
        if self.is_resource and re.fullmatch(_NO_RESOURCE, host):
            reader.add_mistake(
                say(
                    "{name} names {host}, which is no Azure OpenAI resource. The address of one"
                    " looks like {example}",
                    name=name,
                    host=host,
                    example=self.example,
                )
            )
        elif parts.query or parts.fragment or _is_too_long(host, parts.path):
            reader.add_mistake(
                say(
                    "{name} goes on behind its host. Write only {origin}",
                    name=name,
                    origin=f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}",
                )
            )


def _split(value: str) -> SplitResult | None:
    """None for what is no URL. A host of Azure's is ASCII, and what is not printable was pasted."""
    try:
        parts = urlsplit(value)
        is_url = parts.scheme in ("https", "http") and parts.port != 0
    except ValueError:
        return None
    is_whole = re.fullmatch(r"[!-~]+", value) and not parts.path.startswith("//")  # https://https:/
    return parts if is_url and is_whole and _is_host(parts) else None


def _is_host(parts: SplitResult) -> bool:
    """A name that names can be; else the key would be sent, or not, to wherever it leads."""
    labels = (parts.hostname or "").removesuffix(".").split(".")
    return "[" in parts.netloc or all(re.fullmatch(_LABEL, label) for label in labels)


def _is_too_long(host: str, path: str) -> bool:
    is_azure = re.fullmatch(_AZURE, host) is not None
    return bool(path) and (is_azure or re.search(_WITHIN_THE_API, path) is not None)

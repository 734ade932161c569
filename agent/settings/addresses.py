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
# A deployment's “Target URI”, a Foundry project: all that follows is the API's own.
_API = r"/(openai|api/projects)(/.*)?$"
_USUAL = r"/openai(/v1)?"  # the portal shows it, and both SDK clients add their own
_PRIVATE = r"^([^.@]+)\.privatelink\.((openai|cognitiveservices|services\.ai)\.azure\.\w+)"


def is_loopback(url: str) -> bool:
    """True for an address of this machine."""
    return urlsplit(url).hostname in ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Url:
    """An address such as `example`: https, or http to this machine. Only its host is ever quoted:
    a key may have been pasted there.

    `is_resource`: an Azure OpenAI resource is there, so that what the portal shows can be cut to
    it. `is_optional`: empty where it is not set."""

    example: str
    is_resource: bool = False
    is_optional: bool = False

    def read(self, reader: Reader, name: str, default: Any) -> str:
        value = reader.read_text(name, default).rstrip("/")
        if self.is_optional and not value:
            return ""
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
        if self.is_resource:
            parts = _cut_to_resource(reader, name, parts)
        self.check_place(reader, name, parts)
        return parts.geturl()

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


def _cut_to_resource(reader: Reader, name: str, parts: SplitResult) -> SplitResult:
    """Without what the portal shows behind a resource, or within its name. Says what it leaves out,
    except the end that everybody pastes."""
    host, within = re.sub(_PRIVATE, r"\1.\2", parts.netloc), re.search(_API, parts.path)
    path = parts.path[: within.start()] if within else parts.path
    kept = parts._replace(netloc=host, path=path)
    if within:
        kept = kept._replace(query="", fragment="")
    origin = f"{kept.scheme}://{host.rpartition('@')[2]}"
    if host != parts.netloc:
        reader.add_warning(
            say(
                "{name}: {origin} is used. The name with “privatelink” is the network's own: no"
                " certificate bears it.",
                name=name,
                origin=origin,
            )
        )
    if within and within[1].startswith("api"):
        reader.add_warning(
            say(
                "{name} names a Foundry project. Files and trainings belong to its resource, so"
                " that is used: {origin}",
                name=name,
                origin=origin,
            )
        )
    elif within and (parts.query or parts.fragment or not re.fullmatch(_USUAL, within[0])):
        reader.add_warning(
            say(
                "{name} goes on behind the resource ({origin}); that is left out.",
                name=name,
                origin=origin,
            )
        )
    return kept


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
    return bool(path) and (is_azure or re.search(_API, path) is not None)

"""Reads settings: the environment over .env, value by value, collecting every mistake.

Used by config.py, and by checks.py for one value.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

from states.errors import SettingsError, problem_of
from states.text import Text, say


def read_environment(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment (None: of the process) over .env, or the file named by AGENT_ENV_FILE."""
    real = dict(os.environ if environment is None else environment)
    chosen = real.get("AGENT_ENV_FILE")
    if chosen and not Path(chosen).exists():
        # Going on without it could mean the emulator where Azure was meant, or the other way round.
        raise SettingsError(say("AGENT_ENV_FILE names {file}, which does not exist.", file=chosen))
    usual = Path(".env")
    if not chosen and (
        usual.is_dir() or not usual.exists()
    ):  # some people's virtual environment is called .env
        return real
    return {**_read_file(chosen or ".env"), **real}


def _read_file(name: str) -> dict[str, str]:
    try:
        with Path(name).open(
            encoding="utf-8-sig"
        ) as file:  # dotenv itself takes a folder for an empty file
            values = dotenv_values(stream=file)
    except UnicodeDecodeError as error:
        raise SettingsError(
            say("{file} is not UTF-8 text. Save it as UTF-8.", file=name)
        ) from error
    except OSError as error:
        raise SettingsError(
            say("{file} cannot be read: {problem}.", file=name, problem=problem_of(error))
        ) from error
    return {key: value for key, value in values.items() if value is not None}


def is_loopback(url: str) -> bool:
    """True for an address of this machine."""
    return urlsplit(url).hostname in ("localhost", "127.0.0.1", "::1")


class Reader:
    """Reads values one by one and collects the mistakes. An empty value counts as not set."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self.mistakes: list[Text] = []

    def read_text(self, name: str, default: str = "") -> str:
        return self._values.get(name, "").strip() or default

    def read_optional(self, name: str) -> str | None:
        return self.read_text(name) or None

    def add_mistake(self, text: Text) -> None:
        self.mistakes.append(text)

    def read_number(self, name: str, default: float, lowest: float, highest: float) -> float:
        raw = self.read_text(name)
        try:
            value = float(raw) if raw else default
        except ValueError:
            value = float("nan")
        if not lowest <= value <= highest:  # also false for nan
            self.add_mistake(
                say(
                    "{name} is {value}; it must be a number from {lowest} to {highest}.",
                    name=name,
                    value=repr(raw),
                    lowest=f"{lowest:g}",
                    highest=f"{highest:g}",
                )
            )
            return default
        return value

    def read_whole(self, name: str, default: int, lowest: int, highest: int) -> int:
        value = self.read_number(name, default, lowest, highest)
        if value != int(value):
            self.add_mistake(
                say(
                    "{name} is {value}; it must be a whole number.",
                    name=name,
                    value=repr(self.read_text(name)),
                )
            )
            return default
        return int(value)

    def read_choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        """The allowed word, as it is written in `allowed`, whatever the case of the given one."""
        value = self.read_text(name, default)
        found = {word.lower(): word for word in allowed}.get(value.lower())
        if found is None:
            self.add_mistake(
                say(
                    "{name} is {value}; it must be one of {allowed}.",
                    name=name,
                    value=repr(value),
                    allowed=", ".join(allowed),
                )
            )
            return default
        return found

    def read_shape(self, name: str, default: str, shape: str, examples: str) -> str:
        value = self.read_text(name, default)
        if not re.fullmatch(shape, value):
            self.add_mistake(
                say(
                    "{name} is {value}; it must look like {examples}.",
                    name=name,
                    value=repr(value),
                    examples=examples,
                )
            )
            return default
        return value

    def read_url(self, name: str, default: str, example: str) -> str:
        """An address to which a secret may be sent: https, or http to this machine.

        Never quoted: a key may have been pasted there."""
        value = self.read_text(name, default)
        try:
            parts = urlsplit(value)
            good = parts.scheme in ("https", "http") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            good = False
        if not good:
            self.add_mistake(
                say("{name} is not a URL such as {example}", name=name, example=example)
            )
            return ""
        if parts.username or parts.password:
            self.add_mistake(say("{name} must not contain a user name or password.", name=name))
        if parts.scheme == "http" and not is_loopback(value):
            self.add_mistake(
                say(
                    "{name} must begin with https://, else a secret would travel unencrypted.",
                    name=name,
                )
            )
        return value.rstrip("/")

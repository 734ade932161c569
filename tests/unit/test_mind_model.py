"""What the service says of the base model is heard before anything is sent."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest

from agent.resources.catalog import PackagedCatalog
from agent.views.language import translator
from states.bases.lifetime import choose, days_left, from_service, lifetime_in
from states.bases.table import find_entry
from states.errors import Permanent, SettingsError, Transient
from states.facts_json import read
from states.places import Artifact, place_of
from states.remote import RemoteModel
from states.stages import Plan
from states.state import State
from tests.unit.desk import Desk

MODEL = "gpt-4.1-mini-2025-04-14"
NOW = datetime(2026, 11, 27, tzinfo=UTC).timestamp()


def told(**changes: object) -> dict[str, RemoteModel]:
    return {MODEL: RemoteModel(MODEL, **changes)}  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _plan(desk: Desk) -> None:
    desk.wish(plan=Plan("gpt-4.1-mini", 3, 1, 0.1, 42))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"is_listed": False}, "does not know gpt-4.1-mini-2025-04-14: nothing"),
        ({"can_train": False}, "gpt-4.1-mini-2025-04-14 cannot be fine-tuned here"),
    ],
)
def test_a_model_that_the_service_does_not_train_is_refused_before_the_upload(
    desk: Desk, changes: dict[str, object], words: str
) -> None:
    desk.cloud.models = told(**changes)
    project = desk.go(State.FAILED)
    assert words in str(project.last_error)
    assert not desk.cloud.sent
    assert "Set an AZURE_OPENAI_MODEL that `models` lists" in str(project.last_error)
    desk.cloud.models = {}
    desk.decisions.retry(project.name, restore=False, restart=False)
    desk.go(State.TRAINING)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gpt-4.1-nano", "does not know gpt-4.1-nano-2025-04-14. Nothing has begun"),
        ("gpt-5-2025-08-07", r"its methods: reinforcement\)\. Nothing has begun"),
    ],
)
def test_a_generation_does_not_begin_on_what_cannot_be_trained(
    desk: Desk, name: str, words: str
) -> None:
    """It keeps the settings with which it begins, so that it could only be cancelled."""
    before = desk.go(State.ANALYZED)
    desk.cloud.models = {"gpt-4.1-nano-2025-04-14": RemoteModel("x", is_listed=False)}
    with pytest.raises(SettingsError, match=words):
        desk.decisions.iterate("tienda", {"base_model": name}, replaces=True)
    assert desk.project() == before
    assert desk.cloud.deployments
    desk.cloud.before["model"] = [Transient("no answer")]
    assert desk.decisions.iterate("tienda", {"base_model": "gpt-4.1-nano"}).generation == 2


def test_a_slip_in_the_name_is_told_with_the_name_that_is_near(desk: Desk) -> None:
    """In the report of the check, in the hold before the upload, and before a generation."""
    slip = "GPT-4.1-mni"
    desk.cloud.models = {slip: RemoteModel(slip, is_listed=False)}
    words = f"does not know {slip} (did you mean `gpt-4.1-mini`?)"
    desk.wish(plan=Plan(slip, 3, 1, 0.1, 42))
    project = desk.go(State.VALIDATED)
    summary = json.loads((desk.home / place_of(Artifact.PREPARATION, project.name)).read_text())
    assert [one for one in summary["warnings"] if words in one]
    assert f"{words}: nothing was sent" in str(desk.go(State.FAILED).last_error)
    desk.wish(plan=Plan("gpt-4.1-mini", 3, 1, 0.1, 42))
    desk.decisions.retry(project.name, restore=False, restart=True)
    desk.go(State.ANALYZED)
    with pytest.raises(SettingsError, match=re.escape(f"{words}. Nothing has begun")):
        desk.decisions.iterate(project.name, {"base_model": slip}, replaces=True)


def test_open_weights_that_the_lists_deny_are_sent_all_the_same(desk: Desk) -> None:
    desk.wish(plan=Plan("Ministral-3B", 3, 1, 0.1, 42, "GlobalStandard"))
    desk.cloud.models = {"Ministral-3B": RemoteModel("Ministral-3B", False, False)}
    desk.go(State.TRAINING)


def test_a_model_of_its_own_is_not_said_to_be_mended_by_a_setting(desk: Desk) -> None:
    desk.go(State.ANALYZED)
    desk.decisions.iterate("tienda", {"base_model": "gpt-4.1-mini"})
    desk.cloud.models = told(is_listed=False)
    problem = str(desk.go(State.FAILED).last_error)
    assert "AZURE_OPENAI_MODEL" not in problem
    assert "`cancel tienda`" in problem


@pytest.mark.parametrize("error", [Permanent("refused"), Transient("no answer")])
def test_a_look_that_fails_says_nothing(desk: Desk, error: Exception) -> None:
    desk.cloud.before["model"] = [error]
    desk.go(State.TRAINING)
    assert desk.project().attempts == 0
    assert desk.project().facts.offered is None


def test_what_the_service_tells_of_the_end_is_kept_and_told(desk: Desk) -> None:
    desk.cloud.models = told(lifecycle="Deprecated", deployment_ends="2027-02-01")
    project = desk.go(State.UPLOADED)
    assert project.facts.offered is not None
    assert project.facts.offered.deployment_ends == "2027-02-01"
    assert read(project.facts.as_json()) == project.facts
    [note] = [str(c.note) for c in desk.store.history("tienda") if c.event.value == "FILES_READY"]
    assert "is Deprecated" in note
    assert "end in 17 days, on 2027-02-01 (the service, 2027-01-15)" in note


def test_what_follows_the_end_of_the_model_is_a_sentence_of_its_own(desk: Desk) -> None:
    """What is reached without a training, and what is left of the budget, in either language."""
    desk.cloud.models = told(lifecycle="Legacy", deployment_ends="2027-02-01")
    desk.wish(base_deployments=("gpt-x",), home_budget=0.085, target=0.9)
    desk.go(State.UPLOADED)
    [note] = [c.note for c in desk.store.history("tienda") if c.event.value == "FILES_READY"]
    assert note is not None
    for sentence, language in ((str(note), "en"), (translator("es")(note), "es")):
        words = "Before the training:" if language == "en" else "Antes del entrenamiento:"
        money = "Budget:" if language == "en" else "Presupuesto:"
        assert f"2027-01-15). {words}" in sentence, sentence
        assert re.search(rf"\w[.)%] {money} \w", sentence), sentence
        assert not re.search(r"\.\.|\) [A-Z]", sentence), sentence


def test_the_newer_of_the_two_sources_counts() -> None:
    entry = find_entry(PackagedCatalog().service, MODEL)
    printed = lifetime_in(entry)
    assert choose(None, entry) == printed
    newer = from_service(None, "2028-01-01", None, NOW)
    assert choose(newer, entry) == newer
    assert choose(from_service(None, "2028-01-01", None, NOW - 100 * 86_400), entry) == printed
    assert choose(from_service(None, None, "Legacy", NOW), entry) == printed
    assert choose(newer, {}) == newer
    assert choose(None, {}) is None


def test_days_are_counted_to_the_day_and_beyond() -> None:
    assert days_left("2026-11-28", NOW) == 1
    assert days_left("2026-11-26", NOW + 3600) == -1
    assert days_left(None, NOW) is None
    assert days_left("soon", NOW) is None

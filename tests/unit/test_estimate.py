"""What a project will cost is told before anything is sent, with the source of every price."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from agent.resources.catalog import PackagedCatalog
from agent.settings.config import load
from agent.settings.prices import parse_prices
from states.errors import SettingsError
from states.money.prices import price_of_answers, price_of_hosting, price_of_training
from states.places import Artifact, place_of
from states.stages import Plan
from states.state import Event, State
from states.steps.budgeting import estimate_all
from tests.unit.desk import Desk

MODEL = "gpt-4.1-mini-2025-04-14"
OWN = """# what our contract says
[prices.training."gpt-4.1-mini"]
usd_per_million_tokens = 4
source = "our contract"
date = 2026-11-01

[prices.hosting]
usd_per_hour = 3.0
source = "our contract"
date = 2026-11-01
"""


def test_the_price_is_told_with_the_data_before_anything_is_sent(desk: Desk) -> None:
    """Whoever takes it there: `run`, `iterate` and `retry` make the same checkpoint."""
    project = desk.go(State.VALIDATED)
    accepted = [c for c in desk.store.history("tienda") if c.event is Event.DATA_ACCEPTED]
    told = str(accepted[0].note)
    tokens = project.facts.prepared.tokens
    assert f"({tokens} tokens in 3 epochs, 3.30 USD a million" in told
    assert "2026-08-05, unverified)" in told
    assert told.endswith("; the emulator charges nothing")
    assert not desk.cloud.ledger


def test_each_price_has_a_source_and_none_is_made_up(desk: Desk) -> None:
    """Training, questions and hosting; what is not known is null."""
    desk.wish(deploy_sku="globalstandard", base_deployments=("gpt-4o-mini",))
    project = desk.go(State.VALIDATED)
    ports = desk.ports_for(project)
    found = estimate_all(project.facts, ports).as_json()
    training, hosting = found["training"], found["hosting"]
    assert training["usd"] == pytest.approx(training["tokens"] * 3.3 / 1e6)
    assert training["price_per_million_tokens"]["is_verified"] is False
    assert [one["candidate"] for one in found["questions"]["candidates"]][:2] == [
        "tuned",
        "gpt-4o-mini",
    ]
    assert found["questions"]["usd"] > 0
    assert (hosting["usd_per_hour"], hosting["usd_per_day"]) == (1.7, pytest.approx(40.8))
    desk.wish(deploy_sku="provisionedmanaged")
    unknown = estimate_all(project.facts, desk.ports_for(project)).hosting
    assert unknown.as_json()["usd_per_month"] is None
    assert str(unknown.text) == "hosting as provisionedmanaged: no price is known"


def test_a_tuned_model_answers_at_the_price_of_its_base_and_a_free_sku_costs_nothing() -> None:
    service = PackagedCatalog().service
    tuned = price_of_answers(service, f"{MODEL}.ft-0123-tienda")
    assert tuned is not None and tuned == price_of_answers(service, "gpt-4.1-mini")
    free = price_of_hosting(service, "developerTier")
    assert free is not None and free.usd == 0
    assert price_of_hosting(service, None) is None
    assert price_of_training(service, "another") is None


def test_a_person_s_own_prices_stand_over_the_catalogue_s(tmp_path: Path) -> None:
    """By the short name of a model as well; what the file does not name stays."""
    file = tmp_path / "prices.toml"
    file.write_text(OWN, encoding="utf-8-sig")  # as a text editor of Windows saves it
    settings = load({"AGENT_ENV_FILE": os.devnull, "AGENT_PRICES": str(file)})
    service = PackagedCatalog(settings.prices).service
    price = price_of_training(service, MODEL)
    assert price is not None and price.usd == 4
    assert str(price.source.text) == "our contract, 2026-11-01"
    hosting = price_of_hosting(service, "standard")
    assert hosting is not None and hosting.usd == 3
    assert price_of_training(service, "gpt-4.1-nano") is not None


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("= 4", "= -4", 3, "must be a number of USD"),
        ("= 4", '= "4"', 3, "must be a number of USD"),
        ("usd_per_million_tokens", "usd_per_milion_tokens", 3, "did you mean"),
        ("usd_per_hour = 3.0\n", "", 7, "usd_per_hour must be a number"),
        ('source = "our contract"\n', "", 2, "source must say"),
        ("date = 2026-11-01", 'date = "yesterday"', 5, "date must be"),
        ("date = 2026-11-01", "date = 2026-11-01T10:00:00Z", 5, "date must be"),
        ('"our contract"', '"our \\u001b[31m contract"', 4, "source must say in one line"),
        ("[prices.hosting]", "[prices.hostings]", 7, "hostings is not known there"),
        ("[prices.hosting]", "[prices.hosting", 7, "not valid TOML"),
        ("# what", "[models]\n# what", 1, "models is not known there"),
        ("date = 2026-11-01", 'date = 2026-11-01\nconfidence = "sure"', 6, "confidence is"),
    ],
)
def test_a_mistake_in_the_prices_is_named_with_its_line(
    old: str, new: str, line: int, words: str
) -> None:
    _, mistakes = parse_prices(OWN.replace(old, new, 1).encode())
    assert (line, True) in [(at, words in str(told)) for at, told in mistakes], mistakes


def test_a_price_of_a_model_that_nobody_knows_is_warned_of_and_counts(tmp_path: Path) -> None:
    """It may be a slip, or a model that the catalogue does not know yet."""
    file = tmp_path / "prices.toml"
    file.write_text(OWN.replace("gpt-4.1-mini", "gpt-4.1-mni"))
    environment = {"AGENT_ENV_FILE": os.devnull, "AGENT_PRICES": str(file)}
    settings = load(environment)
    assert [str(one) for one in settings.warnings] == [
        f"{file}, line 2: no known model is called gpt-4.1-mni (did you mean `gpt-4.1-mini`?); its"
        " price counts for a model of this name alone"
    ]
    price = price_of_training(PackagedCatalog(settings.prices).service, "gpt-4.1-mni")
    assert price is not None and price.usd == 4
    assert load({**environment, "AZURE_OPENAI_MODEL": "gpt-4.1-mni"}).warnings == ()
    for known in (MODEL, "gpt-4.1-nano", f"{MODEL}.ft-0123-tienda", "qwen3-32b"):
        file.write_text(OWN.replace("gpt-4.1-mini", known))
        assert load(environment).warnings == ()


@pytest.mark.parametrize("written", ["qwen3-32b", "Qwen3-32B-1", "Qwen3-32B"])
def test_a_price_counts_however_its_model_is_written(
    desk: Desk, tmp_path: Path, written: str
) -> None:
    """As a person calls it, as `models` lists it, and as the catalogue does."""
    file = tmp_path / "prices.toml"
    answers = "input_usd_per_million_tokens = 1\noutput_usd_per_million_tokens = 2"
    own = OWN.replace("gpt-4.1-mini", written).partition("[prices.hosting]")[0]
    asked = own.replace("usd_per_million_tokens = 4", answers).replace("training", "inference")
    file.write_text(own + asked)
    settings = load({"AGENT_ENV_FILE": os.devnull, "AGENT_PRICES": str(file)})
    assert settings.warnings == ()
    service = PackagedCatalog(settings.prices).service
    for model in ("Qwen3-32B", "qwen-3-32b-1"):
        price, tuned = price_of_training(service, model), price_of_answers(service, f"{model}.ft-1")
        assert price is not None and price.usd == 4
        assert tuned is not None and tuned.output_usd == 2
    desk.catalog = PackagedCatalog(settings.prices)
    desk.wish(plan=Plan("qwen-3-32b", 3, 1, 0.1, 42, "GlobalStandard"), deploy_sku="globalstandard")
    project = desk.go(State.VALIDATED)
    summary = json.loads((desk.home / place_of(Artifact.PREPARATION, project.name)).read_text())
    assert summary["estimated_cost"]["usd_per_million_tokens"] == 4
    assert summary["estimated_cost_of_questions"]["amount"] > 0


def test_a_file_of_prices_that_is_not_there_keeps_the_program_from_starting() -> None:
    with pytest.raises(SettingsError, match=r"AGENT_PRICES names /nowhere/p\.toml"):
        load({"AGENT_ENV_FILE": os.devnull, "AGENT_PRICES": "/nowhere/p.toml"})

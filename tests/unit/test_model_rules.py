"""What is known of a base model is told before it is paid for."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product

import pytest

from agent.resources.catalog import PackagedCatalog
from states.bases.table import find_entry, format_of, known_names
from states.intents.model_rules import (
    check_deployment_sku,
    check_method,
    check_training_type,
    warn_of_retirement,
    warn_of_unknown_model,
)
from states.stages import Plan
from states.state import State
from tests.published_models import ALL, PUBLISHED, list_forbidden
from tests.unit.desk import Desk

SERVICE = PackagedCatalog().service
MODELS = SERVICE["models"]
NAMES = sorted(name for name in MODELS if name != "aliases")
DATED = [name for name in NAMES if "base_model_ends" in MODELS[name]]


@pytest.mark.parametrize("name", PUBLISHED)
@pytest.mark.parametrize(("type_", "sku"), [*product(ALL, ALL)])
def test_the_published_table_is_what_is_refused_and_let_through(
    name: str, type_: str, sku: str
) -> None:
    model, (types, skus) = find_entry(SERVICE, name), PUBLISHED[name]
    found = [
        *check_method(name, model),
        *check_training_type(name, model, type_),
        *check_deployment_sku(name, model, sku, deploys=True),
    ]
    assert any(one.is_error for one in found) is not (type_ in types and sku in skus)


# Every one, through the step that looks at it: nothing was uploaded.
@pytest.mark.parametrize("name", sorted({name for name, _, _ in list_forbidden()}))
def test_nothing_that_the_published_table_forbids_is_uploaded(desk: Desk, name: str) -> None:
    desk.go(State.SPLIT)
    for model, kind, sku in list_forbidden():
        if model == name:
            desk.wish(plan=Plan(name, 3, 1, 0.1, 42, kind), deploy_sku=sku)
            desk.look(1)
            project = desk.project()
            assert (project.state, project.hold is None) == (State.SPLIT, False), (kind, sku)
            assert not desk.cloud.files


# One pair of each sort, through the whole of what comes before the upload.
@pytest.mark.parametrize(
    ("name", "type_", "sku", "told"),
    [
        ("gpt-4o-mini", None, "developertier", "AGENT_DEPLOY_SKU to one of Standard"),
        ("Qwen3-32B", None, "GlobalStandard", "AGENT_TRAINING_TYPE to one of GlobalStandard"),
        ("Qwen3-32B", "GlobalStandard", "standard", "AGENT_DEPLOY_SKU to one of GlobalStandard"),
        ("gpt-5", "GlobalStandard", "standard", "methods: reinforcement"),
        ("gpt-oss-120b", "GlobalStandard", "GlobalStandard", "managed compute"),
    ],
)
def test_nothing_of_a_forbidden_pair_is_uploaded_and_a_setting_mends_it(
    desk: Desk, name: str, type_: str | None, sku: str, told: str
) -> None:
    desk.wish(plan=Plan(name, 3, 1, 0.1, 42, type_), deploy_sku=sku)
    assert told in desk.go_to_hold()
    assert desk.project().state is State.SPLIT
    assert not desk.cloud.files
    desk.wish(plan=Plan("gpt-4.1-mini", 3, 1, 0.1, 42), deploy_sku="developertier")
    desk.look(1)
    assert desk.project().hold is None
    desk.go(State.TRAINING)


def test_open_weights_are_trained_as_the_table_has_it(desk: Desk) -> None:
    desk.wish(
        plan=Plan("Ministral-3B", 3, 1, 0.1, 42, "GlobalStandard"), deploy_sku="globalstandard"
    )
    desk.go(State.TRAINING)


@pytest.mark.parametrize(
    "name", ["qwen3-32b", "Qwen-3-32B", "Qwen3-32B-1", "Qwen3-32B-1.ft-00c0ffee-x", "Qwen3-32B"]
)
def test_open_weights_are_known_however_they_are_written(name: str) -> None:
    assert format_of(find_entry(SERVICE, name)) == "Alibaba"
    assert not find_entry(SERVICE, "Qwen3-32B-Coder")


def test_of_a_model_that_nobody_knows_only_that_is_said() -> None:
    assert check_method("gpt-9", {}) == []
    assert check_training_type("gpt-9", {}, None) == []
    assert check_deployment_sku("gpt-9", {}, "developertier", deploys=True) == []
    assert warn_of_retirement("gpt-9", {}, 0.0) == []
    assert [one.is_error for one in warn_of_unknown_model("gpt-9", {})] == [False]
    assert format_of({}) == "OpenAI"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("gpt-4.1-mni", "gpt-4.1-mini"),
        ("GPT-4O-MINI", "gpt-4o-mini"),
        ("qwen3-32", "qwen3-32b"),
        ("Lama-3.3-70B", "llama-3.3-70b"),
        ("gpt-4.1-mni.ft-0123-tienda", "gpt-4.1-mini"),  # of one that was fine-tuned before
        ("nope", ""),
        ("gpt-4.1-mini", ""),  # it is known, if not by whoever asks
    ],
)
def test_a_name_that_nobody_knows_is_told_with_the_one_that_may_be_meant(
    name: str, meant: str
) -> None:
    [told] = warn_of_unknown_model(name, {}, known_names(SERVICE))
    known = f"does not know {name} (did you mean `{meant}`?):" if meant else f"not know {name}:"
    assert known in str(told.text).replace("Llama", "llama")


def test_a_word_that_no_list_has_is_sent_with_a_warning() -> None:
    model = find_entry(SERVICE, "gpt-4.1-mini")
    for found in (
        check_training_type("gpt-4.1-mini", model, "RegionalTier"),
        check_training_type("gpt-4.1-mini", model, "DataZoneStandard"),
        check_deployment_sku("gpt-4.1-mini", model, "batch", deploys=True),
    ):
        assert [one.is_error for one in found] == [False]
    assert check_deployment_sku("gpt-4.1-mini", model, "GlobalProvisionedManaged", True) == []


@pytest.mark.parametrize("name", DATED)
def test_a_retirement_is_told_from_its_day_on(name: str) -> None:
    ends = MODELS[name]["base_model_ends"]
    day = datetime(ends.year, ends.month, ends.day, tzinfo=UTC).timestamp()
    assert warn_of_retirement(name, MODELS[name], day - 86_400) == []
    [told] = warn_of_retirement(name, MODELS[name], day)
    assert str(ends) in str(told.text)


@pytest.mark.parametrize("deploys", [True, False])
def test_nothing_is_uploaded_for_a_deployment_that_would_be_refused(
    desk: Desk, deploys: bool
) -> None:
    """Where a person deploys, it is a warning: only they know as what."""
    desk.wish(deploy_sku="developertier", deploy_automatically=deploys)
    if not deploys:
        desk.go(State.TRAINING)
        return
    held = desk.go_to_hold()
    assert "gpt-4o-mini-2024-07-18 cannot be deployed as developertier" in held
    assert "AGENT_DEPLOY_SKU" in held
    assert desk.project().state is State.SPLIT
    assert not desk.cloud.files


@pytest.mark.parametrize("state", [State.VALIDATED, State.UPLOADED])
def test_no_training_is_paid_for_a_deployment_wished_since_the_data_was_accepted(
    desk: Desk, state: State
) -> None:
    """The plan is settled by then, and the SKU is not: it is the default of a later start."""
    desk.wish(deploy_sku="standard", deploy_automatically=True)
    desk.go(state)
    files = len(desk.cloud.files)
    desk.wish(deploy_sku="developertier")
    held = desk.go_to_hold()
    assert "gpt-4o-mini-2024-07-18 cannot be deployed as developertier" in held
    assert desk.project().state is state
    assert len(desk.cloud.files) == files
    assert not desk.cloud.jobs
    desk.wish(deploy_sku="standard")
    assert desk.look().state is not state  # it heals

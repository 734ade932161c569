"""How long what is deployed may go on is told before it ends, with what to do about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from agent.resources.catalog import PackagedCatalog
from agent.views.lifetimes import describe_lifetime, lifetime_json
from states.bases.lifetime import from_service
from states.facts import Facts
from states.model import Project
from states.stages import DELETED, Deployed, Parent, Plan, Prepared, Trained
from states.state import State

SERVICE = PackagedCatalog().service
NOW = datetime(2026, 11, 27, tzinfo=UTC).timestamp()
DAY = 86_400
MODEL = "gpt-4.1-mini-2025-04-14"
FACTS = Facts(
    prepared=Prepared(Plan(MODEL, 3, 1, 0.1, 42)),
    trained=Trained(f"{MODEL}.ft-00c0ffee", None),
    deployed=Deployed("d", is_ours=True),
)


def told(facts: Facts, now: float = NOW, *, only_soon: bool = False) -> str:
    return str(describe_lifetime(project(facts), SERVICE, now, only_soon=only_soon))


def project(facts: Facts) -> Project:
    service, state, times = "x.openai.azure.com", State.ANALYZED, (NOW, NOW)
    return Project("tienda", "00c0ffee", service, state, 1, 5, *times, None, None, 0, None, facts)


def test_the_days_that_a_deployment_has_left_are_counted_with_their_source() -> None:
    assert "end in 321 days, on 2027-10-14 (Microsoft Learn" in told(FACTS)
    assert "retrain" not in told(FACTS)
    assert told(FACTS, only_soon=True) == "None"
    found = lifetime_json(project(FACTS), SERVICE, NOW)
    assert found is not None
    assert (found["deployment_days_left"], found["source_date"]) == (321, "2026-10-05")


@pytest.mark.parametrize(("days", "words"), [(200, "end in 121 days"), (400, "have ended on")])
def test_an_end_that_is_near_names_the_way_out(days: int, words: str) -> None:
    for only_soon in (True, False):
        found = told(FACTS, NOW + days * DAY, only_soon=only_soon)
        assert words in found
        assert "`retrain tienda --model NEW`" in found


def test_what_the_service_has_said_since_counts() -> None:
    offered = from_service(None, "2027-01-01", "Deprecated", NOW)
    assert "end in 35 days, on 2027-01-01 (the service, 2026-11-27)" in told(
        replace(FACTS, offered=offered)
    )


def test_the_deployment_of_the_generation_before_counts_while_it_serves() -> None:
    parent = Parent(1, "gpt-4o-mini-2024-07-18.ft-00c0ffee", Deployed("old", is_ours=True))
    assert "gpt-4o-mini-2024-07-18 end in 308 days" in told(Facts(parent=parent))
    gone = replace(parent, deployment=Deployed("old", is_ours=True, status=DELETED))
    assert told(Facts(parent=gone)) == "None"
    assert told(replace(FACTS, deployed=Deployed("d", is_ours=True, status=DELETED))) == "None"
    assert lifetime_json(project(Facts()), SERVICE, NOW) is None

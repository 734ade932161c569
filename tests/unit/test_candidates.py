"""The candidates side by side: how right, how quick, how dear."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.resources.catalog import PackagedCatalog
from states.evaluation.answers import Answer, AnsweredCase, Evaluation, Rival, RivalKind
from states.evaluation.candidates import list_candidates, quantile
from states.evaluation.costs import HOURS, Price, Tariff, make_tariff
from states.intents.cases import Case
from states.remote import Finish
from states.state import State
from tests.unit.desk import Desk

SERVICE = PackagedCatalog().service
TARIFF = Tariff(100_000, {"m": Price(2.0, 8.0), "b": Price(1.0, 4.0)}, 1.70)


def said(named: str, seconds: float = 0.5, finish: Finish = Finish.STOP, **more: Any) -> Answer:
    return Answer(named, seconds, 1, finish, **more)


def case(number: int, expected: str | None, answer: Answer, **more: bool) -> AnsweredCase:
    return AnsweredCase(
        Case(f"c-{number}", "typical", "t", expected), answer, answer.text or None, **more
    )


def test_each_candidate_is_measured_over_the_cases_that_count_and_that_it_answered() -> None:
    cases = (
        case(1, "a", said("a")),
        case(2, "b", said("a")),
        case(3, None, said("")),
        case(4, "a", said("a"), is_trained=True),
    )
    answers = (said("a"), said("", finish=Finish.UNANSWERED), said(""), None)
    rival = Rival(RivalKind.BASE, "base", "b", answers, ("a", None, None, None))
    tuned, base = list_candidates(Evaluation(("a", "b"), "x", cases, (rival,)), "tuya", "m")
    assert (tuned.kind, tuned.name, tuned.model) == ("tuned", "tuya", "m")
    assert (tuned.outcome.cases, tuned.outcome.correct) == (2, 1)
    assert (base.kind, base.outcome.cases, base.outcome.correct) == ("base", 1, 1)
    assert (tuned.macro_f1, base.macro_f1) == (0.3333, 1.0)


def test_what_it_costs_is_tokens_times_price_and_hosting_where_it_is_hosted() -> None:
    """1,000 of 50 and 2 tokens at 2 and 8 dollars a million: 0.116 dollars."""
    counted = {"prompt_tokens": 50, "completion_tokens": 2}
    cases = (case(1, "a", said("a", **counted)),)
    rivals = tuple(
        Rival(kind, kind.value, model, (said("a", **counted),), ("a",))
        for kind, model in ((RivalKind.BASE, "b"), (RivalKind.PARENT, "m"), (RivalKind.LOCAL, "l"))
    )
    found = list_candidates(Evaluation(("a",), "x", cases, rivals, tariff=TARIFF), "d", "m")
    assert [one.usd_per_1000 for one in found] == pytest.approx([0.116, 0.058, 0.116, 0])
    hosted = pytest.approx(11.6 + HOURS * 1.70)
    assert [one.usd_per_month for one in found] == [hosted, pytest.approx(5.8), hosted, 0]
    assert found[-1].tokens is None


def test_what_nobody_knows_has_no_price() -> None:
    """Neither tokens that were not counted, nor a model that is not in the catalogue, nor the
    hours of a provisioned deployment."""
    counted = {"prompt_tokens": 50, "completion_tokens": 2}
    uncounted, priceless = (case(1, "a", said("a")),), (case(1, "a", said("a", **counted)),)
    [first] = list_candidates(Evaluation(("a",), "x", uncounted, tariff=TARIFF), "d", "m")
    [second] = list_candidates(Evaluation(("a",), "x", priceless, tariff=TARIFF), "d", "other")
    for found in (first, second):
        assert (found.usd_per_1000, found.usd_per_month) == (None, None)
    provisioned = make_tariff({"m": "gpt-4o-mini"}, SERVICE, 1000, "GlobalProvisionedManaged")
    [third] = list_candidates(Evaluation(("a",), "x", priceless, tariff=provisioned), "d", "m")
    assert third.usd_per_month is None


def test_a_tuned_model_is_billed_as_its_base_and_hosted_as_for_good() -> None:
    """A Developer deployment ends after 24 hours: a month of it is one of a Standard one."""
    tariff = make_tariff({"ft:x": "gpt-4o-mini", "y": "unheard-of"}, SERVICE, 7, "developertier")
    price = SERVICE["prices"]["inference"]["gpt-4o-mini-2024-07-18"]
    assert tariff.prices == {
        "ft:x": Price(price["input_usd_per_million_tokens"], price["output_usd_per_million_tokens"])
    }
    assert tariff.hosting_usd_per_hour == SERVICE["prices"]["hosting"]["usd_per_hour"]
    assert make_tariff({}, SERVICE, 7, "GlobalStandard") == Tariff(
        7, {}, tariff.hosting_usd_per_hour
    )
    evaluation = Evaluation(("a",), "x", (), tariff=tariff)
    assert Evaluation.from_json(evaluation.as_json()) == evaluation


@given(st.lists(st.floats(0.001, 100), min_size=1, max_size=50), st.sampled_from([0.5, 0.95]))
@settings(max_examples=60, deadline=None)
def test_a_quantile_is_numpys(seconds: list[float], share: float) -> None:
    assert quantile(sorted(seconds), share) == pytest.approx(np.quantile(seconds, share))


def test_an_answer_that_took_no_time_was_not_timed() -> None:
    [found] = list_candidates(Evaluation(("a",), "x", (case(1, "a", said("a", 0.0)),)), "d", "m")
    assert found.latency is None


def test_what_it_costs_stays_as_it_was_when_the_answers_came(desk: Desk) -> None:
    """The page is rendered from what the evaluation kept, whatever the settings say later."""
    desk.preferences = replace(desk.preferences, monthly_volume=5_000)
    desk.create(cases=2)
    desk.go(State.ANALYZED)
    desk.preferences = replace(desk.preferences, monthly_volume=7)
    desk.results.publish(desk.project())
    found = json.loads((desk.home / "results/test_results.json").read_text())
    assert found["monthly_volume"] == 5_000
    assert found["hosting_usd_per_hour"] == SERVICE["prices"]["hosting"]["usd_per_hour"]
    assert found["candidates"][0]["kind"] == "tuned"
    assert found["candidates"][0]["usd_per_1000"] is None  # nobody counted the tokens

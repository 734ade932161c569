"""Deliberate breakages of how replies are read, each as a small patch of a public seam.

sabotage.py lists them, and which proof must notice each.
"""

from __future__ import annotations

import itertools
import re
from typing import Any

import httpx2
import pytest

import agent.providers.bounded_http
import agent.providers.error_answer
import agent.providers.paging
import agent.providers.refusals
import agent.providers.silences
import agent.providers.translate
import states.text
from agent.providers.arm import Arm
from states.evaluation.answers import Evaluation

Patch = pytest.MonkeyPatch


def redirects_followed(patch: Patch) -> None:
    honest = httpx2.Client.__init__

    def init(self: httpx2.Client, **given: Any) -> None:
        honest(self, **{**given, "follow_redirects": True})

    patch.setattr(httpx2.Client, "__init__", init)


def replies_without_bound(patch: Patch) -> None:
    patch.setattr(agent.providers.bounded_http, "bound", lambda _response: None)


def listings_without_bound(patch: Patch) -> None:
    patch.setattr(agent.providers.paging, "MOST_PAGES", 10**9)
    patch.setattr(agent.providers.paging, "LONGEST", 10.0**9)


def any_success_deletes(patch: Patch) -> None:
    patch.setattr(Arm, "delete", lambda self, name: self._send("DELETE", name))


def strangers_text_is_not_cleaned(patch: Patch) -> None:
    for room in (
        agent.providers.error_answer,
        agent.providers.silences,
        agent.providers.translate,
        states.text,
    ):
        patch.setattr(room, "clean", lambda text: text)


def inner_errors_left_out(patch: Patch) -> None:
    honest = agent.providers.error_answer.layers_of
    patch.setattr(
        agent.providers.error_answer, "layers_of", lambda body: itertools.islice(honest(body), 1)
    )


def one_surface_for_all(patch: Patch) -> None:
    patch.setattr(agent.providers.refusals, "RESOURCE_MANAGER", None)


def passing_refusals_are_final(patch: Patch) -> None:
    patch.setattr("agent.providers.passing.WORDS", re.compile(r"(?!)"))


def no_job_is_fresh(patch: Patch) -> None:
    patch.setattr("states.steps.follow_job.is_fresh", lambda project, now, seconds: False)


def one_404_to_an_act_is_believed(patch: Patch) -> None:
    patch.setattr("agent.engine.exactly_once.GLITCHES_OF_AN_ACT", 0)


def unanswered_cases_count(patch: Patch) -> None:
    patch.setattr(Evaluation, "graded", property(lambda self: self.cases))


def what_was_taught_is_forgotten(patch: Patch) -> None:
    patch.setattr("states.steps.probe.learn", lambda facts, reply: facts)
    patch.setattr("states.steps.ask_cases.know", lambda facts, unsupported: facts)


def decoration_stops_the_work(patch: Patch) -> None:
    patch.setattr(
        "states.steps.follow_job.read_or_explain", lambda read, _otherwise, _project: (read(), None)
    )

"""Deliberate breakages of how replies are read, each as a small patch of a public seam.

sabotage.py lists them; tests/crash/test_fuzz.py must notice each.
"""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

import agent.providers.bounded_http
import agent.providers.error_answer
import agent.providers.paging
import agent.providers.silences
import agent.providers.translate
import states.text
from agent.providers.arm import Arm

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

"""Deliberate breakages of what comes from a person, a machine or a browser: settings, sentences,
homes, requests to the emulator. Each is a small patch of a public seam.

sabotage.py lists them, and which proof must notice each.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import agent.engine.mended
import agent.engine.tick
import agent.engine.watch
import agent.providers.network
import agent.settings.addresses
import agent.settings.config
import agent.settings.names
import agent.settings.services
from agent.emulator.server.gate import Gate
from agent.engine.artifacts import FolderArtifacts
from states.intents.forms import close_form
from states.places import Artifact
from states.steps import ask_cases, check_data

Patch = pytest.MonkeyPatch


def short_settle_allowed(patch: Patch) -> None:
    patch.setattr(agent.settings.config, "check_settle", lambda reader, settle, unseen: None)


def misspelt_names_passed_over(patch: Patch) -> None:
    patch.setattr(agent.settings.names, "explain_in_file", lambda name: None)


def any_place_is_an_endpoint(patch: Patch) -> None:
    patch.setattr(agent.settings.addresses.Url, "check_place", lambda self, *given: None)


def proxies_not_tried(patch: Patch) -> None:
    patch.setattr(agent.providers.network, "check_proxies", lambda: ())


def close_sentences_are_one(patch: Patch) -> None:
    patch.setattr("states.intents.forms.same_form", close_form)


def what_nobody_sees_is_kept(patch: Patch) -> None:
    patch.setattr("states.intents.annotated_json.tidy", str)


def line_ends_are_written_into_rows(patch: Patch) -> None:
    patch.setattr("states.intents.dataset.LINE_ENDS", {})


def each_home_has_its_own_cases(patch: Patch) -> None:
    for step in (ask_cases, check_data):
        patch.setattr(step, "read_cases", lambda facts, ports: ports.artifacts.find(Artifact.CASES))


def mended_files_not_noticed(patch: Patch) -> None:
    patch.setattr(agent.engine.mended, "_is_mended", lambda refused, now: False)


def refused_files_run_again(patch: Patch) -> None:
    patch.setattr(agent.engine.tick, "is_watched", lambda project: False)


def half_saved_files_taken(patch: Patch) -> None:
    patch.setattr(agent.engine.watch, "is_settled", lambda facts, mended: True)


def emulators_have_one_name(patch: Patch) -> None:
    patch.setattr(agent.settings.services.Service, "name", property(lambda self: self.kind))


def everybody_is_let_in(patch: Patch) -> None:
    def pass_on(self: Gate, scope: Any, receive: Any, send: Any) -> Any:
        return self._app(scope, receive, send)

    patch.setattr(Gate, "__call__", pass_on)


def digest_not_checked(patch: Patch) -> None:
    def check(self: FolderArtifacts, artifact: Artifact) -> None:
        if self.keep(artifact) is None:
            self.restore(artifact)

    def recorded_pieces(self: FolderArtifacts, artifact: Artifact) -> Iterator[bytes]:
        found = self.find(artifact)
        return honest(self, artifact) if found is None else iter((found,))

    honest = FolderArtifacts.recorded_pieces
    patch.setattr(FolderArtifacts, "check", check)
    patch.setattr(FolderArtifacts, "recorded_pieces", recorded_pieces)

"""A slip in what a test orders of the emulator is refused: it would strike nobody, or everybody."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

from agent.emulator.faults.rules import FaultRules
from agent.emulator.protocol.errors import ServiceError
from agent.emulator.state.behaviour import BehaviourStore
from agent.emulator.state.settings import Settings, read_settings
from agent.emulator.state.storage import Store

DROP = {"kind": "drop_before"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("keys_disabled", "no"),  # it would be taken for yes
        ("capacity_429", 1),
        ("train_seconds", float("inf")),  # JSON has no such number
        ("clock_ahead_seconds", 1e300),  # no date is so far ahead
        ("token_seconds", True),
        ("warmup_calls", 1.5),
        ("quota", True),
        ("job_status_script", [None]),
        ("job_limit_status", 200),
        ("content_filter_substring", 5),
    ],
)
def test_a_behaviour_that_cannot_be_is_refused(tmp_path: Path, key: str, value: Any) -> None:
    behaviour = BehaviourStore(Store(tmp_path / "state"), Settings())
    before = behaviour.current
    with pytest.raises(ServiceError, match=key):
        behaviour.change({key: value})
    assert behaviour.current == before


def test_what_an_earlier_version_let_in_keeps_no_home_from_opening(tmp_path: Path) -> None:
    store = Store(tmp_path / "state")
    with store.transaction() as db:
        kept = json.dumps({"keys_disabled": "no", "quota": 5})
        db.execute("INSERT INTO controls VALUES('behaviour', ?)", (kept,))
    current = BehaviourStore(store, Settings()).current
    assert (current.keys_disabled, current.quota) == (False, 5)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"match": {"method": 5}, "do": DROP}, "match"),  # every request would end in a 500
        ({"match": {"path": 5}, "do": DROP}, "match"),
        ({"match": {"url": "/files"}, "do": DROP}, "match"),  # it would match everything
        ({"times": -1, "do": DROP}, "not negative"),
        ({"skip": -1, "do": DROP}, "not negative"),
        ({"do": {"kind": "delay", "seconds": float("nan")}}, "seconds"),
        ({"do": {"kind": "delay", "seconds": 1e300}}, "seconds"),
        ({"do": {"kind": "answer", "status": 503, "headers": []}}, "headers"),
        ({"do": {"kind": "answer", "status": 503, "headers": {"a": "b\r\nc: d"}}}, "headers"),
        ({"do": {"kind": "answer", "status": 503, "headers": {"a": "€"}}}, "headers"),
    ],
)
def test_a_fault_that_cannot_be_is_refused(
    tmp_path: Path, rule: dict[str, Any], words: str
) -> None:
    rules = FaultRules(Store(tmp_path / "state"))
    with pytest.raises(ServiceError, match=words):
        rules.replace([rule])
    assert rules.list_all() == []


def test_an_encoder_that_there_is_not_is_not_taken_for_the_best_one() -> None:
    with pytest.raises(ValueError, match="EMULATOR_ENCODER must be 'hash' or unset"):
        read_settings(Namespace(), {"EMULATOR_ENCODER": "hsah"})
    assert read_settings(Namespace(), {"EMULATOR_ENCODER": ""}).encoder is None
    assert read_settings(Namespace(), {"EMULATOR_ENCODER": "hash"}).encoder == "hash"

"""What the training will cost, told before it is paid for.

check_data.py tells it when the data is accepted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from states.facts import Facts, known
from states.money.estimate import Estimate, TrainingEstimate, estimate, estimate_training
from states.places import Artifact
from states.ports import Ports
from states.text import Text, say


def estimate_of(facts: Facts, ports: Ports) -> TrainingEstimate:
    """With the prices of this moment. Needs the plan."""
    prepared = known(facts.prepared)
    tokens = prepared.tokens
    if tokens is None:  # from before 0.2
        tokens = _read_summary(facts, ports).get("estimated_training_tokens")
    plan = prepared.plan
    return estimate_training(ports.catalog.service, plan.base_model, plan.epochs, tokens)


def estimate_all(facts: Facts, ports: Ports) -> Estimate:
    """The training, the questions and the deployment. Needs the plan."""
    training, summary = estimate_of(facts, ports), _read_summary(facts, ports)
    sku = ports.preferences.deploy_sku
    return estimate(ports.catalog.service, training, summary, sku)


def describe_training(facts: Facts, ports: Ports) -> Text:
    """The one line about its price that everybody is told before anything is sent."""
    told = estimate_of(facts, ports).text
    if ports.charges_money:
        return told
    return say("{estimate}; the emulator charges nothing", estimate=told)


def _read_summary(facts: Facts, ports: Ports) -> Mapping[str, Any]:
    """data_preparation_summary.json; empty where version 0.1 recorded none."""
    if Artifact.PREPARATION not in facts.artifacts:
        return {}
    read: Mapping[str, Any] = json.loads(ports.artifacts.recorded(Artifact.PREPARATION))
    return read

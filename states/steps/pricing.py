"""What the candidates of an evaluation cost, by the catalogue and the settings of this moment.

ask_cases.py keeps it with the answers.
"""

from __future__ import annotations

from collections.abc import Iterable

from states.evaluation.answers import Rival, RivalKind
from states.evaluation.costs import Tariff, make_tariff
from states.facts import Facts, known
from states.ports import Ports

_UNTUNED = (RivalKind.BASE, RivalKind.FEW_SHOT)


def price_candidates(facts: Facts, rivals: Iterable[Rival], ports: Ports) -> Tariff:
    """Tuned models are billed as the base model of this project's training."""
    prepared = facts.prepared  # which version 0.1 may not have kept
    base = (prepared or ports.preferences).plan.base_model
    based_on = {known(facts.trained).model: base}
    for rival in rivals:
        if rival.kind is not RivalKind.LOCAL:
            based_on[rival.model] = rival.model if rival.kind in _UNTUNED else base
    wanted = ports.preferences
    return make_tariff(based_on, ports.catalog.service, wanted.monthly_volume, wanted.deploy_sku)

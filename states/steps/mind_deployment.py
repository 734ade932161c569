"""VALIDATED and UPLOADED, before anything is paid: whether the model can be deployed as wished.

check_data.py has asked the same, but the plan is settled since then, and AGENT_DEPLOY_SKU is not.
"""

from __future__ import annotations

from states.bases.table import find_entry
from states.errors import NeedsOperator
from states.facts import known
from states.intents.model_rules import check_deployment_sku
from states.model import Project
from states.ports import Ports
from states.text import say


def refuse_misfit(project: Project, ports: Ports) -> None:
    """Raises NeedsOperator where the published table forbids the deployment that we would make."""
    model, wanted = known(project.facts.prepared).plan.base_model, ports.preferences
    entry, deploys = find_entry(ports.catalog.service, model), wanted.deploy_automatically
    for found in check_deployment_sku(model, entry, wanted.deploy_sku, deploys):
        if found.is_error:
            told = say(
                "{problem} Then start `run` again; another model counts from `retry --restart` on.",
                problem=found.text,
            )
            raise NeedsOperator(told, heals=True)

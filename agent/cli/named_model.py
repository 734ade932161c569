"""The base model that a command line names: judged by the rules of the data check, before anything
is read or written. new, iterate and retrain call it.
"""

from __future__ import annotations

from agent.bootstrap import Application
from agent.cli.output import remark
from agent.settings.own import ProjectSettings
from states.bases.table import find_entry, known_names, resolve
from states.errors import SettingsError
from states.intents import model_rules


def refuse_forbidden(app: Application, own: ProjectSettings) -> None:
    """SettingsError with the first thing that the check of the data would stop the project for."""
    service, kind = app.catalog.service, own.training_type
    model = resolve(service, own.base_model)
    entry, sku = find_entry(service, model), app.settings.deploy_sku
    for finding in (
        *model_rules.check_method(model, entry),
        *model_rules.check_training_type(model, entry, kind),
        *model_rules.check_deployment_sku(model, entry, sku, own.deploy_automatically),
    ):
        if finding.is_error:
            raise SettingsError(finding.text)


def tell_unknown(app: Application, own: ProjectSettings) -> None:
    """That the catalogue does not know it, as the check warns later: it may be at the resource."""
    service = app.catalog.service
    model = resolve(service, own.base_model)
    known = known_names(service)
    for finding in model_rules.warn_of_unknown_model(model, find_entry(service, model), known):
        remark(app.translate(finding.text))

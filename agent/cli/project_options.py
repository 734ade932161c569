"""The options that become settings of one project. new and iterate use them."""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from agent.bootstrap import Application
from agent.settings.checks import NO_BUDGET
from agent.settings.declared import OF_A_PROJECT
from agent.views.language import Translate
from states.errors import SettingsError
from states.text import Text, say

# Option -> the project's setting that it sets.
OPTIONS: Mapping[str, str] = {
    "--model": "base_model",
    "--epochs": "epochs",
    "--batch-size": "batch_size",
    "--learning-rate": "learning_rate_multiplier",
    "--training-type": "training_type",
    "--train-split": "train_split",
    "--seed": "seed",
    "--deploy": "deploy",
    "--deployment": "deployment_name",
    "--target": "target",
    "--budget": "budget",
    "--language": "data_language",
}
HELP: Mapping[str, Text] = {
    "--deploy": say("`manual` or `auto`: who deploys the model"),
    "--target": say("the accuracy that is wanted, such as 0.9; the results say if it is reached"),
    "--budget": say("USD in all, in place of AGENT_BUDGET; `none`: no limit"),
    "--language": say("`es` or `en`: of the instruction for the model"),
}


def add_setting_arguments(
    parser: argparse.ArgumentParser, t: Translate, options: Iterable[str]
) -> None:
    """Those of OPTIONS that are named."""
    own = parser.add_argument_group(t(say("settings of this project alone")))
    for option in options:
        own.add_argument(
            option,
            dest=OPTIONS[option],
            metavar=option[2:].replace("-", "_").upper(),
            help=t(HELP[option]) if option in HELP else None,
        )


def given_settings(given: argparse.Namespace) -> dict[str, Any]:
    """Setting -> what a person typed for it."""
    named = {name: getattr(given, name, None) for name in OPTIONS.values()}
    return {name: value for name, value in named.items() if value}


def read_settings(app: Application, row: Mapping[str, Any]) -> dict[str, Any]:
    """The row as it is kept. SettingsError with every mistake of the options."""
    found, mistakes = app.settings.read_row(row)
    if mistakes:
        raise SettingsError(
            say(
                "These options cannot be used:\n{mistakes}",
                mistakes=tuple(map(_name_option, mistakes)),
            )
        )
    known = {setting.field for setting in OF_A_PROJECT}
    kept = {name: getattr(found, name) for name in row if name in known}
    if kept.get("budget") == math.inf:
        kept["budget"] = NO_BUDGET  # JSON has no infinity
    return kept


def _name_option(mistake: Text) -> Text:
    """The complaint about a setting, by the name of its option."""
    name = mistake.values.get("name")
    option = next((option for option, setting in OPTIONS.items() if setting == name), None)
    return (
        mistake if option is None else replace(mistake, values={**mistake.values, "name": option})
    )

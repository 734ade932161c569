"""Which untuned models are asked as well, and whether a person is asked before the training."""

from __future__ import annotations

import pytest

from agent.settings.config import load
from states.errors import SettingsError

AZURE = {
    "AZURE_OPENAI_ENDPOINT": "https://acc.openai.azure.com",
    "AZURE_OPENAI_KEY": "k",
    "AGENT_ENV_FILE": "/dev/null",
}
LOCAL = {"AGENT_ENV_FILE": "/dev/null"}
NAME = "AZURE_OPENAI_BASE_DEPLOYMENT"


def rivals(environment: dict[str, str], **given: str) -> tuple[str, ...]:
    return load({**environment, **given}).project.base_deployments


def test_the_emulator_is_asked_for_the_base_model_unless_told_otherwise() -> None:
    """It costs nothing there, and on Azure nobody knows what a deployment is named."""
    assert rivals(LOCAL) == (load(LOCAL).project.base_model,)
    assert rivals(LOCAL, AZURE_OPENAI_MODEL="gpt-4.1-2025-04-14") == ("gpt-4.1",)
    assert rivals(LOCAL, **{NAME: "none"}) == ()
    assert rivals(AZURE) == ()


def test_several_deployments_are_named_each_once() -> None:
    assert rivals(AZURE, **{NAME: " mini, gpt-4.1 ,mini"}) == ("mini", "gpt-4.1")


@pytest.mark.parametrize("wrong", ["a", "mini,", "un nombre"])
def test_what_no_deployment_can_be_named_is_refused(wrong: str) -> None:
    with pytest.raises(SettingsError, match=NAME):
        rivals(AZURE, **{NAME: wrong})


def test_a_person_is_asked_before_the_training_where_that_is_wanted() -> None:
    assert load(LOCAL).project.confirm is None
    assert load({**LOCAL, "AGENT_CONFIRM": "before_training"}).project.confirm == "before_training"
    with pytest.raises(SettingsError, match="AGENT_CONFIRM"):
        load({**LOCAL, "AGENT_CONFIRM": "always"})

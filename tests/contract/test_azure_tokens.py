"""Bearer tokens in place of the key: who is asked, what is sent again, and what never is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from agent.providers.arm import Arm, ArmAccount
from agent.providers.azure import AzureService
from agent.providers.azure_client import Endpoint
from agent.providers.errors import Errors
from agent.providers.surfaces import BY_TOKEN, RESOURCE_MANAGER
from agent.redactor import Redactor
from states.errors import NeedsOperator, Throttled, Unclear
from states.text import say
from tests.contract.azure_calls import ACTS, LOOKS
from tests.contract.stranger import Answer, Stranger

ENDED = Answer(401, json.dumps({"statusCode": 401, "message": "Token has expired."}).encode())


class Numbered:
    """A login whose tokens are `t1`, `t2`, …; the next one after each refusal."""

    def __init__(self) -> None:
        self.number, self.lasts = 1, False
        self.fails: Exception | None = None

    def token(self) -> str:
        if self.fails is not None:
            raise self.fails
        return f"t{self.number}"

    def renew(self, _refused: str) -> bool:
        self.number += not self.lasts
        return not self.lasts


@pytest.fixture
def login() -> Numbered:
    return Numbered()


@pytest.fixture
def keyless(stranger: Stranger, login: Numbered) -> Iterator[Callable[[str], AzureService]]:
    made: list[AzureService] = []

    def make(version: str) -> AzureService:
        account = ArmAccount(stranger.url, "sub", "grupo", "cuenta", "standard", 50)
        redactor = Redactor([])
        arm = Arm(account, login, 5.0, Errors(stranger.url, redactor, RESOURCE_MANAGER))
        endpoint = Endpoint(stranger.url, "the-key", version, 5.0, login)
        made.append(AzureService(endpoint, arm, Errors(stranger.url, redactor, BY_TOKEN)))
        return made[-1]

    yield make
    for one in made:
        one.close()


def _once_ended(*_: object) -> Callable[[str, str], Answer]:
    answers = [ENDED]
    return lambda *_: answers.pop() if answers else Answer(500)


@pytest.mark.parametrize("version", ["2024-12-01-preview", "v1"])
@pytest.mark.parametrize("look", ["job", "chat", "deployments"])
def test_a_look_is_asked_again_with_a_new_token(
    look: str, version: str, keyless: Any, stranger: Stranger, login: Numbered
) -> None:
    """A question too: whoever was turned away at the door was not answered, so it is not paid."""
    stranger.say(_once_ended())
    with pytest.raises(Unclear):
        LOOKS[look](keyless(version))
    assert len(stranger.asked) == 2
    assert stranger.tokens == ["Bearer t1", "Bearer t2"]
    assert stranger.keys == [None, None]


@pytest.mark.parametrize("version", ["2024-12-01-preview", "v1"])
@pytest.mark.parametrize("act", sorted(ACTS))
def test_an_act_is_never_sent_again_without_a_look(
    act: str, version: str, keyless: Any, stranger: Stranger
) -> None:
    """The engine looks whether it has happened, and comes back at once."""
    stranger.say(_once_ended())
    with pytest.raises(Throttled) as raised:
        ACTS[act](keyless(version))
    assert raised.value.retry_after == 0
    assert len(stranger.asked) == 1


@pytest.mark.parametrize("call", ["job", "chat", "upload", "create_job"])
def test_a_token_that_is_refused_for_good_is_a_hold_that_heals(
    call: str, keyless: Any, stranger: Stranger, login: Numbered
) -> None:
    login.lasts = True
    stranger.say(ENDED)
    with pytest.raises(NeedsOperator, match="AZURE_OPENAI_SCOPE") as raised:
        {**LOOKS, **ACTS}[call](keyless("v1"))
    assert raised.value.heals
    assert len(stranger.asked) == 1


@pytest.mark.parametrize("version", ["2024-12-01-preview", "v1"])
@pytest.mark.parametrize("call", ["job", "create_job", "deployments", "create_deployment"])
def test_without_a_token_nothing_is_sent(
    call: str, version: str, keyless: Any, stranger: Stranger, login: Numbered
) -> None:
    login.fails = NeedsOperator(say("nobody is logged in"), heals=True)
    stranger.say(Answer(500))
    with pytest.raises(NeedsOperator, match="nobody is logged in"):
        {**LOOKS, **ACTS}[call](keyless(version))
    assert stranger.asked == []

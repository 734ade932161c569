"""What one project is told to wait holds for the others at the same resource, and no further."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from agent.providers.azure import AzureService
from agent.providers.rests import LONGEST
from states.errors import AfinadorError, NotYet, Throttled
from states.remote import Heard, Question
from tests.contract.azure_calls import ACTS, LOOKS
from tests.contract.stranger import JSON, Answer, Stranger

OF_JOBS = ("job", "events", "checkpoints", "jobs")


class Steady:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def told(stranger: Stranger, service: Callable[..., AzureService]) -> Callable[..., AzureService]:
    """A provider that was answered so, once, when it looked at a job."""

    def tell(status: int, headers: Mapping[str, str], steady: Steady) -> AzureService:
        on = service(url=stranger.url)
        on.forget(steady)
        stranger.say(Answer(status, b"{}", {**JSON, **headers}))
        with pytest.raises(AfinadorError):
            on.job("ftjob-1")
        stranger.say(Answer(500))
        return on

    return tell


def _is_sent(on: AzureService, stranger: Stranger, call: Callable[[AzureService], object]) -> bool:
    before = len(stranger.asked)
    with pytest.raises(AfinadorError) as refusal:
        call(on)
    is_sent = len(stranger.asked) > before
    assert is_sent or isinstance(refusal.value, Throttled)
    return is_sent


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (429, {"retry-after": "20"}, 20.0),
        (503, {"retry-after-ms": "1500"}, 1.5),
        (429, {"retry-after": "86400"}, LONGEST),
        (
            200,
            {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1m0s"},
            60.0,
        ),
    ],
)
def test_other_projects_wait_as_long_as_one_was_told(
    told: Callable[..., AzureService],
    stranger: Stranger,
    status: int,
    headers: Mapping[str, str],
    seconds: float,
) -> None:
    steady = Steady()
    on = told(status, headers, steady)
    for name in OF_JOBS:
        assert not _is_sent(on, stranger, LOOKS[name]), name
    with pytest.raises(Throttled) as refusal:
        on.job("ftjob-2")
    assert refusal.value.retry_after == pytest.approx(seconds)
    steady.now += seconds
    assert _is_sent(on, stranger, LOOKS["job"])


def test_what_else_is_asked_for_is_sent(
    told: Callable[..., AzureService], stranger: Stranger
) -> None:
    """An act may have a limit of its own, and what is asked for elsewhere has one."""
    on = told(429, {"retry-after": "20"}, Steady())
    looks = {name: call for name, call in LOOKS.items() if name not in OF_JOBS}
    for name, call in (looks | ACTS).items():
        assert _is_sent(on, stranger, call), name


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (429, {}),
        (429, {"retry-after": "nan"}),
        (429, {"retry-after": "soon"}),
        (500, {"retry-after": "20"}),
        (200, {"x-ratelimit-remaining-requests": "0"}),
        (200, {"x-ratelimit-remaining-requests": "7", "x-ratelimit-reset-requests": "60s"}),
    ],
)
def test_who_asks_for_nothing_is_asked(
    told: Callable[..., AzureService],
    stranger: Stranger,
    status: int,
    headers: Mapping[str, str],
) -> None:
    assert _is_sent(told(status, headers, Steady()), stranger, LOOKS["job"])


def test_projects_that_ask_one_deployment_share_its_limit(
    stranger: Stranger, service: Callable[..., AzureService]
) -> None:
    """What one is told the other has heard; who asks another deployment has not."""
    steady = Steady()
    on = service(url=stranger.url)
    on.forget(steady)
    stranger.say(Answer(429, b"{}", {**JSON, "retry-after": "60"}))

    def ask(deployment: str) -> list[Heard]:
        waiting = [Question(0, ({"role": "user", "content": "Quiero uno"},))]
        batch = on.chat_many(deployment, lambda: waiting.pop() if waiting else None, most=4)
        return [one for some in batch for one in some]

    (heard,) = ask("tienda")
    assert isinstance(heard.reply, Throttled)
    with pytest.raises(NotYet):
        ask("tienda")
    assert len(stranger.asked) == 1
    ask("another")
    assert len(stranger.asked) == 2
    steady.now += 60
    ask("tienda")
    assert len(stranger.asked) == 3

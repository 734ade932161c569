"""Every row of the tables of refusals and silences decides where it should, and no other."""

from __future__ import annotations

import ssl
from dataclasses import replace

import httpx2
import pytest

from agent.engine.send_deadline import leaving_within
from agent.providers.error_answer import Refusal
from agent.providers.refusals import ROWS
from agent.providers.reply_size import TooLarge
from agent.providers.silences import SILENCES
from agent.providers.surfaces import BY_TOKEN, RESOURCE_MANAGER, Way
from states.errors import (
    DeploymentNotReady,
    NeedsOperator,
    NotFound,
    Permanent,
    Throttled,
    Unclear,
)

MANAGER = Way("https://manager", RESOURCE_MANAGER)
KEYLESS = Way("https://x", BY_TOKEN)
BUSY = Refusal(Way("https://x"), 429, "tooManyRequests", "slow down", 7.0, is_mutation=True)


@pytest.mark.parametrize(
    ("number", "refusal", "meaning", "told"),
    [
        (0, replace(BUSY, status=400, code="DeploymentNotReady"), DeploymentNotReady, "not ready"),
        (1, replace(BUSY, code="insufficient_quota"), NeedsOperator, "quota"),
        (2, replace(BUSY, status=407), NeedsOperator, "HTTPS_PROXY"),
        (
            3,
            replace(BUSY, status=403, code="AuthenticationTypeDisabled"),
            NeedsOperator,
            "AZURE_OPENAI_AUTH",
        ),
        (4, replace(BUSY, status=401, way=MANAGER), NeedsOperator, "AZURE_ARM_TOKEN"),
        (5, replace(BUSY, status=401, code="", way=KEYLESS), NeedsOperator, "ai.azure.com"),
        (6, replace(BUSY, status=401, code=""), NeedsOperator, "AZURE_OPENAI_KEY"),
        (7, replace(BUSY, status=403, message="Firewall rules"), NeedsOperator, "this network"),
        (8, replace(BUSY, status=403, code=""), NeedsOperator, "roles of this identity"),
        (9, replace(BUSY, status=404, code=""), NotFound, "AZURE_OPENAI_VERSION"),
        (10, BUSY, Throttled, "busy (HTTP 429, tooManyRequests: slow down)"),
        (11, replace(BUSY, status=423, code=""), Throttled, "cannot do this yet"),
        (12, replace(BUSY, status=503, code=""), Unclear, "in trouble (HTTP 503: slow down)"),
        (
            13,
            replace(BUSY, status=307, code="", redirected_to="login.example.test"),
            Unclear,
            "redirects to login.example.test",
        ),
        (
            14,
            replace(BUSY, status=400, code="", message="It does not support fine-tuning."),
            Permanent,
            "AGENT_TRAINING_TYPE",
        ),
        (15, replace(BUSY, status=400, code=""), Permanent, "refuses this"),
        (16, replace(BUSY, status=400, code="", is_mutation=False), NeedsOperator, "to be asked"),
    ],
)
def test_every_row_of_the_table(
    number: int, refusal: Refusal, meaning: type[Exception], told: str
) -> None:
    """The first that applies decides; a wait is passed on where asking again makes sense."""
    row = next(row for row in ROWS if row.applies(refusal))
    error = row.error(row.text(refusal), refusal)
    assert (ROWS.index(row), type(error)) == (number, meaning)
    assert told in str(error)
    waits = isinstance(error, DeploymentNotReady | Throttled | Unclear)
    assert getattr(error, "retry_after", None) == (7.0 if waits else None)


def test_the_last_row_is_for_all_that_is_left() -> None:
    """No answer is without a meaning."""
    assert ROWS[-1].applies(replace(BUSY, status=299, code="unheard of"))


@pytest.mark.parametrize(
    ("number", "cause", "left"),
    [
        (0, httpx2.ConnectTimeout("late"), 0.0),
        (1, httpx2.WriteTimeout("slow"), 5.0),
        (2, httpx2.ProxyError("407"), 5.0),
        (3, ssl.SSLCertVerificationError("self-signed"), 5.0),
        (4, httpx2.ConnectTimeout("slow"), 5.0),
        (4, httpx2.ConnectError("refused"), 0.0),
        (4, httpx2.UnsupportedProtocol("ftp"), 5.0),
        (5, TooLarge("1 MB"), 5.0),
    ],
)
def test_every_row_of_the_silences(number: int, cause: Exception, left: float) -> None:
    """Too late, broken off while sent, a proxy or certificate, no connection, no end."""
    with leaving_within(lambda: left):
        row = next(row for row in SILENCES if row.applies(cause))
    assert SILENCES.index(row) == number

"""What an answer with an error status means: one table, read from the top. Called by errors.py.

The exceptions are those of states/errors.py. A step or exactly_once.py may catch one first; what
follows from all others is decided in agent/engine/tick.py. A code counts before a status, and a row
for a status of its own stands above the one for every mutation.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import NamedTuple, NoReturn

from agent.providers.credentials import COMMAND
from agent.providers.error_answer import Refusal
from agent.providers.passing import says_that_it_passes
from agent.providers.surfaces import RESOURCE_MANAGER
from agent.settings.clouds import FOUNDRY_SCOPE
from states.errors import (
    AfinadorError,
    DeploymentNotReady,
    NeedsOperator,
    NotFound,
    Permanent,
    Throttled,
    TooSoon,
    Unclear,
)
from states.text import Text, say


class Row(NamedTuple):
    """If `applies`, the answer means `error` with `text`."""

    applies: Callable[[Refusal], bool]
    error: Callable[[Text, Refusal], AfinadorError]
    text: Callable[[Refusal], Text]


def raise_for(refusal: Refusal, cause: Exception | None) -> NoReturn:
    """Raises what the refusal means: the first row that applies."""
    row = next(row for row in ROWS if row.applies(refusal))
    raise row.error(row.text(refusal), refusal) from cause


def _needs_setting(text: Text, _refusal: Refusal) -> AfinadorError:
    """The cause is repaired elsewhere: it is looked at again by itself."""
    return NeedsOperator(text, heals=True)


def _needs_decision(text: Text, _refusal: Refusal) -> AfinadorError:
    return NeedsOperator(text)


def _failed_there(text: Text, _refusal: Refusal) -> AfinadorError:
    return Permanent(text, remote=True)


def _comes_too_soon(text: Text, refusal: Refusal) -> AfinadorError:
    """Or into a conflict with something that is being done there."""
    is_busy = refusal.status in (HTTPStatus.CONFLICT, HTTPStatus.LOCKED, HTTPStatus.TOO_EARLY)
    return (Throttled if is_busy else TooSoon)(text, refusal.retry_after)


def _lacks_role(refusal: Refusal) -> bool:
    """The data plane says so with 401: the key or token is good, its owner may not do this."""
    return refusal.has_code("PermissionDenied") or refusal.mentions("data action")


ROWS = (
    Row(
        lambda r: r.has_code("DeploymentNotReady"),
        lambda text, r: DeploymentNotReady(text, r.retry_after),
        lambda r: say("The deployment is not ready yet ({detail}).", detail=r.detail),
    ),
    Row(
        lambda r: r.has_code("quotaExceeded", "InsufficientQuota"),
        _needs_decision,
        lambda r: say(
            "A quota of the resource is used up ({detail}). {make_room}, and `retry`.",
            detail=r.detail,
            make_room=r.way.surface.make_room,
        ),
    ),
    Row(
        lambda r: r.status == 407 or (r.status == 403 and r.way.proxy != "" and not r.is_worded),
        _needs_setting,
        lambda r: say(
            "A proxy on the way to {endpoint} refuses ({detail}). Check {setting}, with the name"
            " and password that it wants.",
            endpoint=r.way.endpoint,
            detail=r.detail,
            setting=r.way.proxy or "HTTPS_PROXY",
        ),
    ),
    Row(
        lambda r: r.has_code("AuthenticationTypeDisabled"),
        _needs_setting,
        lambda r: say(
            "{endpoint} takes no keys ({detail}). Set AZURE_OPENAI_AUTH=entra, with `az login` or a"
            " managed identity ({command}), and start again.",
            endpoint=r.way.endpoint,
            detail=r.detail,
            command=COMMAND,
        ),
    ),
    Row(
        lambda r: r.status == 401 and r.way.surface is RESOURCE_MANAGER,
        _needs_setting,
        lambda r: say(
            "{endpoint} refuses the token ({detail}). Run `az login`, or set a new AZURE_ARM_TOKEN"
            " and start again.",
            endpoint=r.way.endpoint,
            detail=r.detail,
        ),
    ),
    Row(
        lambda r: r.status == 401 and r.way.surface.takes_tokens and not _lacks_role(r),
        _needs_setting,
        lambda r: say(
            "{endpoint} refuses the token of Entra ID ({detail}). Log in again (`az login`, or the"
            " identity of this machine), in the tenant of the resource. A Foundry resource may want"
            " AZURE_OPENAI_SCOPE={scope}.",
            endpoint=r.way.endpoint,
            detail=r.detail,
            scope=FOUNDRY_SCOPE,
        ),
    ),
    Row(
        lambda r: r.status == 401 and not _lacks_role(r),
        _needs_setting,
        lambda r: say(
            "{endpoint} refuses the key ({detail}). Check AZURE_OPENAI_KEY, which must be of this"
            " very resource, and start again.",
            endpoint=r.way.endpoint,
            detail=r.detail,
        ),
    ),
    Row(
        lambda r: r.status == 403 and r.mentions("network", "firewall", "private endpoint"),
        _needs_setting,
        lambda r: say(
            "{endpoint} is closed to this network ({detail}). Allow this machine's address under"
            " “Networking” of the resource.",
            endpoint=r.way.endpoint,
            detail=r.detail,
        ),
    ),
    Row(
        lambda r: r.status in (401, 403),
        _needs_setting,
        lambda r: say(
            "{endpoint} does not allow this ({detail}). Check the roles of this identity; “{role}”"
            " is enough.",
            endpoint=r.way.endpoint,
            detail=r.detail,
            role=r.way.surface.role,
        ),
    ),
    Row(
        lambda r: r.status == 404,
        lambda text, _refusal: NotFound(text),
        lambda r: say(
            "{endpoint} does not know it ({detail}). If it knows nothing at all, check {settings}.",
            endpoint=r.way.endpoint,
            detail=r.detail,
            settings=r.way.surface.place,
        ),
    ),
    Row(
        lambda r: r.status == 429 or r.has_code("RequestConflict", "tooManyRequests"),
        lambda text, r: Throttled(text, r.retry_after),
        lambda r: say("The service is busy ({detail}); it is asked again.", detail=r.detail),
    ),
    Row(
        # Above the row that takes a 409 for unclear: by its own words, nothing was done.
        says_that_it_passes,
        _comes_too_soon,
        lambda r: say(
            "The service cannot do this yet ({detail}); it is asked again. If that lasts, look in"
            " the portal at what it speaks of.",
            detail=r.detail,
        ),
    ),
    Row(
        lambda r: r.status in (408, 409) or r.status >= 500,
        lambda text, r: Unclear(text, r.retry_after),
        lambda r: say("The service is in trouble ({detail}); it is asked again.", detail=r.detail),
    ),
    # A log-in page or a proxy answers so, perhaps after the service has acted.
    Row(
        lambda r: 300 <= r.status < 400,
        lambda text, r: Unclear(text, r.retry_after),
        lambda r: say(
            "{endpoint} redirects to {host} (HTTP {status}), where nothing is sent: a proxy or a"
            " log-in page on this network? Check it, and the address of the service; it is asked"
            " again.",
            endpoint=r.way.endpoint,
            host=r.redirected_to,
            status=r.status,
        ),
    ),
    Row(
        lambda r: r.is_mutation and r.mentions("support fine-tuning", "support fine tuning"),
        _failed_there,
        lambda r: say(
            "The service does not train this model so ({detail}). Set another AGENT_TRAINING_TYPE"
            " (some models are trained only as GlobalStandard), or another AZURE_OPENAI_MODEL, and"
            " `retry`.",
            detail=r.detail,
        ),
    ),
    Row(
        lambda r: r.is_mutation,
        _failed_there,
        lambda r: say(
            "The service refuses this ({detail}). Mend the cause and `retry`.", detail=r.detail
        ),
    ),
    # A refused look says nothing about what is there: giving up now could pay for it all again.
    Row(
        lambda _refusal: True,
        _needs_setting,
        lambda r: say(
            "The service refuses to be asked ({detail}). It is asked again by itself once the"
            " cause is mended.",
            detail=r.detail,
        ),
    ),
)

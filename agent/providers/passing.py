"""Whether a refusal says of itself that it will pass. Called by refusals.py."""

from __future__ import annotations

import re
from http import HTTPStatus

from agent.providers.error_answer import Refusal

CODES = re.compile(r"not_?ready|in_?progress|not_?yet|still_?processing", re.IGNORECASE)
# "Fix it and try again" is no such promise, nor is "not available".
WORDS = re.compile(
    r"(try|retry|again)\W+(it\W+)?(again\W+)?(later|shortly|soon|(in|after) (an?|some|few|\d+)\b)"
    r"|wait (for )?(an?|some|few|\d+|until)\b"
    r"|not (yet|been \w+ yet|(currently )?ready)|(not|n't) [\w ]{1,30} yet"
    r"|still (being |in )?(\w+ing|pending|progress)|is (currently )?being \w+ed|in progress"
    r"|temporarily|(status|state)\W+(is\W+)?(running|pending|processing|importing|notrunning)",
    re.IGNORECASE,
)


def says_that_it_passes(refusal: Refusal) -> bool:
    """It refuses for now only, and by its own words has not acted."""
    if refusal.status in (HTTPStatus.LOCKED, HTTPStatus.TOO_EARLY):
        return True
    if not 400 <= refusal.status < 500 or refusal.status == HTTPStatus.REQUEST_TIMEOUT:
        return False
    if any(CODES.search(code) for code in (refusal.code, *refusal.inner_codes)):
        return True
    is_certain = refusal.status != HTTPStatus.CONFLICT  # which is also said of what was done
    return is_certain and WORDS.search(f"{refusal.message} {refusal.inner}") is not None

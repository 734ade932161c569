"""When deployments of ours are to be deleted, as it was written down when they were asked for."""

from __future__ import annotations

from states.facts import Facts
from states.stages import DELETED, Deployed

SLACK = 600.0  # seconds by which the service's clock and ours may differ, and a request took


def has_ended(deployed: Deployed, now: float) -> bool:
    """A Developer deployment is past its time, so that one that is gone has ended by itself."""
    return deployed.ends is not None and deployed.ends - SLACK <= now


def own_end(facts: Facts) -> float | None:
    """Unix seconds, when our deployment of this generation is to be deleted; None where it is not
    there, or that is left to a person."""
    requested, deployed = facts.requested, facts.deployed
    if requested is None or not requested.is_ours or requested.status == DELETED:
        return None
    is_there = deployed is None or (deployed.is_ours and deployed.status != DELETED)
    return requested.until if is_there else None


def parent_end(facts: Facts) -> float | None:
    """As own_end, of the generation before."""
    found = None if facts.parent is None else facts.parent.deployment
    is_there = found is not None and found.is_ours and found.status != DELETED
    return found.until if found is not None and is_there else None


def next_end(facts: Facts) -> float | None:
    """Of both."""
    ends = [end for end in (own_end(facts), parent_end(facts)) if end is not None]
    return min(ends, default=None)

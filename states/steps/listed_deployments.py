"""Looking for a deployment: by itself, or by a listing that all who wait for one share.

find_deployment.py calls this.
"""

from __future__ import annotations

from collections.abc import Sequence

from states.patience import since_poll
from states.ports import Ports
from states.remote import Phase, RemoteDeployment
from states.stages import Requested, Trained

Listed = Sequence[RemoteDeployment]


def look_together(requested: Requested, ports: Ports) -> Listed | None:
    """What many see at this poll. None: nobody else looks, or that is not to be relied upon.

    A person who has named one has just made it: no listing of before is asked for that."""
    if requested.named is not None:
        return None
    within = since_poll(ports.now, ports.preferences.poll_seconds)
    return ports.read.deployments_glimpse(requested.name, within)


def find_named(
    requested: Requested, trained: Trained, ports: Ports, seen: Listed | None
) -> RemoteDeployment | None:
    """The one of that name. What is bad of ours is no listing's word."""
    name = requested.named or requested.name
    found = next((d for d in seen or () if d.name.casefold() == name.casefold()), None)
    is_well = found is not None and found.phase is not Phase.DEAD and trained.is_named(found.model)
    if seen is not None and (is_well or not requested.is_ours):
        return found
    return ports.read.deployment(name)


def list_all(trained: Trained, ports: Ports, seen: Listed | None) -> list[RemoteDeployment]:
    """Every deployment of this very model, by whatever it was called when it was deployed."""
    if seen is not None:
        return [found for found in seen if trained.is_named(found.model)]
    found = list(ports.read.deployments_of(trained.model))
    if trained.checkpoint is not None:
        found += ports.read.deployments_of(trained.checkpoint.id)
    return found

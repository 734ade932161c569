"""A deliberate breakage of how people are told, as a small patch of a public seam.

sabotage.py lists it, and which proof must notice it.
"""

from __future__ import annotations

from typing import Any

import pytest

from agent.notices.outbox import Outbox

Patch = pytest.MonkeyPatch


def noted_before_it_is_sent(patch: Patch) -> None:
    send = Outbox._send

    def notes_and_sends(self: Outbox, project: Any, *given: Any) -> None:
        telling = self._telling
        telling.store.mark_told(telling.home, self.channel.digest, project.name, project.version)
        send(self, project, *given)

    patch.setattr(Outbox, "_send", notes_and_sends)

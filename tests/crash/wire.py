"""The service as one process reaches it, with a point before, in and after every request."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from agent.engine.send_deadline import seconds_left
from states.errors import Throttled
from tests.fake_objects import MUTATIONS, TIMEOUT, one_by_one

if TYPE_CHECKING:
    from tests.crash.agent import Agent


class Wire:
    """The service as one process reaches it."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent

    def __getattr__(self, name: str) -> Callable[..., Any]:
        agent = self._agent

        def call(*given: Any) -> Any:
            service = agent.world.service
            agent.point(f"{name}: before")
            if name in MUTATIONS:
                service.connect()
                if seconds_left() <= 0:
                    raise Throttled("It took too long to be sent.")
                agent.sending = True
                agent.point.in_flight(
                    f"{name}: in flight", lambda: service.act_later(TIMEOUT * 0.9, name, given)
                )
            agent.sending = False
            found = getattr(service, name)(*given)
            agent.point(f"{name}: after")
            return found

        return call

    def chat_many(
        self, deployment: str, take: Callable[..., Any], unsupported: Any, *_limits: Any
    ) -> Any:
        # The real provider, over HTTP, knows no such number.
        batch = getattr(self._agent.world.service, "batch", 1)
        return one_by_one(partial(self.chat, deployment), take, unsupported, batch)

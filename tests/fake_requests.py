"""How requests to the service in memory fare. On demand with all the malice of a real network: lost
requests and replies, late acts, slow answers.

tests/fake_service.py is what acts; tests order fates and faults.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from states.errors import NeedsOperator, NotFound, Permanent, Throttled, Unclear, Unreachable
from tests.fake_objects import MUTATIONS, Clock, Fate

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


def request(
    act: Callable[Concatenate[Any, Given], Answer],
) -> Callable[Concatenate[Requests, Given], Answer]:
    """What the service does is asked for over the wire, and fares there as a test has ordered."""

    @wraps(act)
    def asked(service: Requests, /, *given: Given.args, **_: Given.kwargs) -> Answer:
        answer: Answer = service.fare(act.__name__, given)
        return answer

    return asked


class Requests:
    """Every request to come. Without orders it is acted upon at once and answered.

    `fates`, `looks`: what becomes of the mutations and of the other requests. `before`, `after`: by
    request, what is raised without acting, or although it has acted.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.connecting = 0.0  # seconds that a mutation needs to get to the wire
        self.fates: dict[str, deque[Fate]] = {
            name: deque() for name in MUTATIONS
        }  # for the mutations to come
        self.looks: deque[Fate] = deque()  # for the looks and reads to come
        self.late: list[tuple[float, str, tuple[Any, ...]]] = []
        self.in_a_hurry = False  # while True no answer takes any time
        self.sent: list[str] = []  # every mutation that was asked for
        self.before: dict[str, list[Exception]] = {}
        self.after: dict[str, list[Exception]] = {}
        clock.passing.append(self._catch_up)

    def fare(self, name: str, given: tuple[Any, ...]) -> Any:
        """One request over the wire, with whatever fate awaits it."""
        self._catch_up()
        if name in MUTATIONS:
            self.sent.append(name)
        if self.before.get(name):
            raise self.before[name].pop(0)
        if name in MUTATIONS:
            fate = self.fates[name].popleft() if self.fates[name] else None
            answer = self._mutated(name, given, fate)
        else:
            answer = self._seen(name, given, self.looks.popleft() if self.looks else None)
        if self.after.get(name):
            raise self.after[name].pop(0)
        return answer

    def _seen(self, name: str, given: tuple[Any, ...], fate: Fate | None) -> Any:
        kind = None if fate is None else fate.kind
        if kind == "unclear_look":
            raise Unclear("The service is in trouble; it is asked again.")
        if kind == "deaf":
            raise Unreachable("Nobody answers.")
        if kind == "unknown" and name not in ("is_job_over", "is_file_deleted"):
            raise NotFound("There is no such thing (HTTP 404).")
        if kind == "refused":
            raise NeedsOperator("The service refuses to be asked (HTTP 400).", heals=True)
        seen = self._act(name, given)
        if fate is not None and kind == "slow":
            self._spend(fate.seconds)
        return seen

    def _mutated(self, name: str, given: tuple[Any, ...], fate: Fate | None) -> Any:
        if fate is None:
            return self._act(name, given)
        if fate.kind == "refused_connection":
            raise Unreachable("Nobody answers.")
        if fate.kind == "busy":
            raise Throttled("The service is busy.", fate.seconds)
        if fate.kind == "unknown":
            raise NotFound("There is no such thing (HTTP 404).")
        if fate.kind == "slow":
            done = self._act(name, given)
            self._spend(fate.seconds)
            return done
        if (
            fate.kind == "long"
        ):  # time-outs are counted between two signs of life, so a request may take longer than one
            self._spend(fate.seconds)
        if fate.kind in ("silent", "long"):
            self._act(name, given)
        if fate.kind == "late":
            self.act_later(fate.seconds, name, given)
        raise Unclear("No answer in time.")

    def connect(self) -> None:
        """A name to be looked up, a connection to be made: nothing has been sent yet."""
        self._spend(self.connecting)

    def act_later(self, seconds: float, name: str, given: tuple[Any, ...]) -> None:
        """The sender has given up or is dead; the request is on its way all the same."""
        self.late.append((self.clock.true + seconds, name, given))

    def _spend(self, seconds: float) -> None:
        if not self.in_a_hurry:
            self.clock.spend(seconds)

    def _catch_up(self) -> None:
        now = self.clock.true
        due = sorted((late for late in self.late if late[0] <= now), key=lambda late: late[0])
        self.late = [late for late in self.late if late[0] > now]
        for when, name, given in due:
            self.clock.true = when  # it happens then, though the model gets to it only now
            with suppress(Permanent):  # nobody hears it
                self._act(name, given)
        self.clock.true = now

    def _act(self, name: str, given: tuple[Any, ...]) -> Any:
        return getattr(type(self), name).__wrapped__(self, *given)

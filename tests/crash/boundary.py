"""The places where a process can end: around requests, transactions and writes.

Wire, Engine and Disk call a Boundary; a proof says at which of its points something happens.
"""

from __future__ import annotations

from collections.abc import Callable


class Ended(BaseException):
    """The process is gone at this very point.

    Not an Exception: nothing in the product may catch it.
    """


class Boundary:
    """Counts the points a process passes.

    At the one numbered `at` it does `then` (by default: the process ends there).
    """

    def __init__(
        self,
        at: int | None = None,
        then: Callable[[str], None] | None = None,
        *,
        only_requests: bool = False,
    ) -> None:
        self.at, self.then, self._only_requests = at, then, only_requests
        self.count, self.trail, self.over = 0, "", False
        self.power_cut = False

    def __call__(self, name: str) -> None:
        if self._reached(name):
            if self.then is None:
                self.end(name)
            then, self.then = self.then, lambda _: None
            then(name)

    def in_flight(self, name: str, send: Callable[[], None]) -> None:
        """A point at which the request has left the machine: should the process end here, it is
        acted upon later.
        """
        if self._reached(name):
            if self.then is None:
                send()
                self.end(name)
            then, self.then = self.then, lambda _: None
            then(name)

    def _reached(self, name: str) -> bool:
        if self.over:
            raise Ended(name)  # the dead do nothing more, not even clean up
        if self._only_requests and name.startswith(("transaction", "file")):
            return False
        self.count += 1
        if self.count - 1 == self.at:
            self.trail = name
            return True
        return False

    def end(self, name: str) -> None:
        self.over = True
        raise Ended(name)

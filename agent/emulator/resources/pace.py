"""How far a training has come, by the time that it is to last. training_run.py asks."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Pace:
    """`began`: on the monotonic clock, as if it had never rested; `seconds`: for all `steps`."""

    began: float
    seconds: float
    steps: int

    def reached(self) -> int:
        """The last step that is done by now; 0 before the first."""
        if self.seconds <= 0:
            return self.steps
        share = (time.monotonic() - self.began) / self.seconds
        return min(int(share * self.steps), self.steps)

    def seconds_to(self, step: int) -> float:
        """Until that step is done; 0 once it is."""
        return max(self.began + self.seconds * step / self.steps - time.monotonic(), 0.0)

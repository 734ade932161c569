"""Numbers, shares and intervals as the reader's language writes them. Every part of the page uses
it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.views.language import Translate
from states.evaluation.comparison import readable
from states.text import Rounded, Text, dollars, say

NOTHING = "—"  # for what is not known


def count_cases(count: int) -> Text:
    return say("{count} case", "{count} cases", count=count)


@dataclass(frozen=True)
class Speech:
    """`language`: "en" or "es", as the page says of itself."""

    translate: Translate
    language: str

    def tell(self, text: Text) -> str:
        """The sentence, with no number torn from its sign at the end of a line."""
        return self.translate(text).replace(" %", "\xa0%")

    def number(self, value: float | None, digits: int = 0) -> str:
        if value is None:
            return NOTHING
        return self.tell(say("{number}", number=Rounded(value, digits)))

    def percent(self, share: float | None, digits: int = 1) -> str:
        """`share`: 0..1."""
        if share is None:
            return NOTHING
        return self.tell(say("{share} %", share=Rounded(share * 100, digits)))

    def interval(self, bounds: Sequence[float] | None, digits: int = 1) -> str:
        """Two shares, as “90.4–92.3 %”."""
        if not bounds:
            return NOTHING
        low, high = (Rounded(bound * 100, digits) for bound in bounds)
        return self.tell(say("{low}–{high} %", low=low, high=high))

    def points(self, share: float | None) -> str:
        """A difference of shares in percentage points, with its sign."""
        if share is None:
            return NOTHING
        sign = "+" if share > 0 else "−" if share < 0 else "±"
        return sign + self.tell(say("{number}", number=Rounded(abs(share) * 100, 1)))

    def points_between(self, bounds: Sequence[float] | None) -> str:
        if not bounds:
            return NOTHING
        low, high = (self.points(bound) for bound in bounds)
        return self.tell(say("from {low} to {high}", low=low, high=high))

    def p_value(self, p: float | None) -> str:
        if p is None:
            return NOTHING
        if p < 0.001:
            return "< " + self.tell(say("{number}", number=Rounded(0.001, 3)))
        return self.tell(say("{number}", number=readable(p)))

    def seconds(self, value: float | None) -> str:
        if value is None:
            return NOTHING
        return self.tell(say("{seconds} s", seconds=Rounded(value, 2)))

    def dollars(self, value: float | None) -> str:
        """More digits for less than ten cents: of such are a thousand questions."""
        if value is None:
            return NOTHING
        digits = max(dollars(value).digits, 4 if 0 < value < 0.1 else 2)
        return self.tell(say("{amount} USD", amount=Rounded(value, digits)))

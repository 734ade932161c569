"""What the proofs share: silence in the logs, and their counts at the end of the run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import pytest
import structlog

COUNTED, TOTAL = "proof", "total"


class Tell(Protocol):
    """`tell("397 crashes, 0 duplicates")`: a line in the summary at the end.

    `tell(…, crashes=397)` adds to the sums of the run.
    """

    def __call__(self, line: str, **totals: int) -> None: ...


@pytest.fixture
def quiet() -> Iterator[None]:
    """No log lines: thousands of lives would write millions of them."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    yield
    structlog.configure(**before)


@pytest.fixture
def tell(record_property: Callable[[str, Any], None]) -> Tell:
    """Whatever pytest captures, and also if the test fails afterwards."""

    def told(line: str, **totals: int) -> None:
        record_property(COUNTED, line)
        for what, number in totals.items():
            record_property(TOTAL, (what, number))

    return told


def pytest_terminal_summary(terminalreporter: Any) -> None:
    reports = [
        r
        for name in ("passed", "failed")
        for r in terminalreporter.stats.get(name, ())
        if r.when == "call"
    ]
    told = sorted(
        (r for r in reports if any(name == COUNTED for name, _ in r.user_properties)),
        key=lambda r: r.nodeid,
    )
    if not told:
        return
    terminalreporter.section("once, whatever happens")
    totals: Counter[str] = Counter()
    for report in told:
        lines = "; ".join(line for name, line in report.user_properties if name == COUNTED)
        test = report.nodeid.partition("@")[0].rpartition("/")[2].removeprefix("test_")
        terminalreporter.write_line(f"{test}: {lines} [{report.duration:.0f} s]")
        for what, number in (value for name, value in report.user_properties if name == TOTAL):
            totals[what] += number
    if totals:
        terminalreporter.write_line(
            f"in all: {', '.join(f'{number} {what}' for what, number in sorted(totals.items()))}"
        )

"""What the proofs share: silence in the logs, and their counts at the end of the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

COUNTED = "proof"
Tell = Callable[[str], None]


@pytest.fixture
def quiet() -> Iterator[None]:
    """No log lines: thousands of lives would write millions of them."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    yield
    structlog.configure(**before)


@pytest.fixture
def tell(record_property: Callable[[str, Any], None]) -> Tell:
    """`tell("397 crashes, 0 duplicates")`: a line in the summary at the end, whatever pytest captures."""
    return lambda line: record_property(COUNTED, line)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    reports = [r for name in ("passed", "failed") for r in terminalreporter.stats.get(name, ())]
    lines = [
        (r.nodeid, r.duration, line) for r in reports for name, line in r.user_properties if name == COUNTED and r.when == "call"
    ]
    if not lines:
        return
    terminalreporter.section("once, whatever happens")
    for nodeid, seconds, line in sorted(lines):
        terminalreporter.write_line(
            f"{nodeid.partition('@')[0].rpartition('/')[2].removeprefix('test_')}: {line} [{seconds:.0f} s]"
        )

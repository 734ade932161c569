"""SQL statements that were compiled once for every engine of this process.

tests/conftest.py and tests/crash/engine.py call it: each test, and each life, has engines of its
own, and compiling the same statements anew would take a third of its time.
"""

from __future__ import annotations

from typing import Any

_COMPILED: dict[tuple[str, str], Any] = {}


def share_compiled_statements(engine: Any) -> None:
    """Gives the engine the dialect and the compiled statements of the first one."""
    name = engine.dialect.name
    if (name, "dialect") not in _COMPILED:
        with engine.connect():
            _COMPILED[name, "dialect"] = engine.dialect
            _COMPILED[name, "cache"] = engine._compiled_cache
    engine.dialect, engine._compiled_cache = _COMPILED[name, "dialect"], _COMPILED[name, "cache"]

"""SQL statements that were compiled once for every engine of this process.

tests/conftest.py and tests/crash/engine.py call it: each test, and each life, has engines of its
own, and compiling the same statements anew would take a third of its time.
"""

from __future__ import annotations

from typing import Any

_COMPILED: dict[str, Any] = {}


def share_compiled_statements(engine: Any) -> None:
    """Gives the engine the dialect and the compiled statements of the first one."""
    if not _COMPILED:
        with engine.connect():
            _COMPILED.update(dialect=engine.dialect, cache=engine._compiled_cache)
    engine.dialect, engine._compiled_cache = _COMPILED["dialect"], _COMPILED["cache"]

"""The memory of a process, as the operating system counts it: Linux alone can tell.

Used by lives.py and tests/crash/test_fuzz.py.
"""

from __future__ import annotations

from pathlib import Path

_CLEAR = Path("/proc/self/clear_refs")


class Memory:
    """How much more this process has needed since it was made."""

    def __init__(self) -> None:
        self._is_known = _CLEAR.exists()
        if self._is_known:
            _CLEAR.write_text("5")  # from now on the peak is counted anew
            self._before = _read("VmRSS")

    def grown(self) -> int:
        """Bytes, at the peak."""
        return _read("VmHWM") - self._before if self._is_known else 0


def memory_of(pid: int) -> int:
    """Bytes that the process needed at its peak; 0 where nobody knows."""
    return _read("VmHWM", pid) if _CLEAR.exists() else 0


def _read(name: str, process: int | str = "self") -> int:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) * 1024

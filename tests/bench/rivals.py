"""Who the product is measured against, each in a virtual environment of its own.

    .venv/bin/python -m tests.bench.rivals

installs them once: the peers of rivals.txt into `.venv-bench`, and the product as it was at commit
26aa9e6, taken out of this repository's own history, into `.bench/26aa9e6`. Both are left out of
git. What cannot be installed (no network, no history) is said, and the benchmarks run without it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import venv
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).parents[2]
COMMIT = "26aa9e6"
_REQUIREMENTS = Path(__file__).parent / "rivals.txt"
_PEERS, _BEFORE = ROOT / ".venv-bench", ROOT / ".bench" / COMMIT
_MINUTES = 20 * 60.0


@dataclass(frozen=True)
class House:
    """An interpreter and the code that it finds."""

    python: Path
    source: Path
    # Why nothing can be measured here, "" where it can.
    missing: str = ""
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What a process of it is started with: none of a person's own settings."""
        kept = ("HOME", "LANG", "PATH", "TMPDIR")
        own = {name: os.environ[name] for name in kept if name in os.environ}
        # The bytecode of the packages is there already; that of the source is written once.
        return {**own, "PYTHONPATH": str(self.source), "AGENT_ENV_FILE": os.devnull, **self.extra}


HERE = House(Path(sys.executable), ROOT)


def find_peers() -> House:
    """DBOS, LangGraph and Procrastinate as rivals.txt pins them."""
    return House(_PEERS / "bin" / "python", ROOT, _say_missing(_PEERS))


def find_before() -> House:
    """The product at COMMIT."""
    return House(_BEFORE / ".venv" / "bin" / "python", _BEFORE / "source", _say_missing(_BEFORE))


def _say_missing(folder: Path) -> str:
    if (folder / ".installed").exists():
        return ""
    return "not installed; `python -m tests.bench.rivals` tries it and says why not"


def install_peers() -> None:
    _install(_PEERS, _PEERS, _REQUIREMENTS)


def install_before() -> None:
    """Raises OSError or CalledProcessError where there is no history or no package index."""
    if (_BEFORE / ".installed").exists():
        return
    packed = subprocess.run(
        [shutil.which("git") or "git", "archive", "--format=tar", COMMIT],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        timeout=_MINUTES,
    ).stdout
    with tarfile.open(fileobj=BytesIO(packed)) as archive:
        archive.extractall(_BEFORE / "source", filter="data")
    _install(_BEFORE, _BEFORE / ".venv", _BEFORE / "source" / "requirements.lock")


def _install(folder: Path, environment: Path, requirements: Path) -> None:
    mark = folder / ".installed"
    if mark.exists() and mark.stat().st_mtime >= requirements.stat().st_mtime:
        return
    print(f"Installing {requirements.relative_to(ROOT)} (once) ...", flush=True)
    venv.create(environment, with_pip=True, symlinks=True)
    pip = [environment / "bin" / "python", "-m", "pip", "--quiet", "--disable-pip-version-check"]
    asked = ["install", "--require-hashes", "-r", requirements]
    subprocess.run([*pip, *asked], check=True, timeout=_MINUTES)
    mark.touch()


def main() -> None:
    for name, install in (("the peers", install_peers), (COMMIT, install_before)):
        try:
            install()
        except (OSError, subprocess.SubprocessError) as error:
            print(f"{name}: cannot be installed, and will not be measured: {error}")


if __name__ == "__main__":
    main()

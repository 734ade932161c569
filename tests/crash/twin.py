"""One of several agents on one database: the whole application, but without the lock that keeps a
second daemon away.

Run as `python twin.py FOLDER`: says there that it is ready, waits for the file `go`, then ticks
until the project has ended.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from agent.bootstrap import Application
from agent.engine.ownership import select_projects
from agent.settings.config import load
from states.errors import StoreError


def main(folder: Path) -> int:
    app = Application(load(), is_daemon=True)
    try:
        app.connect()
        (folder / f"ready-{os.getpid()}").touch()
        while not (folder / "go").exists():
            time.sleep(0.001)
        name = next(iter(select_projects(app.store, None, app.settings.service, time.time()))).name
        app.recover()
        return _ticked_to_the_end(app, name)
    finally:
        app.close()


def _ticked_to_the_end(app: Application, name: str) -> int:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            project = app.ticker.tick(name).after
        except StoreError as error:  # as the driver does: said, and tried again
            sys.stderr.write(f"{error}\n")
            continue
        if project.state.is_terminal or project.hold is not None:
            return 0
        if project.due_at is not None:
            time.sleep(min(max(project.due_at - time.time(), 0.0), 0.2))
    return 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

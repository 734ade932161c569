"""The database's address: which ones are taken, and the passwords in it. Called by config.py."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlsplit

from agent.settings.reader import Reader
from states.text import say

# How each kind of database is spoken to.
_KINDS = r"(sqlite(\+pysqlite)?|postgresql\+psycopg)://"
_SECRETS = ("password", "sslpassword")  # as libpq spells them


def check_database(reader: Reader, given: str, home: Path) -> str:
    value = given or f"sqlite:///{quote(str(home))}/data/agent.db"
    # As those who rent out databases write it; psycopg is what speaks to them.
    value = re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", value)
    try:
        parts = urlsplit(value)
        is_file = parts.scheme.startswith("sqlite")
        is_clear = is_file or _has_clear_borders(parts)
        # One in memory would be another one for each connection, and forget what was paid for; so
        # may one that SQLite opens by a URI of its own (`file:`).
        is_forgetful = is_file and (
            parts.path in ("", "/") or re.search(r":memory:|/file:|mode=memory", value) is not None
        )
        good = re.match(_KINDS, value) is not None and is_clear and not is_forgetful
    except ValueError:
        good = False
    if not good:
        # Not shown: it may hold a password, which can only be told apart in a URL that is one.
        reader.add_mistake(
            say(
                "AGENT_DATABASE_URL is not a database URL. Examples:"
                " sqlite:////srv/afinador/agent.db and"
                " postgresql+psycopg://afinador@db.example:5432/afinador. In a password"
                " @ : / ? # are written %40 %3A %2F %3F %23."
            )
        )
        return ""
    return value


def _has_clear_borders(parts: SplitResult) -> bool:
    """Whoever reads the address finds the same password in it: a bare @, / or ? moves its end, and
    the rest would be taken for a host, and shown. ValueError for a port that is none."""
    beyond = f"{parts.path}{parts.query}"
    return (
        parts.port != 0 and not parts.fragment and parts.netloc.count("@") < 2 and "@" not in beyond
    )


def passwords_in(url: str) -> tuple[str, ...]:
    """In both forms: a URL writes one encoded, a driver's message plain."""
    parts = urlsplit(url)
    named = parse_qs(parts.query)
    found = [parts.password or "", *(one for name in _SECRETS for one in named.get(name, ()))]
    return tuple(form for one in found for form in (one, unquote(one), quote(one, safe="")))

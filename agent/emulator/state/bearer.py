"""Tokens as Entra ID gives them: numbered, signed, for one audience, with an end.

resources/entra.py gives them out, server/auth.py reads them. Their clock can be moved.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import asdict, dataclass
from typing import Any

from agent.emulator.state.behaviour import BehaviourStore
from agent.emulator.state.storage import Store


@dataclass(frozen=True)
class Claims:
    """`aud`: what the token is for. `nbf`, `exp`: unix seconds. `jti`: 1, 2, 3, …"""

    aud: str
    nbf: int
    exp: int
    jti: int


def issue(store: Store, behaviour: BehaviourStore, audience: str) -> tuple[str, Claims]:
    """The next token for this audience, which lives as long as the behaviour says."""
    start = int(behaviour.now())
    end = start + int(behaviour.current.token_seconds)
    with store.transaction() as db:
        count = int(_find(store, "token-count") or 0) + 1
        db.execute("INSERT OR REPLACE INTO controls VALUES('token-count', ?)", (str(count),))
    claims = Claims(audience, start, end, count)
    said = f"{_encode({'typ': 'JWT', 'alg': 'HS256'})}.{_encode(asdict(claims))}"
    return f"{said}.{_sign(store, said)}", claims


def read(store: Store, token: str) -> Claims | None:
    """What a token of this emulator's says, ended or not; None for any other text."""
    said, _, signature = token.rpartition(".")
    if said.count(".") != 1:
        return None
    if not hmac.compare_digest(signature.encode(), _sign(store, said).encode()):
        return None
    body = said.partition(".")[2]
    return Claims(**json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))


def _sign(store: Store, said: str) -> str:
    secret = _secret(store).encode()
    return _plain(hmac.new(secret, said.encode(), hashlib.sha256).digest())


def _encode(body: dict[str, Any]) -> str:
    return _plain(json.dumps(body).encode())


def _plain(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")


def _secret(store: Store) -> str:
    """This emulator's own, made the first time it is needed."""
    while not (found := _find(store, "token-secret")):
        with store.transaction() as db:
            made = secrets.token_hex(16)
            db.execute("INSERT OR IGNORE INTO controls VALUES('token-secret', ?)", (made,))
    return found


def _find(store: Store, name: str) -> str:
    """A value of the table of controls; empty where there is none."""
    row = store.row("SELECT value FROM controls WHERE name = ?", name)
    return "" if row is None else str(row["value"])

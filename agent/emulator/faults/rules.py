"""The fault rules that a test has set, and which of them strikes next.

middleware.py asks for every request; server/controls.py replaces the rules (/_emulator/faults).
The rules and what is left of them are stored, so a restart changes nothing.
"""

from __future__ import annotations

import json
import re
from typing import Any

from agent.emulator.protocol.errors import ServiceError
from agent.emulator.state.storage import Store

_NEEDS_SECONDS = ("delay", "act_later")
KINDS = ("drop_before", "drop_after", "answer", "truncate", *_NEEDS_SECONDS)
_STATUSES = range(200, 600)
_MATCHES = {"method", "path"}
_LONGEST = 86400  # seconds
_LATIN_1 = 256
_EXAMPLE = (
    'A rule looks like {"match": {"method": "POST", "path": "regex"}, "skip": 0, "times": 1, "do":'
    ' {"kind": "…"}}.'
)

Rule = dict[str, Any]


class FaultRules:
    """An ordered list; the first matching rule with nothing left to skip and uses left strikes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        row = store.row("SELECT value FROM controls WHERE name = 'faults'")
        self._rules: list[Rule] = json.loads(row["value"]) if row else []

    def list_all(self) -> list[Rule]:
        """The rules, with what is left to skip and to do."""
        return self._rules

    def replace(self, rules: Any) -> list[Rule]:
        """Sets these rules and no others. Raises ServiceError if one makes no sense."""
        if not isinstance(rules, list):
            raise _invalid("Send a JSON list of rules.")
        self._rules = [_check(rule) for rule in rules]
        self._keep()
        return self._rules

    def take_next(self, method: str, path: str) -> Rule | None:
        """What to do to this request; uses a rule up. Called from the event loop only."""
        for rule in self._rules:
            if rule["times"] == 0 or not _is_match(rule["match"], method, path):
                continue
            if rule["skip"] > 0:
                rule["skip"] -= 1
                self._keep()
                continue
            if rule["times"] is not None:
                rule["times"] -= 1
                self._keep()
            do: Rule = rule["do"]
            return do
        return None

    def _keep(self) -> None:
        with self._store.transaction() as db:
            value = json.dumps(self._rules)
            db.execute("INSERT OR REPLACE INTO controls VALUES('faults', ?)", (value,))


def _is_match(match: dict[str, str], method: str, path: str) -> bool:
    if match.get("method", method).upper() != method:
        return False
    return re.search(match.get("path", ""), path) is not None


def _check(rule: Any) -> Rule:
    """A rule with its defaults filled in. Raises ServiceError."""
    if not isinstance(rule, dict):
        raise _invalid(_EXAMPLE)
    match, do = rule.get("match", {}), rule.get("do")
    if not isinstance(do, dict) or not isinstance(match, dict):
        raise _invalid(_EXAMPLE)
    if set(match) - _MATCHES or not all(isinstance(value, str) for value in match.values()):
        raise _invalid(f"match has a method, a path, or both, as texts. {_EXAMPLE}")
    times, skip = rule.get("times", 1), rule.get("skip", 0)
    if not _is_count(skip) or not (times is None or _is_count(times)):
        raise _invalid("skip must be a whole number that is not negative, times one or null.")
    _check_action(do)
    try:
        re.compile(match.get("path", ""))
    except re.error as error:
        raise _invalid(f"match.path is no regular expression: {error}.") from error
    return {"match": match, "skip": skip, "times": times, "do": do}


def _check_action(do: dict[str, Any]) -> None:
    if do.get("kind") not in KINDS:
        raise _invalid(f"do.kind must be one of {', '.join(KINDS)}.")
    seconds = do.get("seconds")
    if do["kind"] in _NEEDS_SECONDS and not (
        isinstance(seconds, int | float) and 0 <= seconds <= _LONGEST
    ):
        raise _invalid(f"'{do['kind']}' needs a number of seconds, at most {_LONGEST}.")
    if do["kind"] == "answer" and do.get("status") not in _STATUSES:
        raise _invalid("'answer' needs an HTTP status from 200 to 599.")
    headers = do.get("headers", {})
    if not isinstance(headers, dict) or not all(map(_can_be_sent, headers.items())):
        raise _invalid("headers must be an object of texts, each of one line of Latin-1.")


def _can_be_sent(header: tuple[str, Any]) -> bool:
    text = "".join(map(str, header))
    return text.isprintable() and all(ord(letter) < _LATIN_1 for letter in text)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and value >= 0


def _invalid(message: str) -> ServiceError:
    return ServiceError(400, "invalidFault", message)

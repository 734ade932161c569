"""Which fault comes next. Rules and what is left of them are kept, so a restart changes nothing."""

from __future__ import annotations

import json
import re
from typing import Any

from agent.emulator.protocol.errors import ServiceError
from agent.emulator.state.storage import Store

_NEEDS_SECONDS = ("delay", "act_later")
_KINDS = ("drop_before", "drop_after", "answer", "truncate", *_NEEDS_SECONDS)
_STATUSES = range(200, 600)

Rule = dict[str, Any]


class FaultRules:
    """An ordered list; the first rule that matches, has nothing left to skip and is not used up strikes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        row = store.row("SELECT value FROM controls WHERE name = 'faults'")
        self._rules: list[Rule] = json.loads(row["value"]) if row else []

    def all(self) -> list[Rule]:
        """The rules, with what is left to skip and to do."""
        return self._rules

    def replace(self, given: Any) -> list[Rule]:
        """From now on these rules and no others. Raises ServiceError on one that makes no sense."""
        if not isinstance(given, list):
            raise _senseless("Send a JSON list of rules.")
        self._rules = [_checked(rule) for rule in given]
        self._keep()
        return self._rules

    def next_for(self, method: str, path: str) -> Rule | None:
        """What to do to this request, and one time less is left. Called from the event loop only."""
        for rule in self._rules:
            if rule["times"] == 0 or not _matches(rule["match"], method, path):
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
            db.execute(
                "INSERT OR REPLACE INTO controls VALUES('faults', ?)", (json.dumps(self._rules),)
            )


def _matches(match: dict[str, str], method: str, path: str) -> bool:
    if match.get("method", method).upper() != method:
        return False
    return re.search(match.get("path", ""), path) is not None


def _checked(rule: Any) -> Rule:
    if (
        not isinstance(rule, dict)
        or not isinstance(rule.get("do"), dict)
        or not isinstance(rule.get("match", {}), dict)
    ):
        raise _senseless(
            'A rule looks like {"match": {"method": "POST", "path": "regex"}, "skip": 0, "times":'
            ' 1, "do": {"kind": "…"}}.'
        )
    do, times, skip = rule["do"], rule.get("times", 1), rule.get("skip", 0)
    if do.get("kind") not in _KINDS:
        raise _senseless(f"do.kind must be one of {', '.join(_KINDS)}.")
    if do["kind"] in _NEEDS_SECONDS and not isinstance(do.get("seconds"), int | float):
        raise _senseless(f"'{do['kind']}' needs a number of seconds.")
    if do["kind"] == "answer" and do.get("status") not in _STATUSES:
        raise _senseless("'answer' needs an HTTP status from 200 to 599.")
    if not isinstance(skip, int) or not (times is None or isinstance(times, int)):
        raise _senseless("skip must be a whole number, times one or null.")
    match = rule.get("match", {})
    try:
        re.compile(match.get("path", ""))
    except re.error as error:
        raise _senseless(f"match.path is no regular expression: {error}.") from error
    return {"match": match, "skip": skip, "times": times, "do": do}


def _senseless(message: str) -> ServiceError:
    return ServiceError(400, "invalidFault", message)

"""The emulator's own endpoints under /_emulator/: the ledger, faults to order, and changed behaviour. They need no key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

from agent.emulator.faults.fault_rules import FaultRules
from agent.emulator.protocol.wire import Answer, Call
from agent.emulator.resources.emulator import Emulator
from agent.emulator.state import ledger
from agent.emulator.state.behaviour import Behaviour

Handler = Callable[[Emulator, Call], Answer]


def read_ledger(emulator: Emulator, _call: Call) -> Answer:
    """GET /_emulator/ledger."""
    return Answer(200, ledger.read(emulator.store))


def show_behaviour(emulator: Emulator, _call: Call) -> Answer:
    """GET /_emulator/behaviour."""
    return Answer(200, asdict(emulator.behaviours.now))


def change_behaviour(emulator: Emulator, call: Call) -> Answer:
    """PUT /_emulator/behaviour: a partial change."""
    return Answer(200, asdict(emulator.behaviours.update(call.body)))


def reset_behaviour(emulator: Emulator, _call: Call) -> Answer:
    """DELETE /_emulator/behaviour."""
    return Answer(200, asdict(emulator.behaviours.update(dict.fromkeys(asdict(Behaviour())))))


def fault_handlers(rules: FaultRules) -> dict[str, Handler]:
    """GET, PUT and DELETE of /_emulator/faults."""
    return {
        "GET": lambda _emulator, _call: Answer(200, rules.all()),
        "PUT": lambda _emulator, call: Answer(200, rules.replace(call.body)),
        "DELETE": lambda _emulator, _call: Answer(200, rules.replace([])),
    }

"""The handlers of /_emulator/: the ledger, the behaviour and the faults that a test orders."""

from __future__ import annotations

from dataclasses import asdict

from agent.emulator.faults.rules import FaultRules
from agent.emulator.protocol.http import Request, Response
from agent.emulator.resources.context import Context, Handler
from agent.emulator.state import ledger
from agent.emulator.state.home import Home


def show_ledger(context: Context, _request: Request) -> Response:
    """GET /_emulator/ledger."""
    return Response(200, ledger.read(context.store))


def show_identity(context: Context, _request: Request) -> Response:
    """GET /_emulator/identity."""
    return Response(200, {"identity": Home(context.settings.home).identity})


def show_behaviour(context: Context, _request: Request) -> Response:
    """GET /_emulator/behaviour."""
    return Response(200, asdict(context.behaviour.current))


def change_behaviour(context: Context, request: Request) -> Response:
    """PUT /_emulator/behaviour: a partial change."""
    return Response(200, asdict(context.behaviour.change(request.body)))


def reset_behaviour(context: Context, _request: Request) -> Response:
    """DELETE /_emulator/behaviour."""
    return Response(200, asdict(context.behaviour.reset()))


def list_fault_handlers(rules: FaultRules) -> list[tuple[str, str, Handler]]:
    """GET, PUT and DELETE of /_emulator/faults."""

    def show(_context: Context, _request: Request) -> Response:
        return Response(200, rules.list_all())

    def replace(_context: Context, request: Request) -> Response:
        return Response(200, rules.replace(request.body))

    def clear(_context: Context, _request: Request) -> Response:
        return Response(200, rules.replace([]))

    return [("GET", "/faults", show), ("PUT", "/faults", replace), ("DELETE", "/faults", clear)]

"""Every address the emulator answers on, and which function answers."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp

from agent.emulator.faults.fault_rules import FaultRules
from agent.emulator.faults.faults import FaultLayer
from agent.emulator.resources import arm, catalogue_plane, chat, files, jobs
from agent.emulator.resources.emulator import Emulator
from agent.emulator.server import control
from agent.emulator.server.control import Handler
from agent.emulator.server.doors import DOORS, Door, endpoint, nothing_here

Address = tuple[str, str, Handler]

_DATA: tuple[Address, ...] = (
    ("GET", "/files", files.listing),
    ("POST", "/files", files.upload),
    ("GET", "/files/{file_id}", files.show),
    ("DELETE", "/files/{file_id}", files.delete),
    ("GET", "/files/{file_id}/content", files.content),
    ("GET", "/fine_tuning/jobs", jobs.listing),
    ("POST", "/fine_tuning/jobs", jobs.create),
    ("GET", "/fine_tuning/jobs/{job_id}", jobs.show),
    ("DELETE", "/fine_tuning/jobs/{job_id}", jobs.delete),
    ("POST", "/fine_tuning/jobs/{job_id}/cancel", jobs.cancel),
    ("GET", "/fine_tuning/jobs/{job_id}/events", jobs.job_events),
    ("GET", "/fine_tuning/jobs/{job_id}/checkpoints", jobs.checkpoints),
    ("GET", "/models", catalogue_plane.models),
    ("GET", "/models/{model}", catalogue_plane.model),
)
_DATED: tuple[Address, ...] = (
    ("POST", "/deployments/{name}/chat/completions", chat.complete),
    ("GET", "/deployments", catalogue_plane.legacy_deployments),
    ("GET", "/deployments/{name}", catalogue_plane.legacy_deployment),
)
_V1: tuple[Address, ...] = (("POST", "/chat/completions", chat.complete),)
_ARM: tuple[Address, ...] = (
    ("GET", "", arm.listing),
    ("GET", "/{name}", arm.show),
    ("PUT", "/{name}", arm.put),
    ("DELETE", "/{name}", arm.delete),
)
_CONTROL: tuple[Address, ...] = (
    ("GET", "/ledger", control.read_ledger),
    ("GET", "/behaviour", control.show_behaviour),
    ("PUT", "/behaviour", control.change_behaviour),
    ("DELETE", "/behaviour", control.reset_behaviour),
)
_ACCOUNT = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.CognitiveServices/accounts/{account}/deployments"


def build_app(emulator: Emulator) -> ASGIApp:
    """The whole application, with the fault layer around it."""
    rules = FaultRules(emulator.store)
    own = [
        (method, "/faults", handler) for method, handler in control.fault_handlers(rules).items()
    ]
    routes = [
        *_routes(emulator, "/openai/v1", DOORS["v1"], (*_DATA, *_V1)),
        *_routes(emulator, "/openai", DOORS["dated"], (*_DATA, *_DATED)),
        *_routes(emulator, _ACCOUNT, DOORS["arm"], _ARM),
        *_routes(emulator, "/_emulator", DOORS["control"], (*_CONTROL, *own)),
    ]
    return FaultLayer(
        Starlette(routes=routes, exception_handlers={404: nothing_here, 405: nothing_here}), rules
    )


def _routes(
    emulator: Emulator, under: str, door: Door, addresses: Iterable[Address]
) -> list[Route]:
    return [
        Route(under + path, endpoint(emulator, door, handler), methods=[method])
        for method, path, handler in addresses
    ]

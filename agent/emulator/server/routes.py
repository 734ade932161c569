"""Every route of the emulator and its handler. A new route is one line here.

http_server.py serves the application that `build_app` makes.
"""

from __future__ import annotations

from collections.abc import Iterable

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp

from agent.emulator.faults.middleware import FaultMiddleware
from agent.emulator.faults.rules import FaultRules
from agent.emulator.resources import (
    arm_account,
    arm_deployments,
    chat,
    entra,
    files,
    jobs,
    legacy_deployments,
    models,
)
from agent.emulator.resources.context import Context, Handler
from agent.emulator.server import auth, controls
from agent.emulator.server.endpoint import make_endpoint, respond_not_found
from agent.emulator.server.gate import Gate

Entry = tuple[str, str, Handler]

DATA_ROUTES: tuple[Entry, ...] = (
    ("GET", "/files", files.list_files),
    ("POST", "/files", files.upload_file),
    ("GET", "/files/{file_id}", files.show_file),
    ("DELETE", "/files/{file_id}", files.delete_file),
    ("GET", "/files/{file_id}/content", files.show_content),
    ("GET", "/fine_tuning/jobs", jobs.list_jobs),
    ("POST", "/fine_tuning/jobs", jobs.create_job),
    ("GET", "/fine_tuning/jobs/{job_id}", jobs.show_job),
    ("DELETE", "/fine_tuning/jobs/{job_id}", jobs.delete_job),
    ("POST", "/fine_tuning/jobs/{job_id}/cancel", jobs.cancel_job),
    ("GET", "/fine_tuning/jobs/{job_id}/events", jobs.list_events),
    ("GET", "/fine_tuning/jobs/{job_id}/checkpoints", jobs.list_checkpoints),
    ("GET", "/models", models.list_models),
    ("GET", "/models/{model}", models.show_model),
)
DATED_ROUTES: tuple[Entry, ...] = (
    ("POST", "/deployments/{name}/chat/completions", chat.complete_chat),
    ("GET", "/deployments", legacy_deployments.list_deployments),
    ("GET", "/deployments/{name}", legacy_deployments.show_deployment),
)
V1_ROUTES: tuple[Entry, ...] = (("POST", "/chat/completions", chat.complete_chat),)
ARM_ROUTES: tuple[Entry, ...] = (
    ("GET", "", arm_deployments.list_deployments),
    ("GET", "/{name}", arm_deployments.show_deployment),
    ("PUT", "/{name}", arm_deployments.put_deployment),
    ("DELETE", "/{name}", arm_deployments.delete_deployment),
)
IDENTITY_ROUTES: tuple[Entry, ...] = (("GET", "/msi/token", entra.show_token),)
ACCOUNT_ROUTES: tuple[Entry, ...] = (
    ("GET", "", arm_account.show_account),
    ("GET", "/models", arm_account.list_models),
    ("GET", "/providers/Microsoft.Authorization/permissions", arm_account.list_permissions),
)
LOCATION_ROUTES: tuple[Entry, ...] = (("GET", "/usages", arm_account.list_usages),)
CONTROL_ROUTES: tuple[Entry, ...] = (
    ("GET", "/ledger", controls.show_ledger),
    ("GET", "/identity", controls.show_identity),
    ("GET", "/behaviour", controls.show_behaviour),
    ("PUT", "/behaviour", controls.change_behaviour),
    ("DELETE", "/behaviour", controls.reset_behaviour),
)
_ACCOUNT = (
    "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.CognitiveServices"
    "/accounts/{account}"
)
_LOCATION = (
    "/subscriptions/{subscription}/providers/Microsoft.CognitiveServices/locations/{location}"
)


def build_app(context: Context) -> ASGIApp:
    """The whole application, with the fault middleware around it, and the gate around both."""
    rules = FaultRules(context.store)
    own = (*CONTROL_ROUTES, *controls.list_fault_handlers(rules))
    routes = [
        *_make_routes(context, "/openai/v1", auth.V1, (*DATA_ROUTES, *V1_ROUTES)),
        *_make_routes(context, "/openai", auth.DATED, (*DATA_ROUTES, *DATED_ROUTES)),
        *_make_routes(context, f"{_ACCOUNT}/deployments", auth.ARM, ARM_ROUTES),
        *_make_routes(context, _ACCOUNT, auth.ARM, ACCOUNT_ROUTES),
        *_make_routes(context, _LOCATION, auth.ARM, LOCATION_ROUTES),
        *_make_routes(context, "", auth.IDENTITY, IDENTITY_ROUTES),
        *_make_routes(context, "/_emulator", auth.CONTROLS, own),
    ]
    missing = {404: respond_not_found, 405: respond_not_found}
    return Gate(FaultMiddleware(Starlette(routes=routes, exception_handlers=missing), rules))


def _make_routes(
    context: Context, prefix: str, surface: auth.Surface, entries: Iterable[Entry]
) -> list[Route]:
    return [
        Route(prefix + path, make_endpoint(context, surface, handler), methods=[method])
        for method, path, handler in entries
    ]

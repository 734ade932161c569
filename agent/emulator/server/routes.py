"""Every route of the emulator and its handler. A new route is one line here.

http_server.py serves the application that `build_app` makes.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp

from agent.emulator.faults.middleware import FaultMiddleware
from agent.emulator.faults.rules import FaultRules
from agent.emulator.resources import (
    arm_account,
    arm_deployments,
    arm_models,
    chat,
    checkpoint_copies,
    entra,
    file_import,
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
    ("POST", "/files/import", file_import.import_file),
    ("POST", "/deployments/{name}/chat/completions", chat.complete_chat),
    ("GET", "/deployments", legacy_deployments.list_deployments),
    ("GET", "/deployments/{name}", legacy_deployments.show_deployment),
)
V1_ROUTES: tuple[Entry, ...] = (
    ("POST", "/chat/completions", chat.complete_chat),
    ("POST", "/fine_tuning/jobs/{job_id}/pause", jobs.pause_job),
    ("POST", "/fine_tuning/jobs/{job_id}/resume", jobs.resume_job),
    (
        "POST",
        "/fine_tuning/jobs/{job_id}/checkpoints/{checkpoint_id}/copy",
        checkpoint_copies.copy_checkpoint,
    ),
    (
        "GET",
        "/fine_tuning/jobs/{job_id}/checkpoints/{checkpoint_id}/copy",
        checkpoint_copies.show_copies,
    ),
)
ARM_ROUTES: tuple[Entry, ...] = (
    ("GET", "", arm_deployments.list_deployments),
    ("GET", "/{name}", arm_deployments.show_deployment),
    ("PUT", "/{name}", arm_deployments.put_deployment),
    ("PATCH", "/{name}", arm_deployments.update_deployment),
    ("DELETE", "/{name}", arm_deployments.delete_deployment),
    ("GET", "/{name}/skus", arm_deployments.list_skus),
)
IDENTITY_ROUTES: tuple[Entry, ...] = (("GET", "/msi/token", entra.show_token),)
ACCOUNT_ROUTES: tuple[Entry, ...] = (
    ("GET", "", arm_account.show_account),
    ("GET", "/models", arm_models.list_models),
    ("GET", "/skus", arm_account.list_skus),
    ("GET", "/usages", arm_models.list_usages),
    ("GET", "/providers/Microsoft.Authorization/permissions", arm_account.list_permissions),
)
ACCOUNTS_ROUTES: tuple[Entry, ...] = (("GET", "", arm_account.list_accounts),)
LOCATION_ROUTES: tuple[Entry, ...] = (
    ("GET", "/models", arm_models.list_location_models),
    ("GET", "/usages", arm_models.list_usages),
)
CONTROL_ROUTES: tuple[Entry, ...] = (
    ("GET", "/ledger", controls.show_ledger),
    ("GET", "/identity", controls.show_identity),
    ("GET", "/behaviour", controls.show_behaviour),
    ("PUT", "/behaviour", controls.change_behaviour),
    ("DELETE", "/behaviour", controls.reset_behaviour),
)
_SERVICE = "providers/Microsoft.CognitiveServices"
_SUBSCRIPTION = "/subscriptions/{subscription}"
_GROUP = f"{_SUBSCRIPTION}/resourceGroups/{{group}}"
_ACCOUNT = f"{_GROUP}/{_SERVICE}/accounts/{{account}}"
_LOCATION = f"{_SUBSCRIPTION}/{_SERVICE}/locations/{{location}}"


@dataclass(frozen=True)
class Served:
    """Routes that lie below one prefix and let a request in in the same way."""

    prefix: str
    surface: auth.Surface
    entries: tuple[Entry, ...]


SERVED = (
    Served("/openai/v1", auth.V1, (*DATA_ROUTES, *V1_ROUTES)),
    Served("/openai", auth.DATED, (*DATA_ROUTES, *DATED_ROUTES)),
    Served(f"{_ACCOUNT}/deployments", auth.ARM, ARM_ROUTES),
    Served(_ACCOUNT, auth.ARM, ACCOUNT_ROUTES),
    Served(f"{_GROUP}/{_SERVICE}/accounts", auth.ARM, ACCOUNTS_ROUTES),
    Served(f"{_SUBSCRIPTION}/{_SERVICE}/accounts", auth.ARM, ACCOUNTS_ROUTES),
    Served(_LOCATION, auth.ARM, LOCATION_ROUTES),
    Served("", auth.IDENTITY, IDENTITY_ROUTES),
    Served("/_emulator", auth.CONTROLS, CONTROL_ROUTES),
)


def build_app(context: Context) -> ASGIApp:
    """The whole application, with the fault middleware around it, and the gate around both."""
    rules = FaultRules(context.store)
    faults = Served("/_emulator", auth.CONTROLS, tuple(controls.list_fault_handlers(rules)))
    routes = [route for served in (*SERVED, faults) for route in _make_routes(context, served)]
    missing = {404: respond_not_found, 405: respond_not_found}
    return Gate(FaultMiddleware(Starlette(routes=routes, exception_handlers=missing), rules))


def _make_routes(context: Context, served: Served) -> list[Route]:
    return [
        Route(
            served.prefix + path, make_endpoint(context, served.surface, handler), methods=[method]
        )
        for method, path, handler in served.entries
    ]

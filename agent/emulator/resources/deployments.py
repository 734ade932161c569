"""Deployments, as ARM makes them and the data plane sees them. This is one resource: any ARM path leads to it."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from dataclasses import dataclass
from typing import Any

from agent.emulator.protocol.errors import ServiceError
from agent.emulator.resources.emulator import Emulator
from agent.emulator.state import ledger
from agent.emulator.state.catalogue import find_base

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True)
class Deployment:
    """A row of the deployments table. Whether it is ready is a matter of the clock alone; `fails` is ordered by a test."""

    seq: int
    name: str
    scope: str  # the ARM id of the account it was asked for under
    model: str
    arm_model: str
    sku: str
    created_at: float
    updated_at: float
    ready_at: float
    warmed: int  # chat calls refused so far because it was warming up
    fails: bool = False

    def state(self, now: float) -> str:
        """ARM's provisioningState."""
        if now < self.ready_at:
            return "Creating"
        return "Failed" if self.fails else "Succeeded"

    @property
    def capacity(self) -> int:
        """Units of a thousand tokens a minute."""
        return int(json.loads(self.sku)["capacity"])

    @property
    def shown_model(self) -> str:
        """How chat answers call the model: the fine-tuned model's full name, or the dated base."""
        base = find_base(self.model)
        return base.dated if base else self.model


def find(emulator: Emulator, name: str) -> Deployment | None:
    """The deployment of that name."""
    row = emulator.store.row("SELECT * FROM deployments WHERE name = ?", name)
    return _read(emulator, row) if row else None


def everything(emulator: Emulator, *, visible: bool = False) -> list[Deployment]:
    """All deployments, oldest first; with `visible`, those that listings show by now."""
    latest = time.time() - emulator.behaviours.now.listing_lag_seconds if visible else time.time()
    rows = emulator.store.rows(
        "SELECT * FROM deployments WHERE created_at <= ? ORDER BY seq", latest
    )
    return [_read(emulator, row) for row in rows]


def _read(emulator: Emulator, row: sqlite3.Row) -> Deployment:
    return Deployment(**row, fails=emulator.behaviours.now.fail_deployments)


def put(emulator: Emulator, scope: str, name: str, body: dict[str, Any]) -> tuple[Deployment, bool]:
    """Creates or updates; the second value says whether it is new. One such operation at a time."""
    if not _NAME.fullmatch(name):
        message = (
            f"The deployment name '{name}' must have 1 to 64 letters, digits, hyphens, underscores"
            " or dots."
        )
        raise ServiceError(400, "InvalidResourceName", message)
    arm_model = _model(body)
    model = _deployable(emulator, arm_model)
    sku = _sku(body)
    with emulator.store.transaction() as db:
        _check_idle(emulator, name)
        before = find(emulator, name)
        now = time.time()
        same = before is not None and before.model == model
        ready = (
            before.ready_at
            if before and same
            else now + emulator.behaviours.seconds("deploy_seconds")
        )
        db.execute(
            "INSERT INTO deployments(name, scope, model, arm_model, sku, created_at, updated_at,"
            " ready_at) VALUES(?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(name) DO UPDATE SET model ="
            " excluded.model, arm_model = excluded.arm_model, sku = excluded.sku, updated_at ="
            " excluded.updated_at, ready_at = excluded.ready_at",
            (name, scope, model, json.dumps(arm_model), json.dumps(sku), now, now, ready),
        )
        ledger.record(
            db, "create_deployment", name, model=model, sku=sku, update=before is not None
        )
    stored = find(emulator, name)
    assert stored  # noqa: S101  it was written above
    return stored, before is None


def delete(emulator: Emulator, name: str) -> bool:
    """Removes a deployment. False if there was none."""
    before = find(emulator, name)
    if before is None:
        return False
    _check_idle(emulator, name)
    with emulator.store.transaction() as db:
        db.execute("DELETE FROM deployments WHERE name = ?", (name,))
        ledger.record(db, "delete_deployment", name, model=before.model)
    return True


def warm_up(emulator: Emulator, deployment: Deployment) -> int | None:
    """Counts one refused call, from 0; None once the deployment has warmed up."""
    with emulator.store.transaction() as db:
        warmed = db.execute(
            "SELECT warmed FROM deployments WHERE name = ?", (deployment.name,)
        ).fetchone()
        if warmed is None or warmed[0] >= emulator.behaviours.warmup_calls():
            return None
        db.execute("UPDATE deployments SET warmed = warmed + 1 WHERE name = ?", (deployment.name,))
        return int(warmed[0])


def _model(body: dict[str, Any]) -> dict[str, Any]:
    properties = body.get("properties")
    model = properties.get("model") if isinstance(properties, dict) else None
    if not isinstance(model, dict) or not isinstance(model.get("name"), str):
        raise ServiceError(
            400,
            "InvalidResourceProperties",
            "properties.model must have a format, a name and a version.",
        )
    if model.get("format") != "OpenAI":
        raise ServiceError(
            400,
            "InvalidResourceProperties",
            f"The model format '{model.get('format')}' is not supported here; it is 'OpenAI'.",
        )
    return {"format": "OpenAI", "name": model["name"], "version": str(model.get("version", "1"))}


def _deployable(emulator: Emulator, arm_model: dict[str, Any]) -> str:
    """The full name of a model that is there to be deployed."""
    name = arm_model["name"]
    if emulator.store.row("SELECT name FROM models WHERE name = ?", name):
        return str(name)
    base = find_base(name)
    if base is None:
        message = (
            f"The model 'Format: OpenAI, Name: {name}, Version: {arm_model['version']}' of account"
            " deployment is not supported."
        )
        raise ServiceError(400, "DeploymentModelNotSupported", message)
    return base.dated


def _sku(body: dict[str, Any]) -> dict[str, Any]:
    sku = body.get("sku") or {}
    capacity = sku.get("capacity", 1) if isinstance(sku, dict) else None
    if isinstance(capacity, bool) or not isinstance(capacity, int) or capacity < 1:
        raise ServiceError(
            400, "InvalidResourceProperties", "sku.capacity must be a whole number of at least 1."
        )
    return {"name": str(sku.get("name", "Standard")), "capacity": capacity}


def _check_idle(emulator: Emulator, name: str) -> None:
    now = time.time()
    busy = next((other for other in everything(emulator) if other.state(now) == "Creating"), None)
    if busy is not None:
        message = (
            f"Another operation is in progress on this account (deployment '{busy.name}'); '{name}'"
            " has to wait until it is over."
        )
        raise ServiceError(409, "RequestConflict", message)

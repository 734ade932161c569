"""A row of the deployments table: how one is created, updated, deleted, and warms up.

arm_deployments.py and legacy_deployments.py serve them, chat.py looks them up by name. The
emulator is one Azure OpenAI resource: whatever subscription, group and account an ARM path names,
it leads to the same deployments.
"""

from __future__ import annotations

import json
import sqlite3
import time
from dataclasses import dataclass
from typing import Any

from agent.emulator.protocol.errors import ServiceError
from agent.emulator.resources.base_models import (
    find_base_model,
    find_base_of,
    is_tuned,
    sku_name_of,
)
from agent.emulator.resources.context import Context
from agent.emulator.resources.deployment_end import end_of, remove_expired
from agent.emulator.resources.deployment_spec import DeploymentSpec, parse_deployment_change
from agent.emulator.resources.quota import amount_of, count_used, usage_name_of
from agent.emulator.state import ledger
from agent.emulator.state.progression import ManagedStatus, Transition

_BASE_CAPACITY = 50  # units; what deployments made for an evaluation mostly have
_UPSERT = """
INSERT INTO deployments(name, scope, model, arm_model, sku, created_at, updated_at, ready_at,
expires_at, tags) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(name) DO UPDATE SET
model = excluded.model, arm_model = excluded.arm_model, sku = excluded.sku, tags = excluded.tags,
updated_at = excluded.updated_at, ready_at = excluded.ready_at, expires_at = excluded.expires_at
"""


@dataclass(frozen=True)
class Deployment:
    """The columns; `ready_at` is the moment of its transition, `fails` is ordered by a test.

    `created_at`, `updated_at`, `expires_at` and `used_at` are of the clock that a test may move."""

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
    expires_at: float | None = None  # of a developer deployment alone
    tags: str | None = None
    used_at: float | None = None  # when it was asked last
    fails: bool = False

    def state(self, now: float) -> str:
        """ARM's provisioningState: Creating, then Succeeded or Failed; the clock alone decides."""
        created = "Failed" if self.fails else "Succeeded"
        transitions = (Transition("Creating", created, self.ready_at),)
        return ManagedStatus("Creating", transitions).at(now)

    @property
    def capacity(self) -> int:
        """Units of a thousand tokens a minute."""
        return int(json.loads(self.sku)["capacity"])

    @property
    def model_name(self) -> str:
        """How chat responses call the model: the fine-tuned model's full name, or the base's."""
        base = find_base_model(self.model)
        return base.dated_name if base else self.model


def find_deployment(context: Context, name: str) -> Deployment | None:
    """The deployment of that name."""
    remove_expired(context)
    row = context.store.row("SELECT * FROM deployments WHERE name = ?", name)
    return _read(context, row) if row else None


def find_base_deployment(name: str) -> Deployment | None:
    """What answers to the name of a base model where nobody has deployed anything of that name.

    It is always there and always ready. Listings do not show it: they show what was made.
    """
    base = find_base_model(name)
    if base is None:
        return None
    arm_model = {"format": base.maker, "name": base.family, "version": base.version}
    sku = {"name": "Standard", "capacity": _BASE_CAPACITY}
    made = (json.dumps(arm_model), json.dumps(sku), 0.0, 0.0, 0.0)
    return Deployment(0, name, "", base.dated_name, *made, warmed=0)


def list_all(context: Context) -> list[Deployment]:
    """Every deployment, oldest first."""
    remove_expired(context)
    rows = context.store.rows("SELECT * FROM deployments ORDER BY seq")
    return [_read(context, row) for row in rows]


def list_visible(context: Context) -> list[Deployment]:
    """The deployments that listings show by now, oldest first."""
    lag = context.behaviour.current.listing_lag_seconds
    latest = context.behaviour.now() - lag
    # Without a lag also what was made before a test moved the clock back.
    return [one for one in list_all(context) if not lag or one.created_at <= latest]


def put_deployment(context: Context, account: str, spec: DeploymentSpec) -> tuple[Deployment, bool]:
    """Creates or updates one; the bool says whether it is new. Only one may be in progress."""
    model = _require_model(context, spec)
    with context.store.transaction() as db:
        _check_idle(context, spec.name)
        _check_quota(context, spec, model)
        before = find_deployment(context, spec.name)
        now = context.behaviour.now()
        ready_at = time.time() + context.behaviour.seconds("deploy_seconds")
        expires_at = end_of(spec.sku, now)
        if before and before.model == model:
            ready_at = before.ready_at  # a change of capacity creates nothing anew
            expires_at = expires_at and (before.expires_at or expires_at)
        made = (spec.name, account, model, json.dumps(spec.arm_model), json.dumps(spec.sku))
        db.execute(_UPSERT, (*made, now, now, ready_at, expires_at, json.dumps(spec.tags)))
        is_update = before is not None
        detail = {"model": model, "sku": spec.sku, "update": is_update}
        ledger.record(db, "create_deployment", spec.name, **detail)
    stored = find_deployment(context, spec.name)
    assert stored  # noqa: S101  it was written above
    return stored, not is_update


def update_deployment(context: Context, name: str, body: dict[str, Any]) -> Deployment | None:
    """Another SKU, capacity or tags; None if there is no such deployment. Raises ServiceError."""
    before = find_deployment(context, name)
    if before is None:
        return None
    tags = json.loads(before.tags or "{}")
    sku, tags = parse_deployment_change(body, json.loads(before.sku), tags)
    spec = DeploymentSpec(name, json.loads(before.arm_model), sku, tags)
    return put_deployment(context, before.scope, spec)[0]


def delete_deployment(context: Context, name: str) -> bool:
    """Removes a deployment. False if there was none."""
    before = find_deployment(context, name)
    if before is None:
        return False
    _check_idle(context, name)
    with context.store.transaction() as db:
        db.execute("DELETE FROM deployments WHERE name = ?", (name,))
        ledger.record(db, "delete_deployment", name, model=before.model)
    return True


def count_warmup_call(context: Context, deployment: Deployment) -> int | None:
    """Counts one refused chat call, from 0; None once the deployment has warmed up."""
    with context.store.transaction() as db:
        warmed = db.execute(
            "SELECT warmed FROM deployments WHERE name = ?", (deployment.name,)
        ).fetchone()
        if warmed is None or warmed[0] >= context.behaviour.warmup_calls():
            return None
        db.execute("UPDATE deployments SET warmed = warmed + 1 WHERE name = ?", (deployment.name,))
        return int(warmed[0])


def _read(context: Context, row: sqlite3.Row) -> Deployment:
    return Deployment(**row, fails=context.behaviour.current.fail_deployments)


def _require_model(context: Context, spec: DeploymentSpec) -> str:
    """The full name of a model that exists and can be deployed so. Raises ServiceError."""
    name, maker = spec.arm_model["name"], spec.arm_model["format"]
    # A checkpoint is deployed by its model's name or, as the service's pages say, by its id.
    trained = context.store.row(
        "SELECT name FROM models WHERE name = ?1"
        " OR name = (SELECT model FROM checkpoints WHERE id = ?1)",
        name,
    )
    has_trained = trained is not None
    name = trained["name"] if trained is not None else name
    base = find_base_of(name) if has_trained else find_base_model(name)
    if base is None:
        message = (
            f"The model 'Format: {maker}, Name: {name}, Version: {spec.arm_model['version']}' of"
            " account deployment is not supported."
        )
        raise ServiceError(400, "DeploymentModelNotSupported", message)
    if maker != base.maker:
        raise ServiceError(500, "InternalServerError", "")  # as the service does: without a word
    if has_trained and base.refuses_sku(spec.sku["name"]):
        message = (
            f"The specified SKU '{spec.sku['name']}' of account deployment is not supported by the"
            f" model '{name}'."
        )
        raise ServiceError(400, "InvalidResourceProperties", message)
    return name if has_trained else base.dated_name


def _check_quota(context: Context, spec: DeploymentSpec, model: str) -> None:
    """Only where a test has set a quota: the others make as many deployments as they like."""
    base = find_base_of(model)
    if context.behaviour.current.quota is None or base is None:
        return
    sku = sku_name_of(spec.sku["name"])
    usage_name = usage_name_of(base, sku, is_tuned=is_tuned(model))
    others = [one for one in list_all(context) if one.name != spec.name]
    left = amount_of(context) - count_used(others, usage_name)
    if spec.sku["capacity"] > left:
        message = (
            f"This operation requires {spec.sku['capacity']} new capacity in quota {usage_name},"
            f" which is bigger than the current available capacity {max(0, left)}."
        )
        raise ServiceError(400, "InsufficientQuota", message)


def _check_idle(context: Context, name: str) -> None:
    now = time.time()
    busy = next((one for one in list_all(context) if one.state(now) == "Creating"), None)
    if busy is not None:
        message = (
            f"Another operation is in progress on this account (deployment '{busy.name}'); '{name}'"
            " has to wait until it is over."
        )
        raise ServiceError(409, "RequestConflict", message)

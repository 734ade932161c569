"""The settings: read once from the environment and .env, checked together, frozen.

`load` is called by the command line; `preferences_for` by bootstrap, for every tick. What
agent/settings/declared declares is read into the field that `Setting.field` names here.

Longer than other files, so that every field stands beside where it is read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from agent.settings.clouds import cloud_of
from agent.settings.cross_checks import (
    check_auth,
    check_deployment,
    check_home,
    check_settle,
    check_shares,
)
from agent.settings.database import check_database, passwords_in
from agent.settings.declared import OF_A_PROJECT, SETTINGS
from agent.settings.environment import read_environment
from agent.settings.notify import secrets_of
from agent.settings.own import ProjectSettings
from agent.settings.reader import Reader
from agent.settings.services import KINDS, LOCAL, REMOTE, Service, identity_of
from agent.settings.temporal import Temporal, take_temporal
from states.errors import NeedsOperator, SettingsError
from states.state import State
from states.text import Text, say

if TYPE_CHECKING:
    from states.model import Project
    from states.ports import Preferences

Row = tuple[tuple[str, str | None], ...]  # the settings that a project's row says, as text
BOTH_SHARES = ("train_split", "validation_split")


@dataclass(frozen=True)
class Settings:
    """What belongs to the process. Durations in seconds. Secrets never show in `repr`."""

    home: Path
    database_url: str = field(repr=False)
    provider: str  # a name of agent.settings.services.KINDS
    endpoint: str
    key: str = field(repr=False)
    auth: str  # auto | key | entra
    scope: str  # of a token for the data plane
    api_version: str
    prompt_loss_weight: str | None
    poll_seconds: float
    request_timeout_seconds: float
    concurrency: int  # test cases that are asked at once
    monthly_volume: int  # classifications, for the monthly cost
    listing_lag_seconds: float
    settle_seconds: float
    language: str
    log_level: str
    subscription: str | None
    resource_group: str | None
    account: str
    arm_endpoint: str
    arm_token: str | None = field(repr=False)
    deploy_sku: str
    deploy_capacity: int
    prices: Mapping[str, Any]  # a person's own, over those of the catalogue
    teardown: str  # when our deployments are deleted by themselves
    ttl_hours: float
    developer_renewals: int
    project: ProjectSettings  # of a project whose row says nothing
    temporal: Temporal
    notify: tuple[str, ...] = field(default=(), repr=False)  # addresses, as apprise writes them
    warnings: tuple[Text, ...] = ()  # what was set, and sets nothing

    @property
    def service(self) -> Service:
        """The service that will hold a project's files, job and deployment."""
        local = Service(self.provider)
        if local.has_identity:
            return Service(self.provider, identity_of(local.home(self.home)))
        return Service(self.provider, urlsplit(self.endpoint).netloc.rpartition("@")[2].lower())

    @property
    def sweep_seconds(self) -> float:
        """Between two looks at which projects are due."""
        return min(max(self.poll_seconds / 4, 0.05), 5.0)

    @property
    def uses_entra(self) -> bool:
        """Tokens of Entra ID are sent in place of a key."""
        return self.auth == "entra" or (self.auth == "auto" and not self.key)

    @property
    def uses_resource_manager(self) -> bool:
        """Deployments are listed and made there, if the settings say where the resource is."""
        return bool(self.subscription and self.resource_group)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown. The database URL counts only where it carries a password."""
        keys = (self.key, self.arm_token, self.temporal.api_key)
        known = (*keys, *passwords_in(self.database_url), *secrets_of(self.notify))
        return tuple(secret for secret in known if secret)

    def for_project(self, project: Project) -> ProjectSettings:
        """The environment's settings, and over them what the project's row says.

        NeedsOperator names every mistake of the row at once: it holds that project alone."""
        row = tuple(
            (name, None if value is None else str(value))
            for name, value in project.settings.items()
        )
        found, mistakes = self._rows.get(row) or self._rows.setdefault(
            row, self.read_row(project.settings)
        )
        if mistakes and project.state is State.CANCELLED:
            return self.project  # what it has at the service must go, whatever its row says
        if mistakes:
            raise NeedsOperator(
                say(
                    "The settings of project {project} cannot be used:\n{mistakes}",
                    project=project.name,
                    mistakes=tuple(mistakes),
                ),
                heals=True,
            )
        return found

    @cached_property
    def _rows(self) -> dict[Row, tuple[ProjectSettings, Sequence[Text]]]:
        return {}  # what was read of each: every tick asks for one, and most are alike

    def read_row(self, row: Mapping[str, Any]) -> tuple[ProjectSettings, Sequence[Text]]:
        """The settings of a project whose row says this, and every mistake in it."""
        reader = Reader({name: str(value) for name, value in row.items() if value is not None})
        known = {setting.field: setting for setting in OF_A_PROJECT}
        for name in sorted(set(row) - set(known)):
            reader.add_mistake(
                say(
                    "{name} is no setting of a project. There are: {known}.",
                    name=name,
                    known=", ".join(known),
                )
            )
        values = asdict(self.project)
        said = {name for name in known if reader.read_text(name)}
        for name in said:
            values[name] = known[name].check.read(reader, name, values[name])
        for one, other in (BOTH_SHARES, BOTH_SHARES[::-1]):
            if one in said and other not in said:
                values[other] = 1 - values[one]
        check_shares(reader, values, *BOTH_SHARES)
        found = ProjectSettings(**values)
        check_deployment(reader, found.deploy, self.subscription, self.resource_group)
        return found, reader.mistakes

    def budget_of(self, project: Project) -> float | None:
        """Its own, in USD; None where it has none. Raises nothing."""
        row = project.settings
        return self.read_row(row)[0].budget if "budget" in row else None

    def preferences_for(self, project: Project) -> Preferences:
        """What the steps of one project need."""
        from states.ports import Preferences

        own = self.for_project(project)
        return Preferences(
            plan=own.plan,
            train_split=own.train_split,
            deploy_automatically=own.deploy_automatically,
            deployment_name=own.deployment_name,
            base_deployments=own.base_deployments,
            confirms_training=own.confirm is not None,
            budget=own.budget if "budget" in project.settings else None,
            home_budget=self.project.budget,
            teardown=self.teardown,
            deployment_hours=self.ttl_hours,
            developer_renewals=self.developer_renewals,
            poll_seconds=self.poll_seconds,
            listing_lag_seconds=self.listing_lag_seconds,
            system_prompt=own.system_prompt,
            target=own.target,
            data_language=own.data_language,
            deploy_sku=self.deploy_sku,
            concurrency=self.concurrency,
            monthly_volume=self.monthly_volume,
        )


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of the environment over those of .env.

    SettingsError names every mistake at once."""
    found = read_environment(environment)
    reader = Reader(found.values)
    settings = _read(reader)
    mistakes, warnings = (*found.mistakes, *reader.mistakes), (*found.warnings, *reader.warnings)
    if mistakes:
        raise SettingsError(
            say("The settings cannot be used:\n{mistakes}", mistakes=(*mistakes, *warnings))
        )
    return replace(settings, warnings=warnings)


def _read(reader: Reader) -> Settings:
    kind = _chosen_kind(reader)
    runs_locally = KINDS[kind].runs_locally
    read = {
        setting.field: setting.read(reader, runs_locally)
        for setting in SETTINGS
        if setting.field not in ("", "provider")
    }
    home = Path(read["home"]).expanduser().absolute()
    check_home(reader, home)
    host = urlsplit(read["endpoint"]).hostname or kind
    read |= {
        "home": home,
        "provider": kind,
        "account": read["account"] or host.split(".")[0],
        "scope": read["scope"] or cloud_of(read["endpoint"]).scope,
        "arm_endpoint": read["arm_endpoint"] or cloud_of(read["endpoint"]).manager,
        "database_url": check_database(reader, read["database_url"], home),
    }
    check_shares(reader, read, "TRAIN_SPLIT", "VALIDATION_SPLIT")
    check_settle(
        reader,
        read["settle_seconds"],
        read["request_timeout_seconds"] + read["listing_lag_seconds"],
    )
    check_deployment(reader, read["deploy"], read["subscription"], read["resource_group"])
    if not runs_locally:
        check_auth(reader, read["auth"], read["key"], host)
    of_a_project = {name: read.pop(name) for name in [*read] if name in _PROJECT_FIELDS}
    temporal = take_temporal(reader, read)
    return Settings(**read, project=ProjectSettings(**of_a_project), temporal=temporal)


_PROJECT_FIELDS = {setting.field for setting in OF_A_PROJECT}


def _chosen_kind(reader: Reader) -> str:
    declared = next(setting for setting in SETTINGS if setting.field == "provider")
    chosen: str = declared.read(reader, runs_locally=False)
    if chosen != "auto":
        return chosen
    if reader.read_text("AZURE_OPENAI_ENDPOINT"):
        return REMOTE
    if reader.read_text("AZURE_OPENAI_KEY"):
        reader.add_mistake(
            say(
                "AZURE_OPENAI_KEY is set, but not AZURE_OPENAI_ENDPOINT: set that too, or"
                " AGENT_PROVIDER=emulator to do without Azure."
            )
        )
    return LOCAL

"""The settings: read once from the environment and .env, checked together, frozen."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from agent.providers.contract import KINDS, LOCAL, REMOTE, Service
from agent.settings.reader import Reader, merged
from states.errors import SettingsError
from states.model import Plan
from states.ports import Wishes
from states.text import say

ARM = "https://management.azure.com"
DEPLOYMENT_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{1,63}"
API_VERSION = r"\d{4}-\d{2}-\d{2}(-preview)?|v1|preview"
MODEL = (  # also of a model that was fine-tuned before, or of another publisher
    r"[A-Za-z0-9][A-Za-z0-9._:/@-]*"
)
SKU = r"[A-Za-z][A-Za-z0-9_]*"
TRAINING_TYPES = ("Standard", "GlobalStandard", "developerTier")


@dataclass(frozen=True)
class Settings:
    """Everything that can be set. Durations in seconds. Secrets never show in `repr`."""

    home: Path
    database_url: str = field(repr=False)
    provider: str  # azure | emulator
    endpoint: str
    key: str = field(repr=False)
    api_version: str
    base_model: str
    deployment_name: str | None
    epochs: int
    batch_size: int
    learning_rate_multiplier: float
    prompt_loss_weight: str | None
    train_split: float
    deploy_automatically: bool
    poll_seconds: float
    request_timeout_seconds: float
    listing_lag_seconds: float
    settle_seconds: float
    seed: int
    language: str
    log_level: str
    training_type: str | None
    subscription: str | None
    resource_group: str | None
    account: str
    arm_endpoint: str
    arm_token: str | None = field(repr=False)
    deploy_sku: str
    deploy_capacity: int

    @property
    def service(self) -> Service:
        """The service that will hold a project's files, job and deployment."""
        return Service(self.provider, urlsplit(self.endpoint).netloc.rpartition("@")[2].lower())

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown. The database URL counts only where it carries a password."""
        password = urlsplit(self.database_url).password or ""
        return tuple(
            secret for secret in (self.key, self.arm_token, password, unquote(password)) if secret
        )

    @property
    def wishes(self) -> Wishes:
        return Wishes(
            plan=Plan(
                base_model=self.base_model,
                epochs=self.epochs,
                batch_size=self.batch_size,
                learning_rate_multiplier=self.learning_rate_multiplier,
                seed=self.seed,
                training_type=self.training_type,
            ),
            train_split=self.train_split,
            deploy_automatically=self.deploy_automatically,
            deployment_name=self.deployment_name,
            poll_seconds=self.poll_seconds,
            listing_lag_seconds=self.listing_lag_seconds,
        )


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of the environment over those of .env. SettingsError naming every mistake at once."""
    reader = Reader(merged(environment))
    settings = _settings(reader)
    if reader.mistakes:
        raise SettingsError(
            say("The settings cannot be used:\n{mistakes}", mistakes=tuple(reader.mistakes))
        )
    return settings


def language_of(environment: Mapping[str, str] | None = None) -> str:
    """The language, even where the other settings are wrong: their mistakes have to be told in some language."""
    try:
        values: Mapping[str, str] = merged(environment)
    except SettingsError:
        values = os.environ if environment is None else environment
    return "en" if values.get("AGENT_LANGUAGE", "").strip().lower() == "en" else "es"


def _settings(reader: Reader) -> Settings:
    home = Path(reader.text("AGENT_HOME", ".")).expanduser().absolute()
    provider = _provider(reader)
    emulated = KINDS[provider].runs_locally
    poll, timeout, lag, settle = _durations(reader, emulated)
    endpoint = "" if emulated else _endpoint(reader)
    found = Settings(
        home=home,
        database_url=_database(reader, home),
        provider=provider,
        endpoint=endpoint,
        key="local-emulator" if emulated else _key(reader),
        api_version=reader.shaped(
            "AZURE_OPENAI_VERSION", "2024-12-01-preview", API_VERSION, "2024-12-01-preview, v1"
        ),
        base_model=reader.shaped("AZURE_OPENAI_MODEL", "gpt-4o-mini", MODEL, "gpt-4o-mini"),
        deployment_name=_deployment_name(reader),
        epochs=reader.whole("FINE_TUNING_EPOCHS", 3, 1, 50),
        batch_size=reader.whole("FINE_TUNING_BATCH_SIZE", 1, 1, 256),
        learning_rate_multiplier=reader.number("FINE_TUNING_LR_MULT", 0.1, 0.0001, 10),
        prompt_loss_weight=reader.optional("FINE_TUNING_PROMPT_LOSS_WEIGHT"),
        train_split=_splits(reader),
        deploy_automatically=reader.choice(
            "AGENT_DEPLOY", "auto" if emulated else "manual", ("manual", "auto")
        )
        == "auto",
        poll_seconds=poll,
        request_timeout_seconds=timeout,
        listing_lag_seconds=lag,
        settle_seconds=settle,
        seed=reader.whole("AGENT_SEED", 42, 0, 2**31 - 1),
        language=reader.choice("AGENT_LANGUAGE", "es", ("es", "en")),
        log_level=reader.choice("AGENT_LOG_LEVEL", "info", ("debug", "info", "warning", "error")),
        training_type=_training_type(reader),
        subscription="local" if emulated else reader.optional("AZURE_SUBSCRIPTION_ID"),
        resource_group="local" if emulated else reader.optional("AZURE_RESOURCE_GROUP"),
        account=reader.text(
            "AZURE_OPENAI_RESOURCE", (urlsplit(endpoint).hostname or provider).split(".")[0]
        ),
        arm_endpoint="" if emulated else reader.url("AZURE_ARM_ENDPOINT", ARM, ARM),
        arm_token=_header("AZURE_ARM_TOKEN", reader.text("AZURE_ARM_TOKEN"), reader) or None,
        deploy_sku=reader.shaped(
            "AGENT_DEPLOY_SKU", "developertier", SKU, "developertier, standard"
        ),
        deploy_capacity=reader.whole("AGENT_DEPLOY_CAPACITY", 50, 1, 100000),
    )
    if found.deploy_automatically and not (found.subscription and found.resource_group):
        reader.wrong(
            say(
                "AGENT_DEPLOY=auto on Azure needs AZURE_SUBSCRIPTION_ID and AZURE_RESOURCE_GROUP:"
                " deployments are made through them."
            )
        )
    return found


def _database(reader: Reader, home: Path) -> str:
    value = reader.text("AGENT_DATABASE_URL", f"sqlite:///{quote(str(home))}/data/agent.db")
    try:
        parts = urlsplit(value)
        # One in memory would be another one for every connection, and forget what was paid for.
        in_memory = parts.scheme.startswith("sqlite") and (
            parts.path in ("", "/") or ":memory:" in value
        )
        good = re.match(r"(sqlite|postgresql)(\+\w+)?://", value) is not None and not in_memory
    except ValueError:
        good = False
    if not good:
        # Not shown: it may hold a password, which can be told from the rest only in a URL that is one.
        reader.wrong(
            say(
                "AGENT_DATABASE_URL is not a database URL. Example:"
                " sqlite:////srv/afinador/agent.db"
            )
        )
        return ""
    return value


def _provider(reader: Reader) -> str:
    chosen = reader.choice("AGENT_PROVIDER", "auto", ("auto", *KINDS))
    if chosen == "auto":
        return REMOTE if reader.text("AZURE_OPENAI_ENDPOINT") else LOCAL
    return chosen


def _endpoint(reader: Reader) -> str:
    value = reader.url("AZURE_OPENAI_ENDPOINT", "", "https://my-resource.openai.azure.com")
    # The portal also shows the address with a path; both SDK clients add their own.
    return re.sub(r"/openai(/v1)?$", "", value)


def _key(reader: Reader) -> str:
    value = reader.text("AZURE_OPENAI_KEY")
    if not value:
        reader.wrong(
            say(
                "AZURE_OPENAI_KEY is missing: it stands in the portal under “Keys and Endpoint” of"
                " the resource."
            )
        )
    return _header("AZURE_OPENAI_KEY", value, reader)


def _header(name: str, value: str, reader: Reader) -> str:
    if not value.isascii() or not value.isprintable() or " " in value:
        reader.wrong(
            say(
                "{name} contains a character no key has (a space, an accent). Copy it again.",
                name=name,
            )
        )
    return value


def _deployment_name(reader: Reader) -> str | None:
    name = reader.optional("FINE_TUNED_MODEL_DEPLOYMENT")
    if name is not None and not re.fullmatch(DEPLOYMENT_NAME, name):
        reader.wrong(
            say(
                "FINE_TUNED_MODEL_DEPLOYMENT is {value}; use 2 to 64 letters, digits, hyphens, dots"
                " or underscores.",
                value=repr(name),
            )
        )
    return name


def _training_type(reader: Reader) -> str | None:
    if reader.optional("AGENT_TRAINING_TYPE") is None:
        return None
    return reader.choice("AGENT_TRAINING_TYPE", TRAINING_TYPES[0], TRAINING_TYPES)


def _splits(reader: Reader) -> float:
    train = reader.number("TRAIN_SPLIT", 0.8, 0.05, 0.95)
    validation = reader.number("VALIDATION_SPLIT", 0.2, 0.05, 0.95)
    if abs(train + validation - 1) > 1e-6:
        reader.wrong(
            say(
                "TRAIN_SPLIT and VALIDATION_SPLIT are {train} and {validation}; together they must"
                " be 1.",
                train=f"{train:g}",
                validation=f"{validation:g}",
            )
        )
    return train


def _durations(reader: Reader, emulated: bool) -> tuple[float, float, float, float]:
    """poll, request time-out, listing lag, settle."""
    pick: Callable[[float, float], float] = lambda azure, local: local if emulated else azure  # noqa: E731
    day = 86400.0
    poll = reader.number("AGENT_POLL_SECONDS", pick(30, 0.5), 0.05, day)
    timeout = reader.number("AGENT_REQUEST_TIMEOUT_SECONDS", pick(30, 5), 0.1, 600)
    lag = reader.number("AGENT_LISTING_LAG_SECONDS", pick(60, 0), 0, day)
    settle = reader.number("AGENT_SETTLE_SECONDS", pick(120, 6), 0.1, day)
    if settle <= timeout + lag:
        reader.wrong(
            say(
                "AGENT_SETTLE_SECONDS is {settle}; it must be more than"
                " AGENT_REQUEST_TIMEOUT_SECONDS + AGENT_LISTING_LAG_SECONDS ({sum}), else an"
                " unanswered request could be sent twice.",
                settle=f"{settle:g}",
                sum=f"{timeout + lag:g}",
            )
        )
    return poll, timeout, lag, settle

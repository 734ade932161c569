"""The settings: checked once, every mistake told together, secrets never shown.

Longer than most files: every setting that can be wrong is one of its tests.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from agent.settings.config import load
from agent.settings.environment import language_of
from agent.views.language import translator
from states.errors import SettingsError

AZURE = {
    "AGENT_ENV_FILE": os.devnull,
    "AZURE_OPENAI_ENDPOINT": "https://mi-recurso.openai.azure.com/",
    "AZURE_OPENAI_KEY": "k3y-abc-123",
}


def loaded(**values: str) -> Any:
    return load({"AGENT_ENV_FILE": os.devnull, **values})


def mistakes(**values: str) -> str:
    with pytest.raises(SettingsError) as raised:
        load({**AZURE, **values})
    return str(raised.value)


def test_without_settings_it_is_the_emulator() -> None:
    """With the seed's defaults, and the emulator's short durations."""
    found = loaded(AGENT_HOME="/srv/x")
    assert (found.provider, found.service.name, found.project.deploy_automatically) == (
        "emulator",
        "emulator",
        True,
    )
    assert found.database_url == "sqlite:////srv/x/data/agent.db"
    assert (
        found.poll_seconds,
        found.request_timeout_seconds,
        found.listing_lag_seconds,
        found.settle_seconds,
    ) == (0.5, 5, 0, 6)
    assert (
        found.project.epochs,
        found.project.batch_size,
        found.project.learning_rate_multiplier,
        found.project.train_split,
    ) == (
        3,
        1,
        0.1,
        0.8,
    )
    assert (found.project.base_model, found.api_version, found.project.seed, found.language) == (
        "gpt-4.1-mini",
        "2024-12-01-preview",
        42,
        "es",
    )
    assert found.project.deployment_name is None


def test_with_an_endpoint_it_is_azure() -> None:
    """Deployment by hand, and durations that Azure needs."""
    found = load(AZURE)
    assert (found.provider, found.service.name, found.project.deploy_automatically) == (
        "azure",
        "mi-recurso.openai.azure.com",
        False,
    )
    assert found.endpoint == "https://mi-recurso.openai.azure.com"
    assert found.account == "mi-recurso"
    assert (
        found.poll_seconds,
        found.request_timeout_seconds,
        found.listing_lag_seconds,
        found.settle_seconds,
    ) == (
        30,
        30,
        60,
        120,
    )


def test_the_emulator_can_be_chosen_beside_an_endpoint() -> None:
    """Then nothing of Azure's is used, nor even checked."""
    found = load({**AZURE, "AGENT_PROVIDER": "Emulator", "AZURE_OPENAI_ENDPOINT": "nonsense"})
    assert (found.service.runs_locally, found.endpoint) == (True, "")
    assert "k3y-abc-123" not in found.secrets


def test_every_mistake_is_told_at_once() -> None:
    """One run, one list."""
    bad = {
        "AZURE_OPENAI_ENDPOINT": "http://contoso.example",
        "AZURE_OPENAI_KEY": "con espacio",
        "FINE_TUNED_MODEL_DEPLOYMENT": "á",
        "FINE_TUNING_EPOCHS": "2.5",
        "FINE_TUNING_BATCH_SIZE": "0",
        "FINE_TUNING_LR_MULT": "nan",
        "TRAIN_SPLIT": "0.7",
        "AGENT_PROVIDER": "aws",
        "AGENT_DEPLOY": "maybe",
        "AGENT_POLL_SECONDS": "-1",
        "AGENT_REQUEST_TIMEOUT_SECONDS": "inf",
        "AGENT_SEED": "x",
        "AGENT_LANGUAGE": "fr",
        "AGENT_LOG_LEVEL": "loud",
        "AGENT_DEPLOY_CAPACITY": "1e9",
        "AZURE_OPENAI_VERSION": "banana",
        "AZURE_OPENAI_MODEL": "my model;",
        "AGENT_TRAINING_TYPE": "??",
        "AGENT_DEPLOY_SKU": "a b",
        "AZURE_ARM_ENDPOINT": "ftp://x",
        "AZURE_ARM_TOKEN": "señal",
    }
    told = mistakes(**bad)
    for name in bad:
        assert name in told, name
    assert "con espacio" not in told
    assert "señal" not in told


@pytest.mark.parametrize(
    ("settle", "good"), [("90", False), ("90.001", True), ("89.9", False), ("91", True)]
)
def test_settling_takes_longer_than_a_request_and_its_listing(settle: str, good: bool) -> None:
    """Else an unanswered request could be sent twice: refused at the start. Fractions are fine."""
    if good:
        assert load({**AZURE, "AGENT_SETTLE_SECONDS": settle}).settle_seconds == float(settle)
    else:
        assert "could be sent twice" in mistakes(AGENT_SETTLE_SECONDS=settle)


@pytest.mark.parametrize(
    "value", ["contoso", "ftp://x", "https://", "https://x:99999", "//x", "https://[x"]
)
def test_an_endpoint_must_be_a_url(value: str) -> None:
    """With an example of a good one."""
    assert "https://my-resource.openai.azure.com" in mistakes(AZURE_OPENAI_ENDPOINT=value)
    assert "https://management.azure.com" in mistakes(AZURE_ARM_ENDPOINT=value)


@pytest.mark.parametrize("name", ["AZURE_OPENAI_ENDPOINT", "AZURE_ARM_ENDPOINT"])
def test_a_secret_never_travels_unencrypted(name: str) -> None:
    """Plain http only to this machine; no credentials in the URL. Key and token alike."""
    assert f"{name} must begin with https://" in mistakes(**{name: "http://contoso.example"})
    assert f"{name} must not contain a user name" in mistakes(
        **{name: "https://u:p4ss@contoso.example"}
    )
    assert load({**AZURE, name: "http://127.0.0.1:8080"}).provider == "azure"


@pytest.mark.parametrize("version", ["2024-10-21", "2025-04-01-preview", "v1", "preview"])
def test_a_version_is_dated_or_one_of_two_words(version: str) -> None:
    """As the service names them."""
    assert load({**AZURE, "AZURE_OPENAI_VERSION": version}).api_version == version
    assert "AZURE_OPENAI_VERSION" in mistakes(AZURE_OPENAI_VERSION=f"{version}x")


@pytest.mark.parametrize("given", ["standard", "GLOBALSTANDARD", "DeveloperTier"])
def test_a_training_type_is_sent_as_the_service_writes_it(given: str) -> None:
    """“Developer”, the portal's word, would be refused or quietly taken for Standard."""
    assert load({**AZURE, "AGENT_TRAINING_TYPE": given}).project.training_type in (
        "Standard",
        "GlobalStandard",
        "developerTier",
    )
    assert "developerTier" in mistakes(AGENT_TRAINING_TYPE="Developer")


def test_a_model_may_be_one_that_was_trained_before() -> None:
    """Its name has dots, colons and hyphens."""
    for name in ("gpt-4.1-mini-2025-04-14.ft-0b1c", "ft:gpt-4o-mini:contoso::abc"):
        assert load({**AZURE, "AZURE_OPENAI_MODEL": name}).project.base_model == name


def test_automatic_deployment_on_azure_needs_the_resource() -> None:
    """Deployments are made through Resource Manager."""
    assert "AZURE_SUBSCRIPTION_ID" in mistakes(AGENT_DEPLOY="auto")
    assert load(
        {**AZURE, "AGENT_DEPLOY": "auto", "AZURE_SUBSCRIPTION_ID": "s", "AZURE_RESOURCE_GROUP": "g"}
    ).project.deploy_automatically


def test_an_empty_value_is_none_and_covers_the_files(tmp_path: Path) -> None:
    """The environment is over .env, also where it says nothing."""
    file = tmp_path / "settings.env"
    file.write_text(
        "\ufeff# comment\nFINE_TUNING_EPOCHS=7\nexport AGENT_SEED='11'\nAZURE_OPENAI_KEY=\n",
        encoding="utf-8",
    )
    assert load({"AGENT_ENV_FILE": str(file)}).project.epochs == 7
    assert load({"AGENT_ENV_FILE": str(file)}).project.seed == 11
    assert load({"AGENT_ENV_FILE": str(file), "FINE_TUNING_EPOCHS": "9"}).project.epochs == 9
    assert load({"AGENT_ENV_FILE": str(file), "FINE_TUNING_EPOCHS": " "}).project.epochs == 3


def test_a_file_of_settings_must_be_text(tmp_path: Path) -> None:
    """Not UTF-8: named, without its content."""
    file = tmp_path / "settings.env"
    file.write_bytes("AZURE_OPENAI_KEY=señal".encode("latin-1"))
    with pytest.raises(SettingsError, match=r"settings\.env is not UTF-8"):
        load({"AGENT_ENV_FILE": str(file)})
    assert language_of({"AGENT_ENV_FILE": str(file), "AGENT_LANGUAGE": "en"}) == "en"


def test_what_the_system_says_of_a_file_is_translated_with_the_rest(tmp_path: Path) -> None:
    """A folder in the place of a file, told in one language."""
    with pytest.raises(SettingsError, match="cannot be read: Is a directory") as raised:
        load({"AGENT_ENV_FILE": str(tmp_path)})
    assert translator("es")(raised.value.text) == f"No se puede leer {tmp_path}: es una carpeta."


def test_secrets_are_never_shown() -> None:
    """Not in repr, not in str; a password in the database's URL is one, too."""
    found = load(
        {
            **AZURE,
            "AZURE_ARM_TOKEN": "t0ken-xyz",
            "AGENT_DATABASE_URL": "postgresql://ana:s3creto@db/x",
            "AGENT_LANGUAGE": "en",
        }
    )
    assert set(found.secrets) == {"k3y-abc-123", "t0ken-xyz", "s3creto"}
    for secret in found.secrets:
        assert secret not in repr(found)
        assert secret not in str(found)


def test_an_unusable_database_url_is_told_without_a_traceback() -> None:
    """Its password cannot be looked for, and nothing of it is shown."""
    assert "AGENT_DATABASE_URL" in mistakes(AGENT_DATABASE_URL="postgresql://ana:[s3creto@db/x")
    assert "s3creto" not in mistakes(AGENT_DATABASE_URL="postgresql://ana:[s3creto@db/x")


@pytest.mark.parametrize(
    "address",
    [
        "u:s3@creto@h:5432/db",
        "u:s3/creto@h:5432/db",
        "u:12/creto@h/db",
        "u:s3?creto@h/db",
        "u:s3#creto@h/db",
        "u@h:54x/db",
        "u@h:99999/db",
    ],
)
def test_an_address_that_can_be_read_in_two_ways_is_refused(address: str) -> None:
    """Else a part of the password is a host's name, which is shown."""
    told = mistakes(AGENT_DATABASE_URL=f"postgresql+psycopg://{address}")
    assert "AGENT_DATABASE_URL" in told
    assert "%40" in told
    assert "creto" not in told


@pytest.mark.parametrize("kind", ["postgres", "postgresql", "postgresql+psycopg"])
def test_each_name_of_postgresql_is_spoken_to_by_psycopg(kind: str) -> None:
    """Those who rent out databases write `postgres://`."""
    settings = loaded(AGENT_DATABASE_URL=f"{kind}://u@h/db?password=s3creto")
    assert settings.database_url == "postgresql+psycopg://u@h/db?password=s3creto"
    assert "s3creto" in settings.secrets
    assert "AGENT_DATABASE_URL" in mistakes(AGENT_DATABASE_URL=f"{kind}2://u@h/db")


def test_the_language_is_known_before_the_mistakes() -> None:
    """They have to be told in some language."""
    assert language_of({"AGENT_ENV_FILE": os.devnull}) == "es"
    assert language_of({"AGENT_ENV_FILE": os.devnull, "AGENT_LANGUAGE": "en"}) == "en"
    assert language_of({"AGENT_ENV_FILE": os.devnull, "AGENT_LANGUAGE": "EN "}) == "en"
    assert language_of({"AGENT_ENV_FILE": os.devnull, "AGENT_LANGUAGE": "fr"}) == "es"


def test_settings_cannot_be_changed() -> None:
    """Frozen: what was checked is what is used."""
    with pytest.raises(AttributeError):
        loaded().epochs = 4


def test_a_settings_file_that_is_named_but_missing_is_refused(tmp_path: Path) -> None:
    """A mistyped name must not quietly turn Azure into the emulator."""
    with pytest.raises(SettingsError, match="does not exist"):
        load({"AGENT_ENV_FILE": str(tmp_path / "nope.env")})


@pytest.mark.parametrize("path", ["", "/", "/openai", "/openai/", "/openai/v1", "/openai/v1/"])
def test_the_endpoint_may_be_pasted_with_its_path(path: str) -> None:
    """The portal shows several forms of the same address."""
    settings = load(
        {
            "AGENT_ENV_FILE": "/dev/null",
            "AZURE_OPENAI_ENDPOINT": f"https://r.openai.azure.com{path}",
            "AZURE_OPENAI_KEY": "k" * 32,
        }
    )
    assert settings.endpoint == "https://r.openai.azure.com"


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "nonsense", "mysql://x/y"]
)
def test_a_database_that_cannot_remember_is_a_mistake_like_any_other(url: str) -> None:
    """Told along with the others, and never opened."""
    with pytest.raises(SettingsError) as caught:
        load({"AGENT_ENV_FILE": "/dev/null", "AGENT_DATABASE_URL": url, "FINE_TUNING_EPOCHS": "no"})
    assert "AGENT_DATABASE_URL" in str(caught.value)
    assert "FINE_TUNING_EPOCHS" in str(caught.value)


def test_the_password_of_the_database_is_a_secret_in_both_its_forms() -> None:
    """A URL writes it encoded, a driver's message plain."""
    settings = load(
        {
            "AGENT_ENV_FILE": "/dev/null",
            "AGENT_DATABASE_URL": "postgresql+psycopg://u:p%40ss%2Fword@h/db",
        }
    )
    assert {"p%40ss%2Fword", "p@ss/word"} <= set(settings.secrets)


def test_a_key_pasted_into_the_endpoint_is_not_shown() -> None:
    """The two stand side by side in the portal."""
    with pytest.raises(SettingsError) as caught:
        load(
            {
                "AGENT_ENV_FILE": "/dev/null",
                "AZURE_OPENAI_ENDPOINT": "0123456789abcdef",
                "AZURE_OPENAI_KEY": "k",
            }
        )
    assert "0123456789abcdef" not in str(caught.value)

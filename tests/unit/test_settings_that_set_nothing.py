"""What stands in .env or in the environment and sets nothing is told at the start."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from agent.emulator.state import settings as emulator
from agent.settings.config import load
from agent.settings.names import OF_IDENTITY, OF_THE_EMULATOR
from states.errors import SettingsError

AZURE = {"AZURE_OPENAI_ENDPOINT": "https://r.openai.azure.com", "AZURE_OPENAI_KEY": "k3y-abc"}


def complaint(text: str = "", **environment: str) -> str:
    """What `load` says against a file of settings, which is called F here; "" for nothing."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".env") as file:
        file.write(text)
        file.flush()
        try:
            load({"AGENT_ENV_FILE": file.name, **environment})
        except SettingsError as error:
            return str(error).replace(file.name, "F")
    return ""


def warnings(**environment: str) -> str:
    found = load({"AGENT_ENV_FILE": os.devnull, **environment})
    return "\n".join(str(warning) for warning in found.warnings)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('AGENT_SEED="3', 1),
        ("AGENT_SEED='3\nAGENT_LANGUAGE=en\n", 1),
        ("\n# comment\n\nAGENT_SEED: 3\n", 4),
        ("AGENT_SEED:3", 1),
        ("AGENT_SEED", 1),
        ("export AGENT_SEED", 1),
        ("AGENT_LANGUAGE=en\r\n\r\nset AGENT_SEED=3\r\n", 3),
        ("AGENT_SEED=3\nk3y-that-was-pasted-alone\n", 2),
    ],
)
def test_a_line_of_the_file_that_sets_nothing_is_refused(text: str, line: int) -> None:
    """With its number, and without its content: it may be a key."""
    told = complaint(text)
    assert f"F, line {line}: this line sets nothing" in told
    assert "pasted" not in told


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("AGENT_SEDE", "AGENT_SEED"),
        ("agent_seed", "AGENT_SEED"),
        ('"AGENT_SEED"', "AGENT_SEED"),
        ("AGENT-SEED", "AGENT_SEED"),
        ("FINETUNING_EPOCHS", "FINE_TUNING_EPOCHS"),
        ("FINE_TUNED_DEPLOYMENT", "FINE_TUNED_MODEL_DEPLOYMENT"),
        ("AZURE_SUBSCRIPTION", "AZURE_SUBSCRIPTION_ID"),
        ("AZUR_OPENAI_ENDPOINT", "AZURE_OPENAI_ENDPOINT"),
        ("TRAINING_SPLIT", "TRAIN_SPLIT"),
        ("EMULATOR_PROT", "EMULATOR_PORT"),
        ("AGENT_EPOCHS", "FINE_TUNING_EPOCHS"),
        ("AZURE_OPENAI_API_KEY", "AZURE_OPENAI_KEY"),
        ("OPENAI_API_KEY", "AZURE_OPENAI_KEY"),
        ("AZURE_OPENAI_API_VERSION", "AZURE_OPENAI_VERSION"),
        ("OPENAI_API_VERSION", "AZURE_OPENAI_VERSION"),
        ("OPENAI_API_BASE", "AZURE_OPENAI_ENDPOINT"),
    ],
)
def test_a_misspelt_name_in_the_file_is_refused(name: str, meant: str) -> None:
    """So is the SDK's own name for a setting: it would silently mean the emulator."""
    told = complaint(f"AGENT_LANGUAGE=en\n{name}=v4lue\n")
    assert f"F, line 2: {name} sets nothing; did you mean `{meant}`?" in told
    assert "v4lue" not in told


@pytest.mark.parametrize(
    "name", ["HTTPS_PROXY", "https_proxy", "SSL_CERT_FILE", "EMULATOR_PORT", "AZURE_CLIENT_ID"]
)
def test_what_only_the_environment_can_say_is_refused_in_the_file(name: str) -> None:
    """The HTTP library, the emulator and azure-identity do not read .env."""
    assert f"F, line 1: {name} sets nothing here" in complaint(f"{name}=http://proxy:3128")


def test_a_bundle_of_certificates_that_nobody_reads_is_refused() -> None:
    """It is the variable of another HTTP library."""
    assert "SSL_CERT_FILE" in complaint("REQUESTS_CA_BUNDLE=/etc/ssl/corp.pem")


def test_what_belongs_to_other_programs_is_let_be(tmp_path: Path) -> None:
    """One .env often serves several; a name of Azure's is worth a word."""
    file = tmp_path / "settings.env"
    file.write_text("DATABASE_URL=x\nexport DEBUG=1\nAZURE_STORAGE_ACCOUNT=x\nAGENT_SEED=1\n")
    found = load({"AGENT_ENV_FILE": str(file)})
    assert [str(warning) for warning in found.warnings] == [
        f"{file}, line 3: AZURE_STORAGE_ACCOUNT sets nothing"
    ]


def test_a_setting_that_stands_twice_in_the_file_is_told(tmp_path: Path) -> None:
    """The last one counts."""
    file = tmp_path / "settings.env"
    file.write_text("AGENT_SEED=1\nAGENT_SEED=2\n")
    found = load({"AGENT_ENV_FILE": str(file)})
    assert found.project.seed == 2
    assert [str(w) for w in found.warnings] == [
        f"{file}, line 1: AGENT_SEED is set again further down"
    ]


def test_a_name_in_the_environment_that_sets_nothing_is_a_warning() -> None:
    """Other programs have names there: nothing is refused for them."""
    told = warnings(AGENT_SEDE="1", AZURE_OPENAI_ENDPIONT="x", AZURE_OPENAI_API_KEY="x")
    assert "AGENT_SEDE in the environment sets nothing; did you mean `AGENT_SEED`?" in told
    assert "did you mean `AZURE_OPENAI_ENDPOINT`?" in told
    assert "did you mean `AZURE_OPENAI_KEY`?" in told


def test_the_names_of_other_programs_are_not_complained_of() -> None:
    """Neither azure-identity's, nor proxies in lower case, nor the SDK's beside our own."""
    theirs = dict.fromkeys(
        (*OF_IDENTITY, "AZURE_LOCATION", "https_proxy", "HOME", "OPENAI_LOG"), "x"
    )
    assert warnings(**theirs) == ""
    assert warnings(**AZURE, OPENAI_API_KEY="x", AZURE_OPENAI_API_KEY="x") == ""
    assert warnings(AGENT_PROVIDER="emulator", OPENAI_API_KEY="x", AZURE_SUBSCRIPTION="x") == ""


def test_a_key_without_an_endpoint_is_never_quietly_the_emulator() -> None:
    """Whoever has set a key means Azure, unless the emulator is asked for by name."""
    assert "AZURE_OPENAI_ENDPOINT" in complaint(AZURE_OPENAI_KEY="k")
    chosen = {"AZURE_OPENAI_KEY": "k", "AGENT_PROVIDER": "emulator"}
    assert load({"AGENT_ENV_FILE": os.devnull, **chosen}).service.runs_locally


def test_a_key_is_taken_as_it_stands(tmp_path: Path) -> None:
    """A `${…}` within it is no variable."""
    file = tmp_path / "settings.env"
    file.write_text(
        "AZURE_OPENAI_ENDPOINT=https://r.openai.azure.com\nAZURE_OPENAI_KEY=a${HOME}b\n"
    )
    assert load({"AGENT_ENV_FILE": str(file)}).key == "a${HOME}b"


@pytest.mark.parametrize(
    ("given", "right"),
    [
        ("https://r.cognitiveservices.azure.com/x", "https://r.cognitiveservices.azure.com"),
        ("https://r.openai.azure.us?api-version=v1", "https://r.openai.azure.us"),
        ("https://r.openai.azure.com#keys", "https://r.openai.azure.com"),
        ("https://api.openai.com/v1", "https://my-resource.openai.azure.com"),
        ("https://portal.azure.com/#home", "https://my-resource.openai.azure.com"),
        ("https://ai.azure.com/build", "https://my-resource.openai.azure.com"),
        ("https://management.azure.com", "https://my-resource.openai.azure.com"),
        ("https://r.openai.\u200bazure.com", "https://my-resource.openai.azure.com"),
        ("https://r.openai azure.com", "https://my-resource.openai.azure.com"),
        ("https://r.openai.azure.com;", "https://my-resource.openai.azure.com"),
        ("https://r.openai.azure.com,", "https://my-resource.openai.azure.com"),
        ("https://https://r.openai.azure.com", "https://my-resource.openai.azure.com"),
        ("https://<my-resource>.openai.azure.com", "https://my-resource.openai.azure.com"),
        ("https://${NAME}.openai.azure.com", "https://my-resource.openai.azure.com"),
        ("https://*.openai.azure.com", "https://my-resource.openai.azure.com"),
        ("https://r.openai.azure.com\\openai", "https://my-resource.openai.azure.com"),
        ("https://r%2eopenai.azure.com", "https://my-resource.openai.azure.com"),
        ("https://r..openai.azure.com", "https://my-resource.openai.azure.com"),
        (f"https://{'r' * 64}.openai.azure.com", "https://my-resource.openai.azure.com"),
        ("https://r.openai.azure.com\0", "control character"),
        ("https://r.openai\n.azure.com", "control character"),
    ],
)
def test_an_address_of_another_form_is_refused_with_the_right_one(given: str, right: str) -> None:
    """The portal shows addresses of every sort beside the endpoint."""
    told = complaint(**{**AZURE, "AZURE_OPENAI_ENDPOINT": given})
    assert "AZURE_OPENAI_ENDPOINT" in told
    assert right in told
    assert "/deployments" not in told


def test_the_path_of_a_gateway_belongs_to_its_address() -> None:
    """A company's gateway serves Azure below a path of its own."""
    settings = {**AZURE, "AZURE_OPENAI_ENDPOINT": "https://gateway.example/aoai/openai/v1/"}
    assert (
        load({"AGENT_ENV_FILE": os.devnull, **settings}).endpoint == "https://gateway.example/aoai"
    )


@pytest.mark.parametrize(
    "url",
    ["sqlite:///file:x?mode=memory&uri=true", "sqlite:///x?mode=memory", "sqlite:////tmp/x\0.db"],
)
def test_a_database_of_sqlites_own_uris_is_refused(url: str) -> None:
    """It may be in memory, and would forget what was paid for."""
    assert "AGENT_DATABASE_URL" in complaint(AGENT_DATABASE_URL=url)


def test_a_key_in_quotes_is_refused() -> None:
    """`docker --env-file` passes the quotes of a file on, and the service would see them."""
    quoted = {**AZURE, "AZURE_OPENAI_KEY": '"k3y-abc"'}
    assert "AZURE_OPENAI_KEY contains" in complaint(**quoted)


def test_every_name_of_the_emulators_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list is another program's, which lives here: it must not lag behind."""
    asked: set[str] = set()

    class Environment(dict[str, str]):
        def get(self, name: str, default: str = "") -> str:  # type: ignore[override]
            asked.add(name)
            return default

    emulator.read_settings(emulator.Namespace(), Environment())
    assert asked == set(OF_THE_EMULATOR)


@pytest.mark.parametrize("hidden", ["\u200b", "\ufeff", "\u202e", "\x1b[1m"])
def test_what_nobody_sees_in_a_name_of_the_file_is_left_out(hidden: str) -> None:
    """It came with a copy from a page, and a complaint would show the very name that is right."""
    assert "AGENT_SEED" in complaint(f"{hidden}AGENT_SEED=x\n")
    assert complaint(f"AGENT_{hidden}SEED=7\n") == ""

"""Settings of the service: what Azure needs, and its API."""

from __future__ import annotations

from agent.settings.addresses import Url
from agent.settings.checks import DeploymentNames, Header, Shape
from agent.settings.setting import Section, Setting, Words
from states.text import say

MODEL = r"[A-Za-z0-9][A-Za-z0-9._:/@-]*"  # also one that was fine-tuned before, or another maker's
API_VERSION = r"\d{4}-\d{2}-\d{2}(-preview)?|v1|preview"

NEEDED = Section(
    title="what Azure needs",
    introduction="Without AZURE_OPENAI_ENDPOINT everything runs on the local emulator and nothing"
    " is sent anywhere.",
    settings=(
        Setting(
            "AZURE_OPENAI_ENDPOINT",
            "endpoint",
            # The portal also shows the address with a path; both SDK clients add their own.
            Url("https://my-resource.openai.azure.com", strip=r"/openai(/v1)?$", is_resource=True),
            default="",
            local="",
            is_read_locally=False,
            reason="Portal > your Azure OpenAI resource > Keys and Endpoint. https:// only, since"
            " the key travels with every request.",
            why=Words("not set: everything runs on the emulator", "sin él, todo va al emulador"),
            shown=Words("needed", "necesario"),
            shown_local="–",
            example="https://my-resource.openai.azure.com",
        ),
        Setting(
            "AZURE_OPENAI_KEY",
            "key",
            Header(
                missing=say(
                    "AZURE_OPENAI_KEY is missing: it stands in the portal under “Keys and"
                    " Endpoint” of the resource."
                )
            ),
            default="",
            local="local-emulator",
            is_read_locally=False,
            is_secret=True,
            reason="One of the two keys from the same page. It is written to no log, database or"
            " report.",
            why=Words(
                "sent in a header, written nowhere",
                "viaja en una cabecera y no se escribe en ningún sitio",
            ),
            shown=Words("needed", "necesario"),
            shown_local="–",
        ),
        Setting(
            "AZURE_OPENAI_MODEL",
            "base_model",
            Shape(MODEL, "gpt-4.1-mini"),
            default="gpt-4.1-mini",
            is_project=True,
            reason="The base model to be trained. A name without a date stands for the dated one"
            " the service wants (states/catalog/service.toml). Base models retire: take one that"
            " your resource still offers for fine-tuning.",
            why=Words("base model to train", "modelo base que se entrena"),
        ),
        Setting(
            "AZURE_OPENAI_BASE_DEPLOYMENT",
            "base_deployment",
            DeploymentNames(),
            default="none",
            local="AZURE_OPENAI_MODEL",  # its name without the date
            is_project=True,
            reason="Deployments of untuned models, with commas between them: each is"
            " asked the same test cases, with and without examples, to show what the training is"
            " worth. Their answers are paid for. `none`: no comparison.",
            why=Words(
                "untuned models that are asked the same cases; `none` switches it off",
                "modelos sin ajustar a los que se preguntan los mismos casos; `none` lo desactiva",
            ),
        ),
    ),
)

API = Section(
    title="the API",
    settings=(
        Setting(
            "AZURE_OPENAI_VERSION",
            "api_version",
            Shape(API_VERSION, "2024-12-01-preview, v1"),
            default="2024-12-01-preview",
            reason="A dated version, or `v1` for the undated surface. A dated one can list"
            " deployments, so that one you make in the portal is found; on `v1`, without Resource"
            " Manager (below), only the deployment you name is asked.",
            why=Words("a dated API, or `v1`", "una API con fecha, o `v1`"),
        ),
    ),
)

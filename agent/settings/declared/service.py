"""Settings of the service: what Azure needs, and its API."""

from __future__ import annotations

from agent.settings.addresses import Url
from agent.settings.checks import Choice, DeploymentNames, Header, OptionalShape, Shape
from agent.settings.setting import Section, Setting, Words

MODEL = r"[A-Za-z0-9][A-Za-z0-9._:/@-]*"  # also one that was fine-tuned before, or another maker's
SCOPE = r"https://[a-z0-9.-]+/\.default"
API_VERSION = r"\d{4}-\d{2}-\d{2}(-preview)?|v1|preview"

NEEDED = Section(
    title="what Azure needs",
    introduction="Without AZURE_OPENAI_ENDPOINT everything runs on the local emulator and nothing"
    " is sent anywhere.",
    settings=(
        Setting(
            "AZURE_OPENAI_ENDPOINT",
            "endpoint",
            Url("https://my-resource.openai.azure.com", is_resource=True),
            default="",
            local="",
            is_read_locally=False,
            reason="Portal > your Azure OpenAI resource > Keys and Endpoint (*.openai.azure.com,"
            " *.cognitiveservices.azure.com, *.services.ai.azure.com, or a sovereign cloud's). What"
            " the portal shows behind it is cut. https:// only, since the key travels with every"
            " request.",
            why=Words("not set: everything runs on the emulator", "sin él, todo va al emulador"),
            shown=Words("needed", "necesario"),
            shown_local="–",
            example="https://my-resource.openai.azure.com",
        ),
        Setting(
            "AZURE_OPENAI_KEY",
            "key",
            Header(),
            default="",
            local="local-emulator",
            is_read_locally=False,
            is_secret=True,
            reason="One of the two keys from the same page. It is written to no log, database or"
            " report. Without it, Entra ID is asked for tokens (below).",
            why=Words(
                "sent in a header, written nowhere",
                "viaja en una cabecera y no se escribe en ningún sitio",
            ),
            shown=Words("tokens of Entra ID", "tokens de Entra ID"),
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

AUTH = Section(
    title="who asks",
    settings=(
        Setting(
            "AZURE_OPENAI_AUTH",
            "auth",
            Choice(("auto", "key", "entra")),
            default="auto",
            local="key",
            is_read_locally=False,
            reason="auto: the key where there is one, else Entra ID. entra: tokens only, as where"
            " keys are switched off (AuthenticationTypeDisabled). They come from azure-identity"
            " (pip install 'afinador[azure]'): a service principal, a workload or managed identity,"
            " or `az login`, with the role “Cognitive Services OpenAI Contributor”.",
            why=Words(
                "the key where there is one, else tokens of Entra ID (extra `azure`); `key` or"
                " `entra` for one only",
                "la clave si la hay y, si no, tokens de Entra ID (extra `azure`); `key` o `entra`"
                " para solo una de las dos",
            ),
            shown_local="–",
        ),
        Setting(
            "AZURE_OPENAI_SCOPE",
            "scope",
            OptionalShape(SCOPE, "https://ai.azure.com/.default"),
            default="",
            local="",
            is_read_locally=False,
            reason="What a token is for. Not set: https://cognitiveservices.azure.com/.default, or"
            " that of the endpoint's sovereign cloud. Some Foundry resources want"
            " https://ai.azure.com/.default: `doctor` tries both.",
            why=Words(
                "what tokens are for; some Foundry resources want `https://ai.azure.com/.default`",
                "para qué son los tokens; algunos recursos de Foundry piden"
                " `https://ai.azure.com/.default`",
            ),
            shown=Words("of the endpoint's cloud", "la de la nube del endpoint"),
            shown_local="–",
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

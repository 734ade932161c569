"""How to deploy the model by hand, and how to call it: for results/deployment_info.json.

results.py calls `write_guide`. Nothing here ever contains the key: it is read from a variable."""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import dataclass
from typing import Any

from agent.settings.config import Settings
from agent.settings.services import is_undated
from agent.views.language import Translate
from states.bases.table import OPENAI, Entry, Fit, fits_sku, format_of, skus_of
from states.text import Text, say

_CHECKPOINT = ":ckpt-step-"  # between a model's name and the step, in that of its checkpoint


@dataclass(frozen=True)
class Target:
    """The resource where the model is deployed: what the commands of the guide need."""

    endpoint: str
    api_version: str
    account: str
    resource_group: str | None
    sku: str
    capacity: int
    is_undated: bool  # the v1 surface: another client, and the deployment in the body
    emulator_home: str | None  # where the local emulator keeps its files, if it is the service
    scope: str | None = None  # of the tokens that are sent, where no key is


def target_of(settings: Settings) -> Target:
    """The resource of the settings."""
    service = settings.service
    return Target(
        # The emulator's port changes with every start, and a report must not.
        endpoint=settings.endpoint or "http://127.0.0.1:8080",
        api_version=settings.api_version,
        account=settings.account,
        resource_group=settings.resource_group,
        sku=settings.deploy_sku,
        capacity=settings.deploy_capacity,
        is_undated=is_undated(settings.api_version),
        emulator_home=str(service.home(settings.home)) if service.is_stand_in else None,
        scope=settings.scope if settings.uses_entra else None,
    )


@dataclass(frozen=True)
class Question:
    """What the sample calls ask: the system prompt of the training, a sentence of the project."""

    system: str
    user: str

    @property
    def messages(self) -> list[dict[str, str]]:
        return [{"role": "system", "content": self.system}, {"role": "user", "content": self.user}]


def write_guide(
    project: str,
    model: str,
    name: str,
    target: Target,
    question: Question,
    translate: Translate,
    entry: Entry | None = None,
) -> dict[str, Any]:
    """How to deploy `model` as `name`, each way under its key. `entry`: of its base model.

    portal: the steps; az, emulator: a command; python, curl: a call of the deployment; after: what
    happens then; note: what is different on the emulator."""
    ways: dict[str, Any] = {
        "portal": [translate(step) for step in _portal_steps(model, name, target, entry)],
        "az": _az_command(model, name, target, format_of(entry or {})),
        "python": _python_call(name, target, question),
        "curl": _curl_call(name, target, question),
        "after": translate(
            say(
                "When it is deployed, nothing more is needed: the agent notices it. To check at"
                " once: {command}",
                command=_advance_command(project, name),
            )
        ),
    }
    if target.emulator_home is not None:
        ways.update(_emulator_ways(model, name, target.emulator_home, translate))
    return ways


def _emulator_ways(model: str, name: str, home: str, translate: Translate) -> dict[str, str]:
    """With this very interpreter: the system's `python` knows no `agent`."""
    program = f"{shlex.quote(sys.executable)} -m agent.emulator"
    where = f"--home {shlex.quote(home)}"
    note = say(
        "On the emulator the portal steps and the az command only show how it goes on"
        " Azure. The calls in Python and curl work once the emulator is served"
        " (emulator_serve), with any AZURE_OPENAI_KEY that is not empty."
    )
    return {
        "emulator": f"{program} deploy {where} --model {model} --name {name}",
        "emulator_serve": f"{program} {where} --port 8080",
        "note": translate(note),
    }


def _portal_steps(model: str, name: str, target: Target, entry: Entry | None) -> list[Any]:
    return [
        say("Open https://ai.azure.com and choose the resource {account}.", account=target.account),
        _choose_model(model),
        say("Choose “Deploy” (“Use this model”) and give it the name {name}.", name=name),
        _choose_type(target, entry),
        say("Wait until the state is “Succeeded”; the first answers may take some minutes more."),
    ]


def _choose_model(model: str) -> Text:
    final, _, step = model.partition(_CHECKPOINT)
    if not step:
        return say("Go to “Fine-tuning” and open the finished model {model}.", model=model)
    return say(
        "Go to “Fine-tuning”, open the finished model {final} and choose its checkpoint {model}.",
        final=final,
        model=model,
    )


def _choose_type(target: Target, entry: Entry | None) -> Text:
    if entry and fits_sku(entry, "developertier") is not Fit.YES and skus_of(entry):
        return say(
            "As deployment type choose one of: {types} (billed by the hour even when idle; others"
            " are refused for this model); capacity {capacity}.",
            types=", ".join(skus_of(entry)),
            capacity=target.capacity,
        )
    return say(
        "As deployment type choose “Developer” (no hourly fee, ends by itself after 24 hours)"
        " for a test, or “Standard” (billed by the hour even when idle) for production;"
        " capacity {capacity}.",
        capacity=target.capacity,
    )


def _az_command(model: str, name: str, target: Target, maker: str) -> str:
    """For open weights this command wants a word of its own, and not the maker's name."""
    group = target.resource_group or "<resource-group>"
    word = OPENAI if maker == OPENAI else "OpenAI-OSS"
    return (
        f"az cognitiveservices account deployment create --resource-group {group} --name"
        f" {target.account} --deployment-name {name} --model-name {model} --model-version 1"
        f" --model-format {word} --sku-name {target.sku} --sku-capacity {target.capacity}"
    )


def _python_call(name: str, target: Target, question: Question) -> str:
    key, before = 'api_key=os.environ["AZURE_OPENAI_KEY"]', ["import os"]
    if target.scope is not None:
        key = "api_key=token" if target.is_undated else "azure_ad_token_provider=token"
        names = "DefaultAzureCredential, get_bearer_token_provider"
        before = [f"from azure.identity import {names}"]
    if target.is_undated:
        kind, client = "OpenAI", f'OpenAI(base_url="{target.endpoint}/openai/v1/", {key})'
    else:
        kind = "AzureOpenAI"
        where = f'azure_endpoint="{target.endpoint}", api_version="{target.api_version}"'
        client = f"{kind}({where}, {key})"
    return "\n".join(
        [
            *before,
            f"from openai import {kind}",
            "",
            *_python_token(target.scope),
            f"client = {client}",
            "answer = client.chat.completions.create(",
            f'    model="{name}",',
            "    temperature=0,",
            "    messages=[",
            *(
                f"        {json.dumps(message, ensure_ascii=False)},"
                for message in question.messages
            ),
            "    ],",
            ")",
            "print(answer.choices[0].message.content)",
        ]
    )


def _python_token(scope: str | None) -> list[str]:
    provider = "get_bearer_token_provider(DefaultAzureCredential(), "
    return [] if scope is None else [f'token = {provider}"{scope}")']


def _curl_call(name: str, target: Target, question: Question) -> str:
    body = {"messages": question.messages, "temperature": 0}
    path = f"deployments/{name}/chat/completions?api-version={target.api_version}"
    if target.is_undated:
        body, path = {"model": name, **body}, "v1/chat/completions"
    data = shlex.quote(json.dumps(body, ensure_ascii=False))
    key = "api-key: $AZURE_OPENAI_KEY"
    if target.scope is not None:
        token = f"az account get-access-token --scope {target.scope} --query accessToken -o tsv"
        key = f"Authorization: Bearer $({token})"
    headers = f"-H \"{key}\" -H 'Content-Type: application/json'"
    return f"curl '{target.endpoint}/openai/{path}' {headers} -d {data}"


def _advance_command(project: str, name: str) -> str:
    program = f"{shlex.quote(sys.executable)} -m agent"
    return f"{program} advance {project} --deployment {shlex.quote(name)}"

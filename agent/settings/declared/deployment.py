"""Settings of the deployment, and of Azure Resource Manager, which makes it."""

from __future__ import annotations

from agent.settings.addresses import Url
from agent.settings.checks import (
    AnyText,
    Choice,
    DeploymentName,
    Header,
    Number,
    OptionalText,
    Shape,
    Whole,
)
from agent.settings.clouds import PUBLIC
from agent.settings.setting import Section, Setting, Words
from states.stages import AFTER_ANALYSIS, NEVER, TTL

SKU = r"[A-Za-z][A-Za-z0-9_]*"

DEPLOYMENT = Section(
    title="the deployment",
    settings=(
        Setting(
            "AGENT_DEPLOY",
            "deploy",
            Choice(("manual", "auto")),
            default="manual",
            local="auto",
            is_project=True,
            reason="manual: the agent writes a guide and waits for your deployment, because a"
            " deployment can cost money every hour. auto: the agent creates it, which needs the two"
            " settings below.",
            why=Words(
                "a deployment may cost money every hour",
                "un despliegue puede costar dinero cada hora",
            ),
        ),
        Setting(
            "FINE_TUNED_MODEL_DEPLOYMENT",
            "deployment_name",
            DeploymentName(),
            is_project=True,
            reason="The deployment's name. Not set: <project>-<id>-g<generation>, which no other"
            " project will have.",
            why=Words("the deployment's name", "el nombre del despliegue"),
            shown=Words("`<project>-<id>-g<n>`", "`<proyecto>-<id>-g<n>`"),
        ),
        Setting(
            "AZURE_SUBSCRIPTION_ID",
            "subscription",
            OptionalText(),
            local="local",
            is_read_locally=False,
            reason="Azure Resource Manager is the only way to create deployments. Its token comes"
            " from `az login` or a managed identity (pip install 'afinador[azure]') ...",
            why=Words(
                "`AGENT_DEPLOY=auto` and deleting deployments go through Resource Manager",
                "`AGENT_DEPLOY=auto` y borrar despliegues pasan por Resource Manager",
            ),
            shown_local="–",
        ),
        Setting(
            "AZURE_RESOURCE_GROUP",
            "resource_group",
            OptionalText(),
            local="local",
            is_read_locally=False,
            shown_local="–",
        ),
        Setting(
            "AZURE_ARM_TOKEN",
            "arm_token",
            Header(),
            is_secret=True,
            reason="... or is given here. A token lives about an hour, a training may last longer:"
            " for short trials only.",
            why=Words(
                "a token of your own; lives about an hour",
                "un token tuyo; dura en torno a una hora",
            ),
            shown=Words("from `az login` (extra `azure`)", "de `az login` (extra `azure`)"),
            shown_local="–",
        ),
        Setting(
            "AZURE_OPENAI_RESOURCE",
            "account",
            AnyText(),
            default="",
            reason="The resource's name. Not set: the first part of the endpoint's host name.",
            why=Words("the resource's name", "el nombre del recurso"),
            shown=Words("first part of the endpoint's host", "primera parte del host del endpoint"),
            shown_local="–",
        ),
        Setting(
            "AZURE_ARM_ENDPOINT",
            "arm_endpoint",
            Url(PUBLIC.manager, is_optional=True),
            default="",
            local="",
            is_read_locally=False,
            reason="Not set: that of the endpoint's cloud (azure.com, azure.us, azure.cn). https://"
            " only, since the token travels with every request.",
            why=Words(
                "Resource Manager; https only, since the token travels with every request",
                "Resource Manager; solo https, porque el token viaja en cada petición",
            ),
            shown=Words("of the endpoint's cloud", "el de la nube del endpoint"),
            shown_local="–",
        ),
        Setting(
            "AGENT_DEPLOY_SKU",
            "deploy_sku",
            Shape(SKU, "developertier, standard"),
            default="developertier",
            reason="developertier has no hourly fee and ends by itself after 24 hours: right for an"
            " evaluation, wrong for production (standard).",
            why=Words(
                "no hourly fee; ends by itself after 24 h",
                "sin cuota por hora; termina solo a las 24 h",
            ),
            shown_local="–",
        ),
        Setting(
            "AGENT_DEPLOY_CAPACITY",
            "deploy_capacity",
            Whole(1, 100000),
            default=50,
            reason="Thousands of tokens a minute. A capacity of 1 would be about one request a"
            " minute, too few for the evaluation.",
            why=Words("thousands of tokens a minute", "miles de tokens por minuto"),
            shown_local="–",
        ),
        Setting(
            "AGENT_TEARDOWN",
            "teardown",
            Choice((NEVER, AFTER_ANALYSIS, TTL)),
            default=NEVER,
            reason="When a deployment that the agent made is deleted without being asked to."
            " after_analysis: once a project is ANALYZED. ttl: so many hours after it was asked"
            " for, as AGENT_DEPLOYMENT_TTL_HOURS said then, if a daemon is running; wherever the"
            " project stands, but to the end of an evaluation that goes on. The model"
            " stays (`evaluate --deploy`). What a person deployed is never deleted.",
            why=Words(
                "when deployments made by the agent are deleted by themselves: `after_analysis`,"
                " or `ttl` hours after they were asked for",
                "cuándo se borran solos los despliegues hechos por el agente: `after_analysis`, o"
                " `ttl` horas después de pedirlos",
            ),
        ),
        Setting(
            "AGENT_DEPLOYMENT_TTL_HOURS",
            "ttl_hours",
            Number(0.01, 8760),
            default=24.0,
        ),
        Setting(
            "AGENT_DEVELOPER_RENEW",
            "developer_renewals",
            Whole(0, 1000),
            default=0,
            reason="A Developer deployment (developertier) ends by itself after 24 hours. So often"
            " the agent makes one of its own anew then, each time for a day: in the middle of an"
            " evaluation, whose paid answers count, and once a project is ANALYZED, as far as"
            " AGENT_TEARDOWN and AGENT_DEPLOYMENT_TTL_HOURS let it. It has no hourly fee.",
            why=Words(
                "how often a Developer deployment of the agent's that has ended after its 24 h is"
                " made anew",
                "cuántas veces se rehace un despliegue Developer del agente que terminó a sus 24 h",
            ),
        ),
    ),
)

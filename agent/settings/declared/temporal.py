"""Settings of the Temporal driver (docs/scale.md). Nothing here matters where none is used."""

from __future__ import annotations

from agent.settings.checks import Choice, Header, OptionalShape, OptionalText, Shape
from agent.settings.setting import Section, Setting, Words

_PORT = r"(6553[0-5]|655[0-2]\d|65[0-4]\d\d|6[0-4]\d{3}|[1-5]\d{4}|[1-9]\d{0,3})"

TEMPORAL = Section(
    title="Temporal",
    introduction="For several machines: docs/scale.md says when. Needs the extra `temporal`.",
    settings=(
        Setting(
            "AGENT_TEMPORAL_ADDRESS",
            "temporal_address",
            OptionalShape(r"(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+):" + _PORT, "temporal.example:7233"),
            default="",
            reason="Host and port of the server of Temporal. `run --driver temporal` works for it,"
            " and a command that decides something about a project wakes its workflow there.",
            why=Words(
                "host and port of Temporal, for [several machines](scale.md)",
                "host y puerto de Temporal, para [varias máquinas](../scale.md)",
            ),
        ),
        Setting(
            "AGENT_TEMPORAL_NAMESPACE",
            "temporal_namespace",
            Shape(r"[A-Za-z0-9._-]{2,255}", "default or afinador.a1b2c"),
            default="default",
            reason="The namespace, which has to be there.",
            why=Words("its namespace, which has to be there", "su namespace, que debe existir"),
        ),
        Setting(
            "AGENT_TEMPORAL_TASK_QUEUE",
            "temporal_task_queue",
            Shape(r"[A-Za-z0-9._-]{1,100}", "afinador or team-a"),
            default="afinador",
            reason="Tells the workers of one database from those of another in the same namespace:"
            " each database needs one of its own. The service of the projects is added to it.",
            why=Words(
                "tells the workers of one database from those of another in the same namespace",
                "distingue a los trabajadores de una base de datos de los de otra en el mismo"
                " namespace",
            ),
        ),
        Setting(
            "AGENT_TEMPORAL_API_KEY",
            "temporal_api_key",
            Header(),
            is_secret=True,
            reason="The key of Temporal Cloud, say. Never shown, logged or stored.",
            why=Words("a key, where the server wants one", "una clave, si el servidor la pide"),
        ),
        Setting(
            "AGENT_TEMPORAL_TLS",
            "temporal_tls",
            Choice(("auto", "on", "off")),
            default="auto",
            reason="auto: TLS where a key or a certificate is set. on: always, by the system's"
            " certificates.",
            why=Words(
                "`auto`: TLS where a key or a certificate is set",
                "`auto`: TLS si hay clave o certificado",
            ),
        ),
        Setting(
            "AGENT_TEMPORAL_TLS_CA",
            "temporal_ca",
            OptionalText(),
            reason="Files of PEM: the authority that the server is known by, and what this worker"
            " shows of itself.",
            why=Words(
                "PEM files: the server's authority, and this worker's certificate and key",
                "archivos PEM: la autoridad del servidor, y el certificado y la clave de este"
                " trabajador",
            ),
        ),
        Setting("AGENT_TEMPORAL_TLS_CERT", "temporal_cert", OptionalText()),
        Setting("AGENT_TEMPORAL_TLS_KEY", "temporal_key", OptionalText()),
    ),
)

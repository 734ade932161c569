"""Settings of the agent's own process."""

from __future__ import annotations

from agent.settings.checks import AnyText, Choice, Number, ServiceKind, Whole
from agent.settings.notify import Addresses
from agent.settings.prices import PriceFile
from agent.settings.setting import Section, Setting, Words

DAY = 86400.0

PROCESS = Section(
    title="the agent",
    settings=(
        Setting(
            "AGENT_HOME",
            "home",
            AnyText(),
            default=".",
            reason="data/, results/ and logs/ live under it, and so does the lock that keeps a"
            " second daemon out. The current folder.",
            why=Words(
                "`data/`, `results/`, `logs/` live under it",
                "debajo viven `data/`, `results/`, `logs/`",
            ),
            shown=Words("current folder", "carpeta actual"),
        ),
        Setting(
            "AGENT_DATABASE_URL",
            "database_url",
            AnyText(),
            default="",
            is_secret=True,  # it may hold a password
            reason="Not set: sqlite:///<AGENT_HOME>/data/agent.db. Several workers share a"
            " PostgreSQL: postgresql+psycopg://USER@HOST/DATABASE, with the extra `postgres`; the"
            " password is better in ~/.pgpass, or PGPASSWORD in the environment.",
            why=Words(
                "PostgreSQL: `postgresql+psycopg://…` with the extra `postgres`",
                "PostgreSQL: `postgresql+psycopg://…` con el extra `postgres`",
            ),
            shown=Words("`sqlite:///<home>/data/agent.db`", "`sqlite:///<home>/data/agent.db`"),
        ),
        Setting(
            "AGENT_PROVIDER",
            "provider",
            ServiceKind(),
            default="auto",
            reason="auto: azure where an endpoint is set, else emulator. azure and emulator"
            " insist.",
            why=Words(
                "`azure` where an endpoint is set, else `emulator`",
                "`azure` si hay endpoint; si no, `emulator`",
            ),
        ),
        Setting(
            "AGENT_POLL_SECONDS",
            "poll_seconds",
            Number(0.05, DAY),
            default=30.0,
            local=0.5,
            reason="How often a training or a deployment is looked at. A training takes minutes to"
            " hours.",
            why=Words("how often a training is looked at", "cada cuánto se mira un entrenamiento"),
        ),
        Setting(
            "AGENT_REQUEST_TIMEOUT_SECONDS",
            "request_timeout_seconds",
            Number(0.1, 600),
            default=30.0,
            local=5.0,
            reason="For each request. The SDK's own default is ten minutes, far too long to hold up"
            " a tick.",
            why=Words("for each request", "para cada petición"),
        ),
        Setting(
            "AGENT_CONCURRENCY",
            "concurrency",
            Whole(1, 64),
            default=8,
            reason="How many test cases are asked at once, at most. Fewer, by itself, while the"
            " deployment refuses some (429).",
            why=Words(
                "test cases asked at once, at most; fewer, by itself, while the deployment is busy",
                "casos de prueba que se preguntan a la vez, como máximo; menos, por sí solo,"
                " mientras el despliegue esté ocupado",
            ),
        ),
        Setting(
            "AGENT_MONTHLY_VOLUME",
            "monthly_volume",
            Whole(0, 10**9),
            default=100_000,
            reason="Classifications a month, for the monthly cost in the results. Nothing is asked"
            " for it.",
            why=Words(
                "classifications a month, for the monthly cost in the results",
                "clasificaciones al mes, para el coste mensual de los resultados",
            ),
        ),
        Setting(
            "AGENT_PRICES",
            "prices",
            PriceFile(),
            reason="A TOML file with your own prices, in the shape of states/catalog/service.toml"
            ' ([prices.training."MODEL"], [prices.hosting], [prices.inference."MODEL"]); what it'
            " does not name keeps the catalogue's. Each with source and date, which estimates"
            " quote.",
            why=Words(
                "a TOML file with your own prices, in the shape of `states/catalog/service.toml`",
                "un archivo TOML con tus propios precios, con la forma de"
                " `states/catalog/service.toml`",
            ),
            shown=Words("the catalogue's", "los del catálogo"),
        ),
        Setting(
            "AGENT_LISTING_LAG_SECONDS",
            "listing_lag_seconds",
            Number(0, DAY),
            default=60.0,
            local=0.0,
            reason="For how long the service's listings may not show something new. Nobody"
            " documents it; a minute is generous.",
            why=Words(
                "how long the service's lists may hide something new",
                "cuánto pueden tardar las listas del servicio en mostrar algo nuevo",
            ),
        ),
        Setting(
            "AGENT_SETTLE_SECONDS",
            "settle_seconds",
            Number(0.1, DAY),
            default=120.0,
            local=6.0,
            reason="An unanswered request is sent again only this long after the last attempt, and"
            " only if the object cannot be found. Must be more than time-out + lag, else one"
            " training could be paid twice.",
            why=Words(
                "an unanswered request is sent again only this long after the last attempt; must"
                " exceed the sum of the two above; the difference is the time in which a request"
                " has to leave",
                "una petición sin respuesta solo se repite pasado este tiempo desde el último"
                " intento; debe superar la suma de las dos anteriores; la diferencia es el tiempo"
                " que tiene una petición para salir",
            ),
        ),
        Setting(
            "AGENT_NOTIFY",
            "notify",
            Addresses(),
            is_secret=True,
            reason="Who is told when a person is needed (deploy me, held, failed, confirm, a"
            " verdict, a retirement): addresses as apprise writes them"
            " (https://appriseit.com/services/), with commas or blanks between them, such as"
            " mailtos://USER:PASSWORD@HOST?to=YOU@HOST, slack://…, ntfys://…, json://localhost/PATH"
            " for a webhook. Needs the extra `notify` (pip install 'afinador[notify]'). `notify"
            " --test` tries them.",
            why=Words(
                "who is told when a person is needed: [addresses](operations.md#being-told) of"
                " mail, Slack, Teams, ntfy, a webhook (extra `notify`)",
                "a quién se avisa cuando hace falta una persona:"
                " [direcciones](operations.md#recibir-avisos) de correo, Slack, Teams, ntfy o un"
                " webhook (extra `notify`)",
            ),
        ),
        Setting(
            "AGENT_LANGUAGE",
            "language",
            Choice(("es", "en")),
            default="es",
            reason="es or en: what people read (messages, guide, analysis). Logs, JSON keys and"
            " --json are always English.",
            why=Words(
                "`es` or `en`: what people read, also the sentences inside the files of"
                " `results/`. Log, JSON keys and `--json` stay English",
                "`es` o `en`: lo que leen las personas, también las frases dentro de los archivos"
                " de `results/`. El log, las claves JSON y `--json` van siempre en inglés",
            ),
        ),
        Setting(
            "AGENT_LOG_LEVEL",
            "log_level",
            Choice(("debug", "info", "warning", "error")),
            default="info",
            reason="debug, info, warning or error. debug lets the SDK's own lines through as well,"
            " without secrets.",
            why=Words("`debug`, `info`, `warning`, `error`", "`debug`, `info`, `warning`, `error`"),
        ),
        Setting(
            "AGENT_ENV_FILE",
            "",
            AnyText(),
            default=".env",
            is_environment_only=True,
            reason="Which file to read instead of ./.env. Only from the environment: it cannot"
            " stand in the file it names. /dev/null: none.",
            why=Words(
                "another file to read, which must exist; environment only",
                "otro archivo que leer, que debe existir; solo desde el entorno",
            ),
        ),
    ),
)

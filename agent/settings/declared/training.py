"""Settings of the training. All but one may differ by project."""

from __future__ import annotations

from agent.settings.checks import (
    Budget,
    Choice,
    Number,
    OptionalChoice,
    OptionalNumber,
    OptionalText,
    TrainingType,
    Whole,
)
from agent.settings.setting import Section, Setting, Words

TRAINING = Section(
    title="the training",
    settings=(
        Setting(
            "FINE_TUNING_EPOCHS",
            "epochs",
            Whole(1, 50),
            default=3,
            is_project=True,
            reason="Passes over the training data. Costs grow with it: training tokens = tokens of"
            " the file x epochs.",
            why=Words("cost grows with it", "el coste crece con él"),
        ),
        Setting(
            "FINE_TUNING_BATCH_SIZE",
            "batch_size",
            Whole(1, 256),
            default=1,
            is_project=True,
            reason="Examples per optimisation step. 1 suits the few dozen examples of a first"
            " project.",
            why=Words("for a few dozen examples", "para unas docenas de ejemplos"),
        ),
        Setting(
            "FINE_TUNING_LR_MULT",
            "learning_rate_multiplier",
            Number(0.0001, 10),
            default=0.1,
            is_project=True,
            reason="Multiplies the service's own learning rate. Low, because so few examples are"
            " soon learnt by heart.",
            why=Words(
                "few examples are soon learnt by heart",
                "pocos ejemplos se aprenden pronto de memoria",
            ),
        ),
        Setting(
            "FINE_TUNING_PROMPT_LOSS_WEIGHT",
            "prompt_loss_weight",
            OptionalText(),
            reason="Read for compatibility only: no current version of the service knows it, so it"
            " is not sent, and a warning says so.",
            why=Words(
                "read, warned about, never sent: no current service version knows it",
                "se lee, se avisa y no se envía: ninguna versión actual del servicio lo conoce",
            ),
            shown_local="–",
        ),
        Setting(
            "AGENT_TRAINING_TYPE",
            "training_type",
            TrainingType(),
            is_project=True,
            reason="Sent as `trainingType` where set (Standard, GlobalStandard, developerTier, or"
            " for a data zone of the US DataZoneStandard, which is unverified): some models and"
            " regions demand it. Another word is sent as it is, with a warning. Not set, it is not"
            " sent, and the service takes Standard.",
            why=Words(
                "`Standard`, `GlobalStandard`, `developerTier`: some models demand it;"
                " `DataZoneStandard` and any other word are sent with a warning",
                "`Standard`, `GlobalStandard`, `developerTier`: algunos modelos lo exigen;"
                " `DataZoneStandard` y cualquier otra palabra se envían con un aviso",
            ),
            shown=Words("not sent", "no se envía"),
        ),
        Setting(
            "TRAIN_SPLIT",
            "train_split",
            Number(0.05, 0.95),
            default=0.8,
            is_project=True,
            reason="Shares of the examples, per intent; together 1. Training is rounded down: 12"
            " sentences become 9 + 3.",
            why=Words("per intent; together 1", "por intención; juntos, 1"),
        ),
        Setting(
            "VALIDATION_SPLIT",
            "validation_split",
            Number(0.05, 0.95),
            default=0.2,
            is_project=True,
        ),
        Setting(
            "AGENT_DATA_CHECK",
            "data_check",
            Choice(("full", "rules")),
            default="full",
            is_project=True,
            reason="rules: only what the service would refuse. full: also what ruins a classifier"
            " silently, by a local classifier and the libraries of the extra `data`.",
            why=Words(
                "`full`: also duplicates, leaks, suspected labels, by a local classifier; `rules`:"
                " only what the service would refuse",
                "`full`: también duplicados, fugas y etiquetas sospechosas, con un clasificador"
                " local; `rules`: solo lo que el servicio rechazaría",
            ),
        ),
        Setting(
            "AGENT_CONFIRM",
            "confirm",
            OptionalChoice(("before_training",)),
            is_project=True,
            reason="before_training: once the data is checked and a free model (and the untuned"
            " one, where there is a deployment of it) has been tried, the project waits, until"
            " `advance` lets the training be paid.",
            why=Words(
                "`before_training`: the project waits for `advance` before the training is paid",
                "`before_training`: el proyecto espera a `advance` antes de pagar el entrenamiento",
            ),
        ),
        Setting(
            "AGENT_BUDGET",
            "budget",
            Budget(),
            is_project=True,
            reason="US dollars for all projects of this home together: trainings, hosting, answers."
            " A training whose estimate exceeds what is left is not started, nor one whose price is"
            " not known. `new --budget`, `advance --budget` give one project its own, in place of"
            " this one. What it counts is no bill: set a budget in Azure as well.",
            why=Words(
                "USD for all projects of this home; a training that exceeds what is left waits for"
                " `advance --budget N`",
                "USD para todos los proyectos de esta carpeta; un entrenamiento que supere lo que"
                " queda espera a `advance --budget N`",
            ),
            shown=Words("no limit", "sin límite"),
        ),
        Setting(
            "AGENT_SEED",
            "seed",
            Whole(0, 2**31 - 1),
            default=42,
            is_project=True,
            reason="Of the split and of the training. The same data and seed give the same files. A"
            " later generation of a project trains with this number + generation - 1, so that its"
            " job can be told from the former one's.",
            why=Words(
                "the same data and seed give the same files; generation n trains with this + n − 1",
                "los mismos datos y semilla dan los mismos archivos; la generación n entrena con"
                " esta + n − 1",
            ),
        ),
    ),
)

# The instruction in place of the one made of the intents, the accuracy that is wanted, and the
# language of the instruction.
ROW_ONLY = (
    Setting("", "system_prompt", OptionalText(), is_project=True),
    Setting("", "target", OptionalNumber(0, 1), is_project=True),
    Setting("", "data_language", OptionalChoice(("es", "en")), is_project=True),
)

"""Every setting, declared once. Parser, .env.example and docs/settings.md follow from it.

Read by config.py and pages.py. A new one also needs its field in Settings or ProjectSettings.
"""

from __future__ import annotations

from agent.settings.declared import deployment, process, service, temporal, training
from agent.settings.setting import Section, Setting

SECTIONS: tuple[Section, ...] = (
    service.NEEDED,
    service.AUTH,
    service.API,
    training.TRAINING,
    deployment.DEPLOYMENT,
    process.PROCESS,
    temporal.TEMPORAL,
)
SETTINGS: tuple[Setting, ...] = tuple(
    setting for section in SECTIONS for setting in section.settings
)
# ROW_ONLY: only a project's own row can say these, no variable holds for all projects.
OF_A_PROJECT: tuple[Setting, ...] = (
    *(setting for setting in SETTINGS if setting.is_project),
    *training.ROW_ONLY,
)

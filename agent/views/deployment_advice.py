"""What to do about the deployment of a finished project.

result_content.py puts it into the analysis, and `run` says it in the terminal.
"""

from __future__ import annotations

from states.facts import deployment_of
from states.model import Project
from states.stages import DELETED
from states.text import Text, say


def advise_on_deployment(project: Project, is_stand_in: bool) -> list[Text]:
    """What to do about the deployment, which may cost money; nothing once it is deleted."""
    deployment = deployment_of(project.facts)
    if deployment is None or deployment.status == DELETED or is_stand_in:
        return []
    if deployment.is_ours:
        return [
            say(
                "Delete the deployment when you no longer need it: it may be billed by the hour"
                " even when idle (`cancel {project}`).",
                project=project.name,
            )
        ]
    return [
        say(
            "Delete the deployment in the portal when you no longer need it: it may be billed by"
            " the hour even when idle."
        )
    ]

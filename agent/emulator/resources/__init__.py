"""What the service keeps and does: files, jobs, training, deployments, models, chat.

Handlers, functions from a Context and a Request to a Response: files, jobs, models, chat,
arm_deployments, legacy_deployments. server/routes.py lists them. What they work with: the `_row`
modules (a table, and the progression of a status), the `_spec` modules (a body that was parsed).
"""

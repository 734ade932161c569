"""What the service keeps and does: files, jobs, training, deployments, models, chat.

A module named after a resource in the plural has its handlers: functions from a Context and a
Request to a Response, one for each route of server/routes.py.
"""

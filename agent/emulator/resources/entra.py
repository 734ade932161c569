"""The handler of /msi/token: a managed identity, as azure-identity asks for one on App Service."""

from __future__ import annotations

from agent.emulator.protocol.errors import invalid
from agent.emulator.protocol.http import Request, Response
from agent.emulator.resources.context import Context
from agent.emulator.state import bearer


def show_token(context: Context, request: Request) -> Response:
    """GET /msi/token?resource=…: a token for that audience, with its end."""
    resource = request.query.get("resource", "")
    if not resource:
        raise invalid("The query parameter 'resource' is required.", "resource")
    token, claims = bearer.issue(context.store, context.behaviour, resource)
    body = {
        "access_token": token,
        "expires_on": str(claims.exp),
        "resource": resource,
        "token_type": "Bearer",
    }
    return Response(200, body)

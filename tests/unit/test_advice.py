"""Advice names the setting of the surface that spoke, and quotes what it said."""

from __future__ import annotations

import ssl
from typing import Any

import httpx2
import pytest

from agent.providers.errors import Errors
from agent.providers.surfaces import DATA_PLANE, RESOURCE_MANAGER, Surface
from agent.redactor import Redactor
from states.errors import AfinadorError, NeedsOperator, Permanent, Throttled, Unreachable

URL = "https://x.example"


def said(
    status: int, body: Any, surface: Surface = DATA_PLANE, *, is_mutation: bool = True
) -> AfinadorError:
    """What an answer with an error status is translated into."""
    errors = Errors(URL, Redactor(["s3cret"]), surface)
    with pytest.raises(AfinadorError) as caught:
        errors.raise_for_status(status, {}, body, None, is_mutation=is_mutation)
    return caught.value


def wrapped(code: str, message: str, **more: Any) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, **more}}


def test_a_token_that_resource_manager_refuses_is_not_blamed_on_the_key() -> None:
    """The token comes from elsewhere; its words tell whether it has expired or is of a stranger."""
    body = wrapped("ExpiredAuthenticationToken", "The access token expiry is 3 h ago.")
    told = str(said(401, body, RESOURCE_MANAGER))
    for part in ("az login", "AZURE_ARM_TOKEN", "ExpiredAuthenticationToken: The access token"):
        assert part in told
    assert "AZURE_OPENAI_KEY" not in told


@pytest.mark.parametrize(
    "body",
    [
        wrapped("401", "Access denied due to invalid subscription key or wrong API endpoint."),
        {"statusCode": 401, "message": "Access denied due to invalid subscription key."},
        {"error": "Access denied due to invalid subscription key"},
    ],
)
def test_a_key_that_the_data_plane_refuses_is_named_with_its_words(body: Any) -> None:
    """Whatever gateway wrapped them."""
    told = str(said(401, body))
    assert "Check AZURE_OPENAI_KEY" in told
    assert "Access denied due to invalid subscription key" in told
    assert "AZURE_ARM_TOKEN" not in told


def test_a_missing_role_is_named_though_the_status_is_that_of_a_wrong_key() -> None:
    """The data plane says so with 401."""
    action = "lacks the required data action `Microsoft.CognitiveServices/accounts/OpenAI/x`"
    told = str(said(401, wrapped("PermissionDenied", f"The principal {action} to perform it.")))
    assert action in told
    assert "Cognitive Services OpenAI Contributor" in told
    assert "AZURE_OPENAI_KEY" not in told


@pytest.mark.parametrize(
    ("surface", "role"),
    [
        (DATA_PLANE, "“Cognitive Services OpenAI Contributor”"),
        (RESOURCE_MANAGER, "“Cognitive Services Contributor”"),
    ],
)
def test_a_refusal_names_the_role_of_its_surface(surface: Surface, role: str) -> None:
    assert role in str(said(403, wrapped("AuthorizationFailed", "No."), surface))


def test_what_is_no_matter_of_roles_is_not_called_so() -> None:
    """A resource without keys, and one that is closed to this network."""
    keyless = said(403, wrapped("AuthenticationTypeDisabled", "Key based authentication is off."))
    assert "takes no keys" in str(keyless)
    closed = said(403, wrapped("AccessDenied", "Denied due to Virtual Network/Firewall rules."))
    assert "“Networking”" in str(closed)


def test_a_page_of_a_proxy_names_the_proxys_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """It speaks HTML, where the service speaks JSON."""
    monkeypatch.setenv("HTTPS_PROXY", "http://ana:s3cret@proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "")
    told = str(said(403, "<html><h1>Blocked</h1></html>"))
    assert "Check HTTPS_PROXY" in told
    assert "roles" not in told
    assert "s3cret" not in told


@pytest.mark.parametrize("status", [407, 403])
def test_a_proxy_that_wants_a_password_is_told_without_a_variable(status: int) -> None:
    """A transparent one has none, and a firewall's page may as well be the service's."""
    assert ("HTTPS_PROXY" in str(said(status, None))) == (status == 407)


def test_what_resource_manager_does_not_know_is_looked_for_in_its_own_settings() -> None:
    told = str(said(404, wrapped("ResourceGroupNotFound", "Not found."), RESOURCE_MANAGER))
    assert "AZURE_RESOURCE_GROUP" in told
    assert "AZURE_OPENAI_VERSION" not in told


INNERMOST = [
    {"details": [{"code": "InsufficientQuota", "message": "It needs 50 and 10 are left."}]},
    {"details": ["junk", {"code": "X", "innererror": {"code": "InsufficientQuota", "message": "It"
      " needs 50 and 10 are left."}}]},
    {"innererror": {"code": "insufficient_quota", "message": "It needs 50 and 10 are left."}},
    {"inner_error": {"code": "InsufficientQuota", "message": "It needs 50 and 10 are left."}},
]  # fmt: skip


@pytest.mark.parametrize("inner", INNERMOST)
def test_the_innermost_words_are_quoted_and_their_code_counts(inner: Any) -> None:
    """Resource Manager's outer message says only that there are inner ones."""
    body = wrapped("BadRequest", "See inner errors for details.", **inner)
    error = said(400, body, RESOURCE_MANAGER)
    assert type(error) is NeedsOperator
    assert "It needs 50 and 10 are left." in str(error)
    assert "AGENT_DEPLOY_CAPACITY" in str(error)


def test_errors_within_errors_have_an_end() -> None:
    """A body that nests without end, and one of the wrong kinds."""
    body: dict[str, Any] = {"code": "X", "message": "deep"}
    for _ in range(100):
        body = {"code": "X", "message": "outer", "innererror": body}
    assert "outer" in str(said(400, {"error": body}))
    for nonsense in ([], "", 7, {"error": []}, {"error": {"details": {"a": 1}, "code": ["x"]}}):
        assert type(said(400, nonsense)) is Permanent


def test_the_words_of_strangers_are_cleaned_struck_out_and_cut() -> None:
    """Escapes of a terminal, half a surrogate pair, a secret, a novel."""
    text = "\x1b[31mred\x1b[0m \ud800 s3cret \u202e" + "x" * 5000
    told = str(said(400, wrapped("bad\x1b]0;t\x07", text, innererror={"message": text + "y"})))
    told.encode()
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert "s3cret" not in told
    assert len(told) < 1500


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": "You exceeded it.", "type": "insufficient_quota", "code": None}},
        wrapped("insufficient_quota", "You exceeded your current quota."),
        wrapped("QuotaExceeded", "Too many files."),
    ],
)
def test_a_quota_that_is_used_up_is_no_busy_service(body: Any) -> None:
    """It does not pass by itself: 429 is looked at after the code."""
    error = said(429, body)
    assert type(error) is NeedsOperator
    assert not error.heals


@pytest.mark.parametrize("code", ["429", "RateLimitReached", "too_many_requests", ""])
def test_a_busy_service_is_no_quota(code: str) -> None:
    assert type(said(429, wrapped(code, "Exceeded the call rate limit."))) is Throttled


def test_a_model_that_is_trained_otherwise_names_the_training_type() -> None:
    """Some are trained only as GlobalStandard, and refuse with this very sentence."""
    told = said(400, wrapped("invalid", "The specified base model does not support fine-tuning."))
    assert type(told) is Permanent
    assert "AGENT_TRAINING_TYPE" in str(told)


def test_a_certificate_that_is_not_trusted_names_the_setting_that_helps() -> None:
    """Most look for the variable of another library, which has no effect here."""
    error = httpx2.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate")
    error.__cause__ = ssl.SSLCertVerificationError("self-signed certificate in chain")
    with pytest.raises(Unreachable) as caught, Errors(URL, Redactor([])).translate():
        raise error
    for part in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE has no effect", "self-signed"):
        assert part in str(caught.value)


def test_a_manager_that_cannot_be_reached_is_no_matter_of_the_endpoint() -> None:
    errors = Errors(URL, Redactor([]), RESOURCE_MANAGER)
    with pytest.raises(Unreachable, match="AZURE_ARM_ENDPOINT"), errors.translate():
        raise httpx2.ConnectError("refused")


@pytest.mark.parametrize(
    "body",
    [
        {"detail": "No room."},
        {"detail": [{"loc": ["body", "suffix"], "msg": "No room.", "type": "value_error"}]},
        {"detail": {"code": "E1", "message": "No room."}},
        {"title": "Bad Request", "detail": "No room.", "status": 400},
        {"title": "No room.", "errors": {"suffix": ["too long"]}},
        {"errors": [{"code": "E1", "message": "No room."}]},
        {"fault": {"faultstring": "No room.", "detail": {"errorcode": "E1"}}},
        {"Message": "No room."},
        {"Error": {"Code": "E1", "Message": "No room."}},
        {"error": ["No room."]},
        [{"error": {"code": 400, "message": "No room."}}],
        ["No room."],
    ],
    ids=str,
)
def test_whatever_a_gateway_wraps_its_words_in_they_are_quoted(body: Any) -> None:
    """RFC 9457, Python's frameworks, .NET, API gateways: a refusal without words helps nobody."""
    assert "No room." in str(said(400, body))

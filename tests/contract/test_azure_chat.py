"""The dialect of a chat, learnt from refusals, with the real SDK over real HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from states.errors import NeedsOperator
from states.remote import Finish, Reply
from tests.contract.azure_rows import KEY

MESSAGES = [{"role": "system", "content": "Clasifica."}, {"role": "user", "content": "Quiero uno"}]
ANSWER = {
    "model": "gpt-4o-mini.ft-1",
    "choices": [{"message": {"content": "comprar"}, "finish_reason": "stop"}],
}
LOGPROBS = {"logprobs", "top_logprobs"}
Refuse = Callable[[dict[str, Any]], dict[str, Any] | None]  # the body of a 400; None: it is taken


class Model(ThreadingHTTPServer):
    """A deployment of a model that refuses what it does not support."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.refuse: Refuse = lambda _body: None
        self.status = 400
        self.asked: list[dict[str, Any]] = []


class Handler(BaseHTTPRequestHandler):
    server: Model

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.asked.append(body)
        refusal = self.server.refuse(body)
        content = json.dumps(ANSWER if refusal is None else refusal).encode()
        self.send_response(200 if refusal is None else self.server.status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture
def model() -> Iterator[Model]:
    server = Model()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def ask(model: Model, service: Any) -> Callable[..., Reply]:
    url = f"http://127.0.0.1:{model.server_port}"

    def asked(*unsupported: str, version: str = "2024-12-01-preview") -> Reply:
        on = service(version, url=url, key=KEY, arm=False)
        reply: Reply = on.chat("d", MESSAGES, unsupported)
        return reply

    return asked


def error(message: str, param: str | None = None, code: str | None = None) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}  # fmt: skip  # noqa: E501


def reasoning(body: dict[str, Any]) -> dict[str, Any] | None:
    """What models that think first refuse, in their own words."""
    if "max_tokens" in body:
        text = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."  # noqa: E501
        return error(text, "max_tokens", "unsupported_parameter")
    if body.get("temperature", 1) != 1:
        text = "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported."  # noqa: E501
        return error(text, "temperature", "unsupported_value")
    return None


def in_words(body: dict[str, Any]) -> dict[str, Any] | None:
    """The same by a gateway that passes on the message alone."""
    refusal = reasoning(body)
    return None if refusal is None else error(refusal["error"]["message"])


def extra_fields(body: dict[str, Any]) -> dict[str, Any] | None:
    """A server that names all at once, and has no `error` object."""
    known = {"model", "messages", "max_completion_tokens"}
    extra = [name for name in body if name not in known]
    found = [{"loc": ["body", n], "msg": "Extra inputs are not permitted"} for n in extra]
    return {"detail": found} if found else None


@pytest.mark.parametrize("version", ["2024-12-01-preview", "v1"])
@pytest.mark.parametrize(
    ("refuse", "status"), [(reasoning, 400), (in_words, 400), (extra_fields, 422)]
)
def test_a_parameter_that_is_refused_is_not_sent_again(
    refuse: Refuse, status: int, version: str, model: Model, ask: Callable[..., Reply]
) -> None:
    """The question is answered at once, and the reply says what the next one may leave out."""
    model.refuse, model.status = refuse, status
    reply = ask(version=version)
    assert (reply.text, reply.finish) == ("comprar", Finish.STOP)
    assert set(reply.unsupported) - LOGPROBS == {"max_tokens", "temperature"}
    assert model.asked[0]["max_tokens"] == 64
    assert model.asked[-1]["max_completion_tokens"] > 64
    assert "temperature" not in model.asked[-1]
    before = len(model.asked)
    assert ask(*reply.unsupported, version=version).unsupported == reply.unsupported
    assert len(model.asked) == before + 1


def test_an_old_service_that_knows_neither_limit_is_asked_without_one(
    model: Model, ask: Callable[..., Reply]
) -> None:
    model.refuse = lambda body: next(
        (
            error(f"Unrecognized request argument supplied: {name}")
            for name in ("max_tokens", "max_completion_tokens")
            if name in body
        ),
        None,
    )
    assert ask().unsupported == ("max_tokens", "max_completion_tokens")
    assert model.asked[-1].keys() == {"model", "messages", "temperature", *LOGPROBS}


def test_a_role_that_is_refused_has_another_name(model: Model, ask: Callable[..., Reply]) -> None:
    text = "Unsupported value: 'messages[0].role' does not support 'system' with this model."
    model.refuse = lambda body: (
        error(text, "messages[0].role", "unsupported_value")
        if body["messages"][0]["role"] == "system"
        else None
    )
    assert ask().unsupported == ("system",)
    assert [message["role"] for message in model.asked[-1]["messages"]] == ["developer", "user"]


@pytest.mark.parametrize(
    "refusal",
    [
        error("Unsupported parameter: 'logprobs' is not supported with this model.", "logprobs"),
        error("This model does not support the 'logprobs' parameter."),
        error("Unrecognized request arguments supplied: logprobs, top_logprobs"),
        error("Invalid value for 'top_logprobs': must be at most 5.", "top_logprobs"),
        error("top_logprobs must be between 0 and 5"),
        error("logprobs is turned off in this region"),
    ],
)
def test_who_tells_no_chances_is_asked_without_them(
    refusal: dict[str, Any], model: Model, ask: Callable[..., Reply]
) -> None:
    """They are asked for beside the answer: in whatever words they are refused, it is given."""
    model.refuse = lambda body: refusal if "top_logprobs" in body else None
    reply = ask()
    assert (reply.text, reply.tokens) == ("comprar", ())
    assert set(reply.unsupported) <= LOGPROBS
    assert reply.unsupported
    assert "top_logprobs" not in model.asked[-1]
    assert ask(*reply.unsupported).unsupported == reply.unsupported
    assert len(model.asked) == 3


@pytest.mark.parametrize("param", [{"name": "max_tokens"}, ["max_tokens"], [], 7, True])
def test_a_refusal_that_names_its_parameter_oddly_is_read_by_its_words(
    param: Any, model: Model, ask: Callable[..., Reply]
) -> None:
    def refuse(body: dict[str, Any]) -> dict[str, Any] | None:
        refusal = reasoning(body)
        return refusal and {"error": {**refusal["error"], "param": param}}

    model.refuse = refuse
    assert set(ask().unsupported) == {"max_tokens", "temperature"}


@pytest.mark.parametrize(
    "refusal",
    [
        error("The chatCompletion operation is not supported with this model.", None, "x"),
        error("This model's maximum context length is 8 tokens (max_tokens included)."),
        error("Unsupported value: 'messages' does not support the system text.", "messages"),
    ],
)
def test_a_refusal_that_names_nothing_of_the_request_is_one(
    refusal: dict[str, Any], model: Model, ask: Callable[..., Reply]
) -> None:
    """Asked once, and a person is told."""
    model.refuse = lambda _body: refusal
    with pytest.raises(NeedsOperator):
        ask()
    assert len(model.asked) == 1


@pytest.mark.parametrize(
    "refusal",
    [
        error("filtered", "prompt", "content_filter"),
        {"error": {"code": None, "innererror": {"code": "ResponsibleAIPolicyViolation"}}},
    ],
)
def test_a_question_that_the_filter_stops_is_its_statement(
    refusal: dict[str, Any], model: Model, ask: Callable[..., Reply]
) -> None:
    model.refuse = lambda _body: refusal
    assert (ask().text, ask().finish) == ("", Finish.CONTENT_FILTER)

"""What people are told, to whom, in which order, and what of it survives."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agent.notices.channel import Undelivered
from agent.notices.notice import notice_of, write
from agent.views.language import translator
from states.errors import NeedsConfirmation, NeedsOperator, Permanent
from states.state import Event, State
from states.text import say
from tests.unit.desk import Desk
from tests.unit.told import Channel, open_outbox


class Killed(BaseException):
    """The process ends here."""


def _hold(desk: Desk, text: str, name: str = "tienda") -> None:
    desk.fault.append(NeedsOperator(say("{what}", what=text)))
    desk.ticker.tick(name)


def test_a_whole_project_tells_twice(desk: Desk) -> None:
    """Deploy me, and the verdict: nothing of what needs nobody."""
    desk.wish(deploy_automatically=False)
    channel = Channel()
    outbox = open_outbox(desk, channel)
    desk.go(State.AWAITING_DEPLOY)
    outbox.deliver()
    assert channel.titles == ["Afinador: tienda: deploy the model"]
    assert "results/deployment_info.json" in channel.sent[0].body
    outbox.deliver()
    assert len(channel.sent) == 1


def test_the_verdict_is_the_line_of_status(desk: Desk) -> None:
    channel = Channel()
    outbox = open_outbox(desk, channel)
    desk.go(State.ANALYZED)
    outbox.deliver()
    assert channel.titles == ["Afinador: tienda: the verdict is there"]
    assert "ship:" in channel.sent[0].body
    assert "grade" in channel.sent[0].body


def test_holds_failures_and_questions_are_told_with_their_sentence(desk: Desk) -> None:
    desk.create()
    channel = Channel()
    outbox = open_outbox(desk, channel)
    _hold(desk, "do this")
    desk.fault.append(NeedsConfirmation(say("it costs 5 USD. `advance` has it trained"), "x"))
    desk.ticker.tick("tienda")
    desk.fault.append(Permanent(say("no such model")))
    desk.ticker.tick("tienda")
    outbox.deliver()
    assert channel.titles == [
        "Afinador: tienda: held: it needs you",
        "Afinador: tienda: waits for you to agree",
        "Afinador: tienda: failed",
    ]
    bodies = [message.body.split("\n\n")[0] for message in channel.sent]
    assert bodies == [
        "do this",
        "it costs 5 USD. `advance tienda` has it trained",
        "It gave up in DRAFT: no such model",
    ]


def test_it_is_told_in_the_persons_language(desk: Desk) -> None:
    desk.create()
    channel = Channel()
    outbox = open_outbox(desk, channel, "es")
    _hold(desk, "algo")
    outbox.deliver()
    assert channel.titles == ["Afinador: tienda: retenido: te necesita"]


def test_no_sentence_and_no_secret_goes_out(desk: Desk) -> None:
    """What customers wrote stays at home, however deep it is quoted."""
    desk.create()
    channel = Channel()
    outbox = open_outbox(desk, channel)
    inner = say("“{sentence}” is wrong", sentence="quiero mi dinero")
    desk.fault.append(NeedsOperator(say("{first}\n{rest}", first=inner, rest=(inner,))))
    desk.ticker.tick("tienda")
    _hold(desk, "the key hunter22 is refused")
    outbox.deliver()
    told = "".join(message.body for message in channel.sent)
    assert "quiero mi dinero" not in told
    assert "hunter22" not in told
    assert "is wrong" in told


def test_a_new_address_is_not_told_of_the_past(desk: Desk) -> None:
    """Of a project that begins later it is told all."""
    desk.create()
    _hold(desk, "long ago")
    channel = Channel()
    outbox = open_outbox(desk, channel)
    outbox.deliver()
    assert channel.sent == []
    _hold(desk, "now")
    desk.create("otra")
    _hold(desk, "there", "otra")
    outbox.deliver()
    assert sorted(channel.titles) == [
        "Afinador: otra: held: it needs you",
        "Afinador: tienda: held: it needs you",
    ]


def test_what_an_address_does_not_take_comes_first_the_next_time(desk: Desk) -> None:
    """In order, after a restart as well."""
    desk.create()
    channel = Channel(trouble=[Undelivered(say("busy"))])
    outbox = open_outbox(desk, channel)
    _hold(desk, "first")
    _hold(desk, "second")
    with pytest.raises(Undelivered):
        outbox.deliver()
    assert channel.sent == []
    open_outbox(desk, channel).deliver()
    assert [message.body.split("\n")[0] for message in channel.sent] == ["first", "second"]


@pytest.mark.parametrize("moment", ["before it is sent", "before it is noted", "after both"])
def test_a_kill_tells_a_thing_twice_at_most_and_never_not_at_all(
    moment: str, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed at each message in turn: one that is not noted is the first of the next life."""
    desk.create()
    channel, expected = Channel(), ["one", "two", "three"]
    outbox = open_outbox(desk, channel)
    for text in expected:
        _hold(desk, text)
    mark, killed = desk.store.mark_told, []

    def dies(*given: Any) -> None:
        is_first = given not in killed
        if moment == "after both" or not is_first:
            mark(*given)
        if is_first:
            killed.append(given)
            raise Killed

    if moment == "before it is sent":
        channel.trouble = [Killed() for _ in expected]
    else:
        monkeypatch.setattr(desk.store, "mark_told", dies)
    for _ in expected:
        with pytest.raises(Killed):
            outbox.deliver()
        outbox = open_outbox(desk, channel)
    outbox.deliver()
    told = [message.body.split("\n")[0] for message in channel.sent]
    twice = moment == "before it is noted"
    assert told == [text for text in expected for _ in range(2 if twice else 1)]


def test_a_mended_address_gets_what_the_wrong_one_did_not_take(desk: Desk) -> None:
    """A new password makes another address of it, and not a new reader."""
    desk.create()
    wrong = Channel(trouble=[Undelivered(say("login refused"))])
    outbox = open_outbox(desk, wrong)
    _hold(desk, "first")
    with pytest.raises(Undelivered):
        outbox.deliver()
    mended = Channel("two")
    open_outbox(desk, mended).deliver()
    assert mended.titles == ["Afinador: tienda: held: it needs you"]
    outbox.deliver()  # a thread of a former life: nobody follows its address any more
    assert wrong.sent == []


def test_nothing_is_kept_for_whom_nobody_names(desk: Desk) -> None:
    """Switched off and on again: what happened meanwhile is the past."""
    desk.create()
    channel = Channel()
    outbox = open_outbox(desk, channel)
    desk.store.follow(outbox._telling.home, [])
    _hold(desk, "meanwhile")
    open_outbox(desk, channel).deliver()
    assert channel.sent == []


def test_checkpoints_that_tell_nothing_are_passed_once(desk: Desk) -> None:
    outbox = open_outbox(desk, Channel())
    desk.go(State.TRAINING)
    outbox.deliver()
    assert desk.store.untold(outbox._telling.home, "one") == {}


@pytest.mark.parametrize(("state", "told"), [(State.ANALYZED, True), (State.CANCELLED, False)])
def test_a_teardown_is_told_where_the_project_goes_on_without(
    desk: Desk, state: State, told: bool
) -> None:
    """What answered does so no more; a person who cancels knows."""
    project = replace(desk.go(State.ANALYZED), state=state)
    last = desk.store.history("tienda")[-1]
    notice = notice_of(project, replace(last, event=Event.CLEANED_UP, note=say("deleted")))
    assert (notice is not None) is told


@pytest.mark.parametrize("event", list(Event))
def test_every_event_can_be_told_or_is_passed_over(desk: Desk, event: Event) -> None:
    """No event breaks the outbox, with a note or without one."""
    project = desk.go(State.ANALYZED)
    checkpoint = desk.store.history("tienda")[-1]
    for note in (None, say("a note")):
        notice = notice_of(project, replace(checkpoint, event=event, note=note))
        if notice is not None:
            assert write(notice, project, 0.0, translator("es")).body

"""A page that asks again and again is one record and a number: for a person, a session, a ticket, a camera and a time."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from fengsui.features.audit.acts import Act
from fengsui.features.audit.looks import LOOK_S, MAX_LOOKS, Looks
from fengsui.features.audit.model import NODE, AuditUnavailable, Entry, Result
from fengsui.media import EngineError
from tests.node.conftest import RunningNode, until
from tests.node.test_bookmarks import AT, WIDE, beside_a_camera, noted
from tests.node.test_footage import order

FIRST = Entry(at="1", clock_error="10", act=Act.FOOTAGE_LIST, result=Result.ALLOWED, person="chen-qi", object="5201", session="s")


def test_the_same_look_is_counted_for_a_bounded_time_and_told_once() -> None:
    looks = Looks()
    assert not looks.again(FIRST, 0.0), "nothing is counted before it was answered"
    looks.answered(FIRST, 0.0)
    later = msgspec.structs.replace(FIRST, at="2", clock_error="11")
    assert looks.again(later, 1.0) and looks.again(later, LOOK_S - 1)
    for other in ({"session": "t"}, {"ticket": "UT2"}, {"object": "5202"}, {"range": "1–2"}, {"workstation": "w"}, {"policy": "p"}):
        assert not looks.again(msgspec.structs.replace(FIRST, **other), 1.0), other
    assert looks.due(LOOK_S - 1, _as_it_is) == []
    assert not looks.again(later, LOOK_S), "it goes on record anew"
    [told] = looks.due(LOOK_S, _as_it_is)
    assert (told.detail, told.person, told.object) == ("2 more times", "chen-qi", "5201")
    assert looks.rest(_as_it_is) == []


def test_a_count_is_kept_where_a_look_goes_on_record_anew_before_it_was_told() -> None:
    looks = Looks()
    looks.answered(FIRST, 0.0)
    assert looks.again(FIRST, 1.0)
    looks.answered(FIRST, LOOK_S + 1)
    [told] = looks.rest(_as_it_is)
    assert told.detail == "1 more times"


def test_beyond_their_bound_each_look_is_a_record() -> None:
    looks = Looks()
    many = [msgspec.structs.replace(FIRST, object=str(number)) for number in range(MAX_LOOKS + 1)]
    for one in many:
        looks.answered(one, 0.0)
    assert looks.again(many[0], 1.0) and not looks.again(many[-1], 1.0)


def _as_it_is(entry: Entry) -> Entry:
    return entry


async def test_footage_that_is_listed_again_and_again_is_one_record_and_a_number(
    tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with beside_a_camera(tmp_path, store_url) as (node, code, chen):
        since, end = AT - WIDE, AT + WIDE
        span = {"from": since.isoformat(), "to": end.isoformat()}
        assert (await order(chen, code, since, end)).status_code == 201
        listed = f"/cameras/{code}/recordings"
        with monkeypatch.context() as away:
            away.setattr(node.node.footage.recording, "_engine", Away())
            assert (await chen.get(listed, params=span)).status_code == 503
        await until(lambda: [one.result for one in noted(node, "footage.list")] == ["allowed", "failed"], what="it is taken back")

        for _ in range(4):
            assert (await chen.get(listed, params=span)).status_code == 200
            assert len(noted(node, "footage.list")) == 3, "one that came to nothing speaks for no other one"
        narrower = {**span, "from": AT.isoformat()}
        assert (await chen.get(listed, params=narrower)).status_code == 200
        assert len(noted(node, "footage.list")) == 4, "another time"
        beyond = {**span, "to": (end + WIDE).isoformat()}
        assert (await chen.get(listed, params=beyond)).status_code == 403
        [first] = [one for one in noted(node, "footage.list") if one.result == "allowed"][1:2]

        monkeypatch.setattr(type(node.node.audit), "fails", property(lambda _: True))
        assert (await chen.get(listed, params=span)).status_code == 503, "nothing goes on while nothing could go on record"
        monkeypatch.undo()
    told = noted(node, "footage.list")[-1]
    assert (told.detail, told.result) == ("3 more times", "allowed")
    assert (told.object, told.range, told.ticket, told.session) == (code, first.range, first.ticket, first.session)


async def test_a_look_whose_record_cannot_be_written_is_no_look(node: RunningNode, monkeypatch: pytest.MonkeyPatch) -> None:
    audit, begun = node.node.audit, []

    def refuse(*_: object) -> None:
        raise AuditUnavailable(what="no room")

    with monkeypatch.context() as full:
        full.setattr(audit.files, "commit", refuse)
        for _ in range(2):
            with pytest.raises(AuditUnavailable):
                async with audit.looking(NODE, Act.FOOTAGE_LIST, "5201", range="1–2"):
                    begun.append(1)
    assert not begun


class Away:
    """A media core whose index is away."""

    def footage(self, *_: object) -> None:
        raise EngineError("no index")

    def fetched_footage(self, *_: object) -> None:
        raise EngineError("no index")

    def recording_status(self, *_: object) -> None:
        raise EngineError("no index")

    def footage_counters(self) -> SimpleNamespace:
        return SimpleNamespace(looking=False, looked_percent=None)

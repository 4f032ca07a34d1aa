"""What one query gathers is bounded in octets, and a query that is refused or cut is counted."""

from __future__ import annotations

import asyncio

import pytest

from fengsui.features.devices import AnswerTooLarge, NoAnswer
from fengsui.transports import answers
from fengsui.transports.answers import DROPPED, REFUSED, Gathering, Gatherings, Offered
from fengsui.wire.gb28181.device_facts import SimpleQuery
from fengsui.wire.gb28181.manscdp import Manscdp

ANSWER: Manscdp = SimpleQuery("DeviceInfo", 1, "52010200001320000001")


async def test_an_answer_that_grows_without_end_is_cut_and_told() -> None:
    gathering = Gathering("ConfigDownload", 1_000, bounded_in_all=True)
    before = DROPPED._value.get()
    for _ in range(3):
        gathering.offer(ANSWER, 400)
    assert await gathering.next() is ANSWER
    assert await gathering.next() is ANSWER
    with pytest.raises(AnswerTooLarge, match="ConfigDownload"):
        await asyncio.wait_for(gathering.next(), 30)
    gathering.offer(ANSWER, 1)
    assert DROPPED._value.get() == before + 2


async def test_a_catalogue_is_bounded_by_what_waits_alone() -> None:
    gathering = Gathering("CatalogueQuery", 1_000, bounded_in_all=False)
    for _ in range(100):
        assert gathering.offer(ANSWER, 900) is Offered.TAKEN
        assert gathering.offer(ANSWER, 900) is Offered.HELD  # nobody has taken the one before
        assert gathering.offer(ANSWER, 900) is Offered.REFUSED
        assert await gathering.next() is ANSWER
        assert await gathering.next() is ANSWER
        assert gathering.is_empty


async def test_what_comes_too_fast_is_acknowledged_when_there_is_room_and_nothing_of_it_is_lost() -> None:
    gathering, acknowledged = Gathering("CatalogueQuery", 1_000, bounded_in_all=False), list[int]()
    offered = [gathering.offer(ANSWER, 400, lambda number=number: acknowledged.append(number)) for number in range(6)]  # type: ignore[misc]
    assert offered == [Offered.TAKEN] * 2 + [Offered.HELD] * 2 + [Offered.REFUSED] * 2
    assert acknowledged == []
    assert await gathering.next() is ANSWER
    assert acknowledged == [2]
    assert gathering.offer(ANSWER, 400, lambda: acknowledged.append(6)) is Offered.HELD, "none overtakes those that were held"
    for _ in range(4):
        assert await gathering.next() is ANSWER
    assert acknowledged == [2, 3, 6] and gathering.is_empty
    assert gathering.offer(ANSWER, 400) is Offered.TAKEN


async def test_whoever_waits_for_an_acknowledgement_gets_it_when_the_query_ends() -> None:
    gatherings, acknowledged = Gatherings(1_000), list[int]()
    gathering = gatherings.begin("a", 1, "CatalogueQuery", bounded_in_all=False)
    for number in range(3):
        gathering.offer(ANSWER, 900, lambda number=number: acknowledged.append(number))  # type: ignore[misc]
    gatherings.end("a", 1)
    assert acknowledged == [1]


async def test_too_many_queries_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "MAX_QUERIES", 2)
    gatherings, before = Gatherings(1_000), REFUSED._value.get()
    gatherings.begin("a", 1, "X", bounded_in_all=True)
    gatherings.begin("a", 2, "X", bounded_in_all=True)
    with pytest.raises(NoAnswer):
        gatherings.begin("b", 1, "X", bounded_in_all=True)
    assert REFUSED._value.get() == before + 1
    gatherings.end("a", 1)
    gatherings.end("a", 1)
    assert gatherings.get("a", 1) is None and len(list(gatherings.of("a"))) == 1
    gatherings.begin("b", 1, "X", bounded_in_all=True)

"""Figures of a shift: counted where its centre answers as the seat is offered, and kept with the handover as they were then."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from fengsui.features.alarm_figures.shift import took_of
from fengsui.features.duty import Took
from tests.node.alarm_hosts import entered, line_to
from tests.node.conftest import running_node
from tests.node.duty_room import HERE, centre_of, operator, people_of, with_pack
from tests.node.test_alarm_work import ACCOUNT, act, queue, reported

BANK = {"type": "intrusion", "place": "南明银行", "area": HERE}


def test_half_and_ninety_five_of_a_hundred_took_no_longer() -> None:
    assert took_of(Counter({wait: 1 for wait in range(1, 101)})) == Took(50, 95)
    assert took_of(Counter({7: 1})) == Took(7, 7)
    assert took_of(Counter()) is None


async def test_a_handover_keeps_the_figures_of_its_shift_as_they_were_then(tmp_path: Path, store_url: str) -> None:
    settings = with_pack(tmp_path)
    stored = settings.model_copy(update={"store": settings.store.model_copy(update={"url": store_url})})
    async with running_node(tmp_path, stored) as node:
        await entered(node, ACCOUNT)
        centre = await centre_of(node)
        li, wang = await node.client_of("li-si", operator()), await node.client_of("wang-wu", operator())
        people = people_of(await node.get("/users"))

        async def done(path: str, body: dict[str, Any], status: int = 200) -> dict[str, Any]:
            answer = await li.post(path, json=body)
            assert answer.status_code == status, (path, answer.text)
            found: dict[str, Any] = answer.json()
            return found

        await done("/incidents", BANK, 201)  # before the shift: it is none of its figures
        shift = (await done("/duty/shift", {"centre": centre, "seat": 1}, 201))["id"]
        async with line_to(node.node.settings.alarm_hosts.port) as line:
            for sequence, zone in enumerate(("001", "002", "003", "004"), 1):
                await reported(line, sequence, zone=zone)
        real, false, unsaid, _ = await queue(li)
        for one in (real, false, unsaid):
            await act(li, one, "acknowledge")
        await act(li, real, "verify", result="real")
        await act(li, false, "verify", result="false", reason="animal")
        one = await done("/incidents", BANK, 201)
        await done("/incidents", BANK, 201)
        unit = await done("/units", {"call_sign": "南明 12", "kind": "car", "area": HERE}, 201)
        task = await done(f"/incidents/{one['id']}/tasks", {"unit": unit["id"], "order": "看后门"}, 201)
        await done(f"/tasks/{task['id']}/cancel", {"reason": "不用了"})
        await done(f"/incidents/{one['id']}/close", {"disposition": "handled"})
        await done("/duty/shift/hand-over", {"successor": people["wang-wu"]})

        passing = (await wang.get(f"/duty/shifts/{shift}/handover")).json()
        figures = passing["handover"]["figures"]
        counts = {name: value for name, value in figures.items() if name not in ("since", "until", "claim", "verify")}
        assert counts == {
            **{"came": 4, "taken": 3, "real": 1, "false": 1, "unclear": 0},
            **{"opened": 2, "closed": 1, "sent": 1, "done": 0, "watched": 0},
        }
        assert figures["since"] < figures["until"]
        assert all(0 <= figures[one]["median_s"] <= figures[one]["late_s"] for one in ("claim", "verify"))
        await act(li, unsaid, "verify", result="unclear")
        matters = [one["id"] for one in (await wang.get("/duty")).json()["centres"][0]["matters"]]
        taken = await wang.post(f"/duty/shifts/{shift}/accept", json={"matters": matters})
        assert taken.status_code == 201, taken.text
        (kept,) = (await wang.get(f"/duty/centres/{centre}/handovers")).json()["items"]
        assert kept["figures"] == figures, "what was done behind the offer does not change what both signed"
        await li.aclose()
        await wang.aclose()

"""The node's own figures: the last hour, the running streams, and what Prometheus reads."""

from __future__ import annotations

import asyncio
from dataclasses import fields

import httpx
import pytest

from fengsui.app.history import Sample
from fengsui.app.metrics import age_buckets
from fengsui.bus import Bus
from fengsui.simulators.faults import Faults
from fengsui.store import Store
from tests.node.conftest import RunningNode, powered, simulated_camera, until
from tests.node.test_live import open_live, read_pictures, state_of


async def metrics_of(node: RunningNode) -> dict[str, float]:
    """Every figure by its name with labels."""
    async with httpx.AsyncClient() as stranger:
        text = (await stranger.get(f"http://127.0.0.1:{node.node.settings.http.port}/metrics")).text
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in text.splitlines() if not line.startswith("#")}


async def test_the_last_hour_is_told_in_columns_of_one_length(node: RunningNode) -> None:
    history = await node.get("/node/history")
    assert history.pop("every_s") == 10
    assert set(history) == {field.name for field in fields(Sample)}
    assert {len(column) for column in history.values()} == {1}  # type: ignore[arg-type]
    assert history["memory_mb"][0] > 20  # type: ignore[index]


async def test_a_running_stream_is_listed_with_its_loss_and_counted_by_class(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar, transport="UDP", faults=Faults(loss=0.01))
    code = camera.identity.code
    async with powered(camera):
        opened = await open_live(node, code)
        watching = asyncio.create_task(read_pictures(opened, 10_000))

        async def lost() -> bool:
            state = await state_of(node, code)
            return state["state"] == "playing" and int(str(state["lost"])) > 3 and state["readers"] == 1

        await until(lost, what="packets are missed")
        (stream,) = (await node.get("/live"))["items"]  # type: ignore[misc]
        assert (stream["camera"], stream["stream"], stream["state"], stream["readers"]) == (code, "main", "playing", 1)
        counted = stream["packets"] + stream["lost"]
        assert stream["lost"] > 3 and stream["loss"] == pytest.approx(stream["lost"] / counted, rel=0.02)
        assert stream["codec"] == "h264" and stream["name"]
        node.node.history.look()
        node.node.history.look()
        history = await node.get("/node/history")
        assert history["readers"][-1] == history["streams"][-1] == 1  # type: ignore[index]
        assert max(history["in_bit_s"]) > 0  # type: ignore[call-overload]
        found = await metrics_of(node)
        labels = f'codec="h264",stream="main",transport="{stream["transport"]}"'
        assert found[f"fengsui_media_lost_packets_total{{{labels}}}"] > 0
        assert found[f"fengsui_media_packets_total{{{labels}}}"] > found[f"fengsui_media_lost_packets_total{{{labels}}}"]
        assert found['fengsui_keepalive_age_seconds_bucket{le="+Inf"}'] == 1
        assert found['fengsui_queue_depth{queue="events:console"}'] >= 0
        assert {'fengsui_queue_depth{queue="registrations"}', 'fengsui_queue_depth{queue="store writes"}'} <= set(found)
        assert not any(code in name for name in found), "no camera is a label"
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


def test_ages_fall_into_cumulated_buckets() -> None:
    buckets, total_s = age_buckets([0.0, 5.0, 5.1, 400.0])
    assert dict(buckets) == {
        "5.0": 2, "15.0": 3, "30.0": 3, "60.0": 3, "90.0": 3, "120.0": 3, "180.0": 3, "300.0": 3, "+Inf": 4
    }  # fmt: skip
    assert total_s == 410.1


def test_a_queue_tells_its_depth_and_what_it_lost() -> None:
    bus = Bus()
    bus.subscribe(int, limit=2, name="slow")
    for number in range(5):
        bus.publish(number)
    assert bus.depths() == [("slow", 2, 3)]


async def test_writes_that_wait_for_their_turn_are_counted() -> None:
    store = await Store.open("sqlite:///:memory:")

    async def write() -> None:
        async with store.transaction():
            pass

    async with store.transaction():
        waiting = [asyncio.create_task(write()) for _ in range(3)]
        await until(lambda: store.writes_waiting == 3, what="three wait")
    await asyncio.gather(*waiting)
    assert store.writes_waiting == 0
    await store.close()

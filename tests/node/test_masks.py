"""Privacy masks on a whole node: the pixels of every way out, and black wherever hiding cannot be guaranteed (A40, A41)."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from fengsui.bus import Subscription
from fengsui.errors import StorageFault
from fengsui.features.audit import NODE, Act
from fengsui.features.live.renditions import MASKED
from fengsui.features.masks import MaskPositionLost, masks_log, queries
from fengsui.features.masks.actions import Masks
from fengsui.features.masks.masks_log import lost_of, written
from fengsui.features.masks.model import Mask
from fengsui.features.policy.signing import DEMO_PACK, DEMO_PUBLISHER, FOLDER
from fengsui.picture_worker.masking import UNITS
from fengsui.simulators.device import SimulatedDevice
from fengsui.simulators.faults import Faults
from fengsui.simulators.footage import FOOTAGE_FOLDER, Clip, LoopingClip
from fengsui.simulators.identity import Channel, DeviceIdentity
from fengsui.simulators.moving_view import Head, MovingView, View
from fengsui.wire.gb28181.catalog import CatalogueItem
from tests.node import pictures
from tests.node.conftest import SERVER, RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_audit import records
from tests.node.test_live import listed

BOX = [(2500, 2500), (7500, 2500), (7500, 7500), (2500, 7500)]
CRIME = "crime-investigation"
DARK = 40
"""What compression leaves of black; the footage in the box is far brighter."""


async def open_live(
    node: RunningNode, code: str, codecs: tuple[str, ...] = ("h264", "h265"), stream: str = "main"
) -> dict[str, str]:
    answer = await node.client.post(f"/cameras/{code}/live", json={"codecs": list(codecs), "stream": stream})
    assert answer.status_code == 201, answer.text
    opened: dict[str, str] = answer.json()
    return opened


def elementary(opened: dict[str, str]) -> str:
    return opened["ws_fmp4"].replace("ws://", "http://").replace("/ws/", "/es/")


def boxed(picture: pictures.Grey) -> bool:
    """The box is black to its border, and the street around it is not."""
    edge = 3 / picture.height
    inside = picture.part(0.25 + edge, 0.25 + edge, 0.75 - edge, 0.75 - edge)
    around = picture.part(0, 0.8, 1, 1)
    return max(inside) <= DARK < max(around) and max(around) - min(around) > DARK


def black(picture: pictures.Grey) -> bool:
    return max(max(row) for row in picture.rows) <= DARK


async def add_box(node: RunningNode, code: str, preset: int = 0) -> int:
    answer = await node.client.post(f"/cameras/{code}/masks", json={"preset": preset, "name": "窗户", "points": BOX})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def patient(**media: object) -> dict[str, object]:
    return {"grace_s": 8.0, "transcode_limit": 4, "mask_settle_s": 0.5, **media}


@pytest.fixture
async def patient_node(tmp_path: Path) -> AsyncIterator[RunningNode]:
    settings = settings_for()
    async with running_node(tmp_path, settings.model_copy(update={"media": settings.media.model_copy(update=patient())})) as node:
        yield node


@pytest.mark.parametrize("footage", ["street.10fps.h264", "street.10fps.h265"])
async def test_the_mask_is_in_the_pixels_of_every_way_out(patient_node: RunningNode, footage: str) -> None:
    node = patient_node
    camera = simulated_camera(node.registrar, footage=footage)
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        await add_box(node, code)
        opened = await open_live(node, code)
        assert opened["masked"] and opened["codec"] == "h264"
        es, http, socket, hls = await asyncio.gather(
            _first(elementary(opened), 20),
            pictures.by_http(opened["ws_fmp4"].replace("ws://", "http://").replace("/ws/", "/fmp4/"), 250_000),
            pictures.by_web_socket(opened["ws_fmp4"], 25),
            pictures.by_hls(opened["hls"], 15),
        )
        for way, seen in {"elementary": es, "http": http, "socket": socket, "hls": hls}.items():
            assert len(seen) >= 5, way
            assert all(boxed(picture) for picture in seen), way
        still = await node.client.get(f"/cameras/{code}/picture")
        assert still.status_code == 200
        assert all(boxed(picture) for picture in pictures.of_file(still.content))
        assert node.node.transcoders.running == 1, "one worker for all"
        assert camera.invited == 1


async def test_the_mask_is_in_the_pixels_of_the_sub_stream_too(patient_node: RunningNode) -> None:
    node = patient_node
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    (channel,) = camera.channels.values()
    channel.sources["sub"] = lambda: LoopingClip(Clip.load(FOOTAGE_FOLDER / "street-sub.10fps.h264"))
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        await add_box(node, code)
        main, sub = [await open_live(node, code, stream=stream) for stream in ("main", "sub")]
        assert sub["masked"] and sub["ws_fmp4"].partition("?")[0].endswith(f"{code}/sub{MASKED}")
        large, es, http, socket, hls = await asyncio.gather(
            _first(elementary(main), 5),
            _first(elementary(sub), 20),
            pictures.by_http(sub["ws_fmp4"].replace("ws://", "http://").replace("/ws/", "/fmp4/"), 60_000),
            pictures.by_web_socket(sub["ws_fmp4"], 25),
            pictures.by_hls(sub["hls"], 15),
        )
        for way, seen in {"main": large, "elementary": es, "http": http, "socket": socket, "hls": hls}.items():
            assert len(seen) >= 5 and all(boxed(picture) for picture in seen), way
        assert es[0].height < large[0].height, "it really is the smaller stream"
        assert node.node.transcoders.running == 2, "one worker for each stream"


async def _first(url: str, count: int) -> list[pictures.Grey]:
    found: list[pictures.Grey] = []
    async for picture in pictures.by_access_units(url):
        found.append(picture)
        if len(found) >= count:
            break
    return found


async def test_whoever_watches_clear_is_cut_when_a_mask_is_laid_on(patient_node: RunningNode) -> None:
    node = patient_node
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        opened = await open_live(node, code)
        clear = pictures.by_access_units(elementary(opened))
        assert not opened["masked"] and not boxed(await anext(clear))
        await add_box(node, code)
        async with asyncio.timeout(60):
            async for _ in clear:
                pass  # its stream ends
        with pytest.raises(AssertionError, match="403"):
            await _first(elementary(opened), 1)
        assert (await node.client.post(f"/live/{opened['session']}/renew")).status_code == 404
        again = await open_live(node, code)
        assert again["masked"] and again["ws_fmp4"].partition("?")[0].endswith(MASKED)
        assert all(boxed(picture) for picture in await _first(elementary(again), 5))


async def test_what_ended_while_it_waited_gives_nothing(patient_node: RunningNode, monkeypatch: pytest.MonkeyPatch) -> None:
    node, live = patient_node, patient_node.node.live
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    jpeg, record, reached, gate = live._stills.jpeg, node.node.audit.record, asyncio.Event(), asyncio.Event()

    async def slow_still(*args: Any, **how: Any) -> bytes:
        reached.set()
        await gate.wait()
        return await jpeg(*args, **how)

    async def slow_record(who: Any, act: Act, *args: Any, **facts: Any) -> None:
        if act is Act.LIVE_RENEW:
            reached.set()
            await gate.wait()
        await record(who, act, *args, **facts)

    async def between(asking: Awaitable[httpx.Response], act: Callable[[], Awaitable[object]]) -> httpx.Response:
        reached.clear()
        gate.clear()
        asked = asyncio.ensure_future(asking)
        async with asyncio.timeout(60):
            await reached.wait()
        await act()
        gate.set()
        return await asked

    monkeypatch.setattr(live._stills, "jpeg", slow_still)
    monkeypatch.setattr(node.node.audit, "record", slow_record)
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        wang = await node.client_of("wang-wu", {"post": "operator", "area": "520102"})
        gone = await between(wang.get(f"/cameras/{code}/picture"), lambda: wang.delete("/session"))
        assert (gone.status_code, gone.json()["code"]) == (504, "live.no_picture"), gone.text
        opened = await open_live(node, code)
        closing = lambda: node.client.delete(f"/live/{opened['session']}")  # noqa: E731
        renewed = await between(node.client.post(f"/live/{opened['session']}/renew"), closing)
        assert renewed.status_code == 404 and not live._sessions, "what is closed is not there again"
        clear = await between(node.client.get(f"/cameras/{code}/picture"), lambda: add_box(node, code))
        assert clear.status_code == 504 and "image" not in clear.headers["content-type"], "masks were laid on meanwhile"
        gate.set()
        still = await node.client.get(f"/cameras/{code}/picture")
        assert still.status_code == 200 and all(boxed(picture) for picture in pictures.of_file(still.content))
        second = [(0, 0), (2000, 0), (2000, 2000), (0, 2000)]
        more = {"preset": 0, "name": "门", "points": second}
        masked = await between(
            node.client.get(f"/cameras/{code}/picture"), lambda: node.client.post(f"/cameras/{code}/masks", json=more)
        )
        assert masked.status_code == 504, "nor with the masks of before"
        await wang.aclose()


async def test_a_worker_that_dies_shows_nothing_and_the_next_is_masked(patient_node: RunningNode) -> None:
    node = patient_node
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        await add_box(node, code)
        opened = await open_live(node, code)
        watched = pictures.by_access_units(elementary(opened))
        assert boxed(await anext(watched))
        (worker,) = node.node.transcoders.processes()
        worker.kill()
        async with asyncio.timeout(60):
            async for picture in watched:
                assert boxed(picture)
        await until(lambda: node.node.transcoders.running == 0, what="the crash is seen")
        again = await open_live(node, code)
        assert all(boxed(picture) for picture in await _first(elementary(again), 5))


async def test_at_the_bound_the_picture_is_refused_and_never_clear(tmp_path: Path) -> None:
    settings = settings_for()
    media = settings.media.model_copy(update=patient(transcode_limit=0))
    async with running_node(tmp_path, settings.model_copy(update={"media": media})) as node:
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            await add_box(node, code)
            refused = await node.client.post(f"/cameras/{code}/live", json={"codecs": ["h264"]})
            assert (refused.status_code, refused.json()["code"]) == (503, "mask.not_hidden")
            still = await node.client.get(f"/cameras/{code}/picture")
            assert (still.status_code, still.json()["code"]) == (503, "mask.not_hidden")


async def test_masks_outlive_a_restart_of_the_node(tmp_path: Path) -> None:
    settings = settings_for()
    settings = settings.model_copy(update={"media": settings.media.model_copy(update=patient())})
    async with running_node(tmp_path, settings) as node:
        camera = simulated_camera(node.registrar)
        async with powered(camera):
            await until(lambda: listed(node, camera.identity.code), what="the camera is listed")
            await add_box(node, camera.identity.code)
    async with running_node(tmp_path, settings) as node:
        camera = simulated_camera(node.registrar)
        async with powered(camera):
            opened = await open_live(node, camera.identity.code)
            assert opened["masked"]


async def test_a_mask_that_was_deleted_past_the_node_hides_again(tmp_path: Path) -> None:
    settings = settings_for(f"sqlite:///{tmp_path / 'masks.db'}")
    settings = settings.model_copy(update={"media": settings.media.model_copy(update=patient())})
    async with running_node(tmp_path, settings) as node:
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            await add_box(node, code)
            await until(lambda: told(node, Act.MASKS_STATE), what="the log has it")
    with contextlib.closing(sqlite3.connect(tmp_path / "masks.db")) as opened:
        assert opened.execute("DELETE FROM masks").rowcount == 1
        opened.commit()
    for _ in range(2):
        async with running_node(tmp_path, settings) as node:
            assert told(node, Act.DATABASE_CHANGED) == [code], "once"
            (mask,) = (await node.get(f"/cameras/{code}/masks"))["items"]  # type: ignore[misc]
            assert [tuple(point) for point in mask["points"]] == BOX
            camera = simulated_camera(node.registrar)
            async with powered(camera):

                async def still() -> httpx.Response | None:
                    answer = await node.client.get(f"/cameras/{code}/picture")
                    return answer if answer.status_code == 200 else None

                answer = cast("httpx.Response", await until(still, what="a picture"))
                assert boxed(pictures.of_file(answer.content)[0])


async def test_what_cannot_be_put_back_at_the_start_is_black_until_it_can(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_for(f"sqlite:///{tmp_path / 'masks.db'}")
    camera = f"{SERVER[:10]}1320000001"
    async with running_node(tmp_path, settings) as node:
        device = simulated_camera(node.registrar)
        async with powered(device):
            await until(lambda: listed(node, camera), what="the camera is listed")
            for _ in range(2):
                await add_box(node, camera)
            await until(lambda: len(told(node, Act.MASKS_STATE)) == 2, what="the log has both")
    with contextlib.closing(sqlite3.connect(tmp_path / "masks.db")) as opened:
        opened.execute("DELETE FROM masks")
        opened.commit()
    put_back, may = Masks.put_back, asyncio.Event()

    async def fails_first(self: Masks, code: str, lost: list[Mask]) -> None:
        if not may.is_set():
            raise StorageFault(what="the disk is full", remedy_zh="", remedy_en="")
        await put_back(self, code, lost)

    monkeypatch.setattr(Masks, "put_back", fails_first)
    monkeypatch.setattr(masks_log, "AGAIN_S", 0.1)
    async with running_node(tmp_path, settings) as node:
        assert node.node.masks.has(camera) and node.node.masks.plan(camera).blank
        may.set()
        await until(lambda: len(node.node.masks.kept()[camera]) == 2, what="both hide again")
        assert not node.node.masks.plan(camera).blank


async def test_what_two_have_removed_is_not_put_back_after_a_crash(tmp_path: Path) -> None:
    settings = settings_for(f"sqlite:///{tmp_path / 'masks.db'}")
    camera = f"{SERVER[:10]}1320000001"
    async with running_node(tmp_path, settings) as node:
        device = simulated_camera(node.registrar)
        async with powered(device):
            await until(lambda: listed(node, camera), what="the camera is listed")
            first = await add_box(node, camera)
            more = {"preset": 0, "name": "门", "points": [(100, 100), (2000, 100), (2000, 2000)]}
            second = (await node.client.post(f"/cameras/{camera}/masks", json=more)).json()["id"]
            await until(lambda: len(told(node, Act.MASKS_STATE)) == 2, what="the log has both")
        # As its approval does, up to the commit; then the power is cut.
        await node.node.audit.record(NODE, Act.MASK_REMOVE, camera, detail=f"mask {second}; approved")
        async with node.node.store.transaction() as tx:
            await queries.remove_masks(tx, [second])
    async with running_node(tmp_path, settings) as node:
        assert [one.id for one in node.node.masks.kept()[camera]] == [first]
        assert told(node, Act.DATABASE_CHANGED) == []


def told(node: RunningNode, act: Act) -> list[str]:
    return [one.object for one in records(node) if one.act == act.value]


def test_what_the_log_has_and_the_database_has_not_is_lost() -> None:
    here, gone = (7, 0, tuple(BOX)), (8, 3, ())
    state = written(
        tuple(Mask(number, "camera", preset, "name", points, valid=number == 7) for number, preset, points in (here, gone))
    )
    kept = (Mask(7, "camera", 0, "name", tuple(BOX)),)
    assert lost_of("camera", state, kept) == [Mask(8, "camera", 3, "", (), valid=False)]
    assert lost_of("camera", "[]", kept) == [] == lost_of("camera", "too long to be read here", kept)


def dome(node: RunningNode) -> tuple[SimulatedDevice, Head]:
    """A dome whose picture turns, and its motors, to turn it behind the node's back."""
    code = f"{SERVER[:10]}1320000077"
    head, clip = Head(), Clip.load(FOOTAGE_FOLDER / "street.10fps.h264")
    item = CatalogueItem(code, "测试球机", "Fengsui", "SIM-D", civil_code="520102", status="ON", ptz_type=1)
    identity = DeviceIdentity(code, item.name, faults=Faults(), keepalive_s=1.0)
    channel = Channel(item, {"main": lambda: MovingView(clip, lambda: 0, head)}, head)
    return SimulatedDevice(identity, node.registrar, [channel], []), head


async def _look_until(watched: AsyncIterator[pictures.Grey], wanted: object, what: str) -> None:
    async with asyncio.timeout(60):
        async for picture in watched:
            if wanted(picture):  # type: ignore[operator]
                return
    pytest.fail(what)


async def test_a_dome_is_black_until_a_preset_is_reached_and_again_when_it_turns(patient_node: RunningNode) -> None:
    node = patient_node
    device, head = dome(node)
    code = device.identity.code
    lost = node.node.bus.subscribe(MaskPositionLost, name="test")
    async with powered(device):
        await until(lambda: listed(node, code), what="the camera is listed")
        await add_box(node, code, preset=1)
        told = await node.get(f"/cameras/{code}/masks")
        assert told["turns"] and told["position"] is None
        watched = pictures.by_access_units(elementary(await open_live(node, code)))
        assert black(await anext(watched)), "nobody knows where it looks"
        assert (await node.client.post(f"/cameras/{code}/presets/1/go")).status_code == 204
        await _look_until(watched, boxed, "the preset's mask is laid on")
        assert (await node.client.post(f"/cameras/{code}/ptz", json={"action": "left", "speed": 60})).status_code == 204
        assert (await node.get(f"/cameras/{code}/masks"))["position"] is None
        await _look_until(watched, black, "it turned by order")
        await node.client.post(f"/cameras/{code}/ptz", json={"action": "stop"})
        assert (await node.client.post(f"/cameras/{code}/presets/1/go")).status_code == 204
        await _look_until(watched, boxed, "back at the preset")
        assert (await node.client.post(f"/cameras/{code}/presets/2/go")).status_code == 204
        await _look_until(watched, black, "no masks are known there")
        assert (await node.client.post(f"/cameras/{code}/presets/1/go")).status_code == 204
        await _look_until(watched, boxed, "back at the preset once more")
        await _drain(lost)
        head.view = View(0.75, 0.5, 2.0)  # somebody else turned it
        await _look_until(watched, black, "it turned behind our back")
        assert [event.camera for event in await lost.batch() if isinstance(event, MaskPositionLost)] == [code]


@pytest.mark.parametrize("how", ["set anew", "deleted"])
async def test_masks_end_with_the_view_that_they_were_drawn_on(tmp_path: Path, how: str) -> None:
    settings = settings_for()
    settings = settings.model_copy(update={"media": settings.media.model_copy(update=patient())})
    async with running_node(tmp_path, settings) as node:
        device, head = dome(node)
        code = device.identity.code
        async with powered(device):
            await until(lambda: listed(node, code), what="the camera is listed")
            await add_box(node, code, preset=1)
            watched = pictures.by_access_units(elementary(await open_live(node, code)))
            assert (await node.client.post(f"/cameras/{code}/presets/1/go")).status_code == 204
            await _look_until(watched, boxed, "the preset's mask is laid on")
            if how == "set anew":
                assert (await node.client.post(f"/cameras/{code}/ptz", json={"action": "left", "speed": 60})).status_code == 204
                await _look_until(watched, black, "it turned by order")
                before = head.presets[1]
                await until(lambda: head.view != before, what="it has turned: it is black from the order on, before it moves")
                await node.client.post(f"/cameras/{code}/ptz", json={"action": "stop"})
                assert (await node.client.put(f"/cameras/{code}/presets/1", json={"name": "窗"})).status_code == 204
                await until(lambda: head.presets[1] != before, what="the camera keeps another view")
            else:
                assert (await node.client.delete(f"/cameras/{code}/presets/1")).status_code == 204
                await _look_until(watched, black, "the masks there are of nothing any more")
            assert (await node.client.post(f"/cameras/{code}/presets/1/go")).status_code == 204
            await until(lambda: at_preset(node, code, 1), what="it has arrived")
            for _ in range(10):
                assert black(await anext(watched)), "nobody has drawn on this view"
    async with running_node(tmp_path, settings) as node:
        assert [one["valid"] for one in (await node.get(f"/cameras/{code}/masks"))["items"]] == [False]  # type: ignore[union-attr]
        assert not [one for one in records(node) if one.act == Act.DATABASE_CHANGED]


async def at_preset(node: RunningNode, code: str, preset: int) -> bool:
    return (await node.get(f"/cameras/{code}/masks"))["position"] == preset


async def _drain(news: Subscription) -> None:
    while news.waiting:
        await news.batch()


async def test_no_corner_lies_outside_and_nobody_masks_a_camera_that_is_not_there(node: RunningNode) -> None:
    for points in ([[0, 0], [UNITS + 1, 0], [0, 5]], [[0, 0]] * 65):
        assert (await node.client.post("/cameras/x/masks", json={"points": points})).status_code == 422
    answer = await node.client.post("/cameras/52010200001320000099/masks", json={"points": BOX})
    assert (answer.status_code, answer.json()["code"]) == (404, "camera.unknown")


@contextlib.asynccontextmanager
async def two_offices(tmp_path: Path) -> AsyncIterator[tuple[RunningNode, httpx.AsyncClient, httpx.AsyncClient]]:
    """A node under the demonstration's policy, an investigator and a commander, who sit at one address here."""
    trusted = tmp_path / "node" / FOLDER
    trusted.mkdir(parents=True)
    shutil.copy(DEMO_PUBLISHER, trusted)
    settings = settings_for()
    changed = {
        "media": settings.media.model_copy(update=patient()),
        "policy": settings.policy.model_copy(update={"first_pack": str(DEMO_PACK)}),
        "approvals": settings.approvals.model_copy(update={"same_workstation": "session"}),
    }
    async with running_node(tmp_path / "node", settings.model_copy(update=changed)) as node:
        investigator = await node.client_of("chen-qi", {"post": "investigator", "area": "520102"})
        commander = await node.client_of("zhou-ba", {"post": "commander", "area": "520102"})
        yield node, investigator, commander
        await investigator.aclose()
        await commander.aclose()


async def approve(client: httpx.AsyncClient, request: str) -> None:
    read = (await client.get(f"/approvals/{request}")).json()
    answer = await client.post(f"/approvals/{request}/approve", json={"hash": read["hash"]})
    assert answer.status_code in (200, 204), answer.text


async def test_a_mask_is_removed_by_two_persons_alone(tmp_path: Path) -> None:
    async with two_offices(tmp_path) as (node, _, commander):
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            mask = await add_box(node, code)
            assert (await node.client.delete(f"/cameras/{code}/masks/{mask}")).status_code in (404, 405), "no way for one alone"
            watched = pictures.by_access_units(elementary(await open_live(node, code)))
            assert boxed(await anext(watched))
            asked = await node.client.post(f"/cameras/{code}/masks/{mask}/removal", json={"reason": "窗户已封闭"})
            assert asked.status_code == 202, asked.text
            assert len((await node.get(f"/cameras/{code}/masks"))["items"]) == 1  # type: ignore[arg-type]
            await approve(commander, asked.json()["id"])
            await until(lambda: no_masks(node, code), what="it is gone")
            async with asyncio.timeout(60):
                async for picture in watched:
                    assert boxed(picture), "what was opened masked stays masked to its end"
            again = await open_live(node, code)
            assert not again["masked"]
            assert not boxed((await _first(elementary(again), 1))[0])


async def no_masks(node: RunningNode, code: str) -> bool:
    return (await node.get(f"/cameras/{code}/masks"))["items"] == []


async def take_ticket(investigator: httpx.AsyncClient, code: str) -> None:
    purposes = (await investigator.get("/ticket-purposes")).json()["items"]
    basis = next(one["basis"][0] for one in purposes if one["code"] == CRIME)
    bounds = {"cameras": [code], "since": "2026-01-01T00:00:00Z", "until": "2099-01-01T01:00:00Z"}
    ticket = {"purpose": CRIME, "case_number": "A5201022026110001", "legal_basis": basis, "bounds": bounds}
    assert (await investigator.post("/tickets", json=ticket)).status_code == 201


async def test_a_lift_needs_a_ticket_and_another_person_and_ends_by_itself(tmp_path: Path) -> None:
    async with two_offices(tmp_path) as (node, investigator, commander):
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            await add_box(node, code)
            order = {"minutes": 30, "reason": "辨认入室者"}
            refused = await investigator.post(f"/cameras/{code}/mask-lifts", json=order)
            assert (refused.status_code, refused.json()["code"]) == (403, "ACC-TICKET")
            await take_ticket(investigator, code)
            asked = await investigator.post(f"/cameras/{code}/mask-lifts", json=order)
            assert asked.status_code == 202, asked.text
            masked = await investigator.post(f"/cameras/{code}/live", json={"codecs": ["h264"]})
            assert masked.json()["masked"], "asked for is not granted"
            await approve(commander, asked.json()["id"])
            await until(lambda: lifted(investigator, code), what="it is lifted")
            clear = (await investigator.post(f"/cameras/{code}/live", json={"codecs": ["h264"]})).json()
            assert not clear["masked"]
            watched = pictures.by_access_units(elementary(clear))
            assert not boxed(await anext(watched))
            assert (await open_live(node, code))["masked"], "for nobody else"
            assert (await investigator.post(f"/cameras/{code}/masks/restore")).status_code == 204
            async with asyncio.timeout(60):
                async for _ in watched:
                    pass  # cut
            assert (await investigator.post(f"/cameras/{code}/live", json={"codecs": ["h264"]})).json()["masked"]


async def lifted(client: httpx.AsyncClient, code: str) -> bool:
    return (await client.get(f"/cameras/{code}/masks")).json()["lifted_until"] is not None

"""H.265 for browsers without it: one worker a stream whoever watches, a bound with a text, and no worker that nobody watches."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from prometheus_client import REGISTRY

from fengsui.settings import NodeSettings
from tests.node.conftest import RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_live import listed, read_pictures


async def open_h264(node: RunningNode, code: str) -> dict[str, str]:
    """A session of a browser that decodes only H.264."""
    await until(lambda: listed(node, code), what="the camera is listed")
    answer = await node.client.post(f"/cameras/{code}/live", json={"codecs": ["h264"]})
    assert answer.status_code == 201, answer.text
    opened: dict[str, str] = answer.json()
    return opened


def patient_settings(**media: object) -> NodeSettings:
    """A worker takes seconds to start on a busy machine: the stream it reads must not be let go before."""
    settings = settings_for()
    return settings.model_copy(update={"media": settings.media.model_copy(update={"grace_s": 8.0, **media})})


def shown() -> float | None:
    """The gauge that an operator sees."""
    return REGISTRY.get_sample_value("fengsui_transcodes")


async def test_viewers_share_one_worker_which_ends_with_the_last(tmp_path: Path) -> None:
    async with running_node(tmp_path, patient_settings()) as node:
        camera = simulated_camera(node.registrar, footage="street.10fps.h265")
        async with powered(camera):
            opened = await asyncio.gather(*(open_h264(node, camera.identity.code) for _ in range(3)))
            assert all(one["transcoded"] for one in opened)
            assert all(len(pictures) >= 3 for pictures in await asyncio.gather(*(read_pictures(one, 3) for one in opened)))
            assert node.node.transcoders.running == 1 and shown() == 1
            for one in opened:
                await node.client.delete(f"/live/{one['session']}")
            await until(lambda: node.node.transcoders.running == 0, seconds=60, what="the worker ends")
            assert shown() == 0


async def test_the_bound_has_a_text_and_leaves_who_watches_undisturbed(tmp_path: Path) -> None:
    async with running_node(tmp_path, patient_settings(transcode_limit=1)) as node:
        first, second = (simulated_camera(node.registrar, number, footage="street.10fps.h265") for number in (1, 2))
        async with powered(first, second):
            opened = await open_h264(node, first.identity.code)
            await until(lambda: listed(node, second.identity.code), what="the second is listed")
            refused = await node.client.post(f"/cameras/{second.identity.code}/live", json={"codecs": ["h264"]})
            assert refused.status_code == 503
            said = refused.json()
            assert said["code"] == "live.too_many_transcodes"
            assert "1" in said["zh"] and "1" in said["en"] and said["remedy_zh"] and said["remedy_en"]
            assert len(await read_pictures(opened, 3)) >= 3
            passed = await node.client.post(f"/cameras/{second.identity.code}/live", json={"codecs": ["h264", "h265"]})
            assert passed.status_code == 201 and not passed.json()["transcoded"], "who decodes H.265 is not bounded"


async def test_a_worker_that_crashes_is_named_and_started_again_for_its_viewers(tmp_path: Path) -> None:
    crashes = REGISTRY.get_sample_value("fengsui_transcode_crashes_total") or 0
    settings = patient_settings()
    async with running_node(tmp_path, settings) as node:
        camera = simulated_camera(node.registrar, footage="street.10fps.h265")
        async with powered(camera):
            opened = await open_h264(node, camera.identity.code)
            assert len(await read_pictures(opened, 2)) >= 2
            (worker,) = node.node.transcoders.processes()
            worker.kill()
            await until(lambda: node.node.transcoders.running == 0, what="the crash is seen")
            assert shown() == 0, "the gauge does not count the dead"
            assert REGISTRY.get_sample_value("fengsui_transcode_crashes_total") == crashes + 1
            again = await open_h264(node, camera.identity.code)
            assert len(await read_pictures(again, 2)) >= 2
            assert camera.invited == 1, "the camera itself goes on"


async def test_the_node_tells_the_very_codec_and_transcodes_the_one_that_a_browser_cannot_decode(tmp_path: Path) -> None:
    async with running_node(tmp_path, patient_settings()) as node:
        first, second = (
            simulated_camera(node.registrar, number, footage=f"street.10fps.{codec}")
            for number, codec in ((1, "h265"), (2, "h264"))
        )
        async with powered(first, second):
            told: dict[str, str] = {}
            for camera, form in ((first, r"hvc1\.[ABC]?\d+\.[0-9A-F]+\.[LH]\d+(\.[0-9A-F]+)*"), (second, r"avc1\.[0-9A-F]{6}")):
                code = camera.identity.code
                await until(lambda code=code: listed(node, code), what="the camera is listed")
                order = {"codecs": ["h264", "h265"]}
                opened = (await node.client.post(f"/cameras/{code}/live", json=order)).json()
                await read_pictures(opened, 1)
                known = (await node.client.post(f"/cameras/{code}/live", json=order)).json()
                assert re.fullmatch(form, known["codec_string"]) and not known["transcoded"]
                told[code] = known["codec_string"]
            for code, codec_string in told.items():
                order = {"codecs": ["h264", "h265"], "undecodable": ["hvc1.9.9.L999", codec_string]}
                made = (await node.client.post(f"/cameras/{code}/live", json=order)).json()
                assert (made["transcoded"], made["codec"], made["codec_string"]) == (True, "h264", "")
                assert len(await read_pictures(made, 2)) >= 2

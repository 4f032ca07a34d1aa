"""One person does not take all live sessions there are, however many are asked for at once."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.node.conftest import powered, running_node, settings_for, simulated_camera, until
from tests.node.test_live import listed
from tests.node.test_metrics import scraped, total


async def test_one_person_has_so_many_sessions_and_all_have_so_many(tmp_path: Path) -> None:
    settings = settings_for()
    media = settings.media.model_copy(update={"max_sessions": 3, "max_sessions_per_person": 2, "grace_s": 600})
    async with running_node(tmp_path, settings.model_copy(update={"media": media})) as node:
        camera = simulated_camera(node.registrar)
        path = f"/cameras/{camera.identity.code}/live"
        post = {"post": "duty-supervisor", "area": "", "classes": ["government"]}
        second, third = [await node.client_of(name, post) for name in ("watcher-2", "watcher-3")]
        async with powered(camera):
            await until(lambda: listed(node, camera.identity.code), what="the camera is listed")
            wanted = {"codecs": ["h264", "h265"]}
            answers = await asyncio.gather(*(node.client.post(path, json=wanted) for _ in range(6)))
            assert sorted(one.status_code for one in answers) == [201, 201, 429, 429, 429, 429]
            refused = next(one.json() for one in answers if one.status_code == 429)
            assert refused["code"] == "live.too_many_sessions" and refused["zh"] and refused["remedy_zh"]
            assert (await second.post(path, json=wanted)).status_code == 201
            assert (await third.post(path, json=wanted)).status_code == 429, "all together have three"
            seen = await scraped(node)
            assert total(seen, "fengsui_live_sessions") == 3
            assert total(seen, "fengsui_live_refused_sessions_total", why="person") >= 4
            assert total(seen, "fengsui_live_refused_sessions_total", why="total") >= 1
            opened = next(one.json() for one in answers if one.status_code == 201)
            assert (await node.client.delete(f"/live/{opened['session']}")).status_code == 204
            assert (await third.post(path, json=wanted)).status_code == 201, "what is closed makes room"


async def test_what_ended_is_remembered_for_its_tickets_alone_and_a_still_has_none(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            for _ in range(3):
                assert (await node.client.get(f"/cameras/{code}/picture")).status_code == 200
            assert total(await scraped(node), "fengsui_media_revoked_sessions") == 0
            opened = (await node.client.post(f"/cameras/{code}/live", json={"codecs": ["h264", "h265"]})).json()
            assert (await node.client.delete(f"/live/{opened['session']}")).status_code == 204
            assert total(await scraped(node), "fengsui_media_revoked_sessions") == 1

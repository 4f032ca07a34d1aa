"""Masks laid on while a picture is still being prepared: nothing leaves until what is to be hidden is certain (A40)."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from fengsui.features.live.renditions import MASKED
from fengsui.picture_worker import transcoders
from fengsui.simulators.faults import Faults
from tests.node import pictures
from tests.node.conftest import RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_live import listed
from tests.node.test_masks import DARK, add_box, boxed, elementary, open_live, patient

ROAD = [(0, 8000), (10_000, 8000), (10_000, 10_000), (0, 10_000)]
"""The lower fifth of the picture, beside the box."""


def both_hidden(picture: pictures.Grey) -> bool:
    edge = 3 / picture.height
    box = picture.part(0.25 + edge, 0.25 + edge, 0.75 - edge, 0.75 - edge)
    return max(max(box), max(picture.part(0, 0.8 + edge, 1, 1))) <= DARK


@contextlib.asynccontextmanager
async def patient_node(folder: Path, **media: object) -> AsyncIterator[RunningNode]:
    settings = settings_for()
    changed = settings.media.model_copy(update=patient(**media))
    async with running_node(folder, settings.model_copy(update={"media": changed})) as node:
        yield node


async def answered(url: str) -> tuple[int, str]:
    """Status and kind of what comes there instead of a picture."""
    async with httpx.AsyncClient(timeout=30) as client, client.stream("GET", url) as answer:
        return answer.status_code, answer.headers.get("content-type", "")


async def test_a_mask_laid_on_while_the_worker_starts_is_in_its_first_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcoders, "START_S", 60.0)  # it is stopped for as long as a busy machine takes
    async with patient_node(tmp_path) as node:
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            await add_box(node, code)
            opened = await open_live(node, code)
            (worker,) = node.node.transcoders.processes()
            os.kill(worker.pid, signal.SIGSTOP)  # as long a start as the test needs
            shown = node.node.engine.source_counters(node.node.transcoders.source_of(f"{code}/main{MASKED}") or 0)
            assert shown is not None and shown.frames == 0, "stopped before it had anything to show"
            watched = pictures.by_access_units(elementary(opened))
            first = asyncio.ensure_future(anext(watched))
            laid_on = asyncio.create_task(node.client.post(f"/cameras/{code}/masks", json={"name": "路口", "points": ROAD}))
            await until(lambda: has_masks(node, code, 2), what="the second mask is kept")
            assert not laid_on.done(), "not answered before the worker keeps it"
            assert not first.done(), "nothing is shown before"
            os.kill(worker.pid, signal.SIGCONT)
            assert (await laid_on).status_code == 201
            assert both_hidden(await first)
            for _ in range(5):
                assert both_hidden(await anext(watched))
            assert [one.pid for one in node.node.transcoders.processes()] == [worker.pid], "a slow start is no disobedience"


async def has_masks(node: RunningNode, code: str, count: int) -> bool:
    return len((await node.get(f"/cameras/{code}/masks"))["items"]) == count  # type: ignore[arg-type]


async def test_a_worker_that_never_keeps_the_mask_shows_nothing_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcoders, "START_S", 1.0)
    async with patient_node(tmp_path) as node:
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            await add_box(node, code)
            opened = await open_live(node, code)
            (worker,) = node.node.transcoders.processes()
            os.kill(worker.pid, signal.SIGSTOP)
            watching = asyncio.create_task(answered(elementary(opened)))
            answer = await node.client.post(f"/cameras/{code}/masks", json={"name": "路口", "points": ROAD})
            assert answer.status_code == 201
            await until(lambda: worker.returncode is not None, what="it is ended, not waited for")
            assert await watching == (503, "application/problem+json"), "not one byte of a picture"
            again = await open_live(node, code)
            assert both_hidden(await anext(pictures.by_access_units(elementary(again))))


async def test_the_first_mask_laid_on_while_the_camera_is_asked_masks_whoever_asked(tmp_path: Path) -> None:
    async with patient_node(tmp_path) as node:
        camera = simulated_camera(node.registrar, faults=Faults(no_answer=True))
        code = camera.identity.code
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            asking = asyncio.create_task(open_live(node, code, ("h264",)))
            await until(lambda: camera.invited, what="the camera is asked")
            await add_box(node, code)
            assert not asking.done()
            camera.identity.faults = Faults()  # it answers when it is asked again
            opened = await asking
            assert opened["masked"]
            watched = pictures.by_access_units(elementary(opened))
            for _ in range(5):
                assert boxed(await anext(watched))


async def test_a_mask_laid_on_is_in_the_next_still_and_in_what_newcomers_begin_with(tmp_path: Path) -> None:
    async with patient_node(tmp_path) as node:
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            await add_box(node, code)
            opened = await open_live(node, code)
            watched = pictures.by_access_units(elementary(opened))
            assert boxed(await anext(watched))
            answer = await node.client.post(f"/cameras/{code}/masks", json={"name": "路口", "points": ROAD})
            assert answer.status_code == 201
            assert both_hidden(await anext(pictures.by_access_units(elementary(opened))))
            still = await node.client.get(f"/cameras/{code}/picture")
            assert still.status_code == 200
            assert all(both_hidden(picture) for picture in pictures.of_file(still.content))

"""What is kept for a time and no longer: photos of the place, files and receipts of jobs. What is open or held stays."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from PIL import Image

from fengsui.alarm_settings import DispatchLinksSection, DispatchSection
from fengsui.features.dispatch.photos import FOLDER
from fengsui.features.dispatch.tables import incident_tasks
from fengsui.features.dispatch_links.tables import job_intakes
from fengsui.features.incidents.tables import incidents
from fengsui.features.retention.model import Hold
from tests.node.conftest import RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_audit import records
from tests.node.test_device_alarms import listed
from tests.node.test_dispatch import BANK, unit
from tests.node.test_incidents import done, opened
from tests.node.test_jobs import JOB, NAME, entered, send
from tests.node.test_patrol import on_patrol

OLD_S = 400 * 86_400.0


@pytest.fixture
async def node(tmp_path: Path, store_url: str) -> AsyncIterator[RunningNode]:
    sections = {"dispatch_links": DispatchLinksSection(job_files=True, keep_days=30), "dispatch": DispatchSection(photo_days=365)}
    async with running_node(tmp_path, settings_for(store_url).model_copy(update=sections)) as running:
        yield running


def folder(node: RunningNode) -> Path:
    return node.node.data / FOLDER


async def grow_old(node: RunningNode) -> None:
    """All that is there."""
    async with node.node.store.transaction() as tx:
        await tx.execute(sa.update(incidents).values(last_at=incidents.c.last_at - OLD_S))
        await tx.execute(sa.update(incident_tasks).values(sent_at=incident_tasks.c.sent_at - OLD_S))
    for path in folder(node).rglob("*.jpg"):
        os.utime(path, (path.stat().st_mtime - OLD_S,) * 2)


async def photographed(node: RunningNode, phone: httpx.AsyncClient, car: int, colour: str) -> tuple[dict[str, Any], int, str]:
    """An incident, its task and the photo."""
    one = await opened(node.client, **BANK)
    task = (await done(node.client, f"/incidents/{one['id']}/tasks", {"unit": car, "order": "拍照"}))["id"]
    (name,) = (await sent(phone, task, colour)).json()["photos"]
    return one, task, name


async def sent(phone: httpx.AsyncClient, task: int, colour: str) -> httpx.Response:
    octets = BytesIO()
    Image.new("RGB", (64, 48), colour).save(octets, "PNG")
    key = {"Idempotency-Key": f"photo-{colour}"}
    answer = await phone.post(f"/tasks/{task}/photos", content=octets.getvalue(), headers=key)
    assert answer.status_code == 201, answer.text
    return answer


async def closed(node: RunningNode, one: dict[str, Any], task: int) -> None:
    await done(node.client, f"/tasks/{task}/cancel", {"reason": "已处理"})
    await done(node.client, f"/incidents/{one['id']}/close", {"disposition": "handled"})


async def test_photos_go_on_record_once_their_incident_is_long_over(node: RunningNode) -> None:
    car, second = await unit(node, "南明 12"), await unit(node, "南明 13")
    retention = node.node.incidents.photo_retention
    async with on_patrol(node, "lin", car) as lin, on_patrol(node, "he", second) as he:
        one, task, name = await photographed(node, lin, car, "red")
        await closed(node, one, task)
        other, others_task, open_one = await photographed(node, he, second, "blue")
        await retention.look()
        assert (await node.client.get(f"/tasks/{task}/photos/{name}")).status_code == 200, "its time is not over"
        await grow_old(node)
        stray = folder(node) / "ab" / f"{'ab' * 32}.jpg"
        stray.parent.mkdir(exist_ok=True)
        stray.write_bytes(b"left by a kill")
        os.utime(stray, (1_000_000_000.0,) * 2)
        await retention.look()
        gone = await node.client.get(f"/tasks/{task}/photos/{name}")
        assert (gone.status_code, gone.json()["code"]) == (410, "task.photo_gone")
        assert {path.stem for path in folder(node).rglob("*.jpg")} == {open_one}, "of the open incident alone"
        assert (await node.client.get(f"/tasks/{others_task}/photos/{open_one}")).status_code == 200
        assert (await node.client.get(f"/tasks/{task}")).json()["photos"] == [], "none is listed without its file"
        assert (await sent(lin, task, "red")).json()["photos"] == [], "a phone that was never answered is answered, and keeps none"
        [removed] = [record for record in records(node) if record.act == "task.photo.remove"]
        assert removed.role == "node" and name in removed.detail and removed.object == one["number"]
        await retention.look()
        assert sum(record.act == "task.photo.remove" for record in records(node)) == 1
        assert other["id"] != one["id"]


async def test_photos_stay_while_footage_of_their_incident_is_held(node: RunningNode) -> None:
    car = await unit(node, "南明 12")
    retention, holds = node.node.incidents.photo_retention, node.node.footage.holds
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    async with on_patrol(node, "lin", car) as lin, powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        one, task, name = await photographed(node, lin, car, "red")
        await done(
            node.client, f"/incidents/{one['id']}/pictures", {"what": "footage", "camera": code, "from": "2026-11-01T00:00:00Z"}
        )
        await closed(node, one, task)
        await grow_old(node)
        now = holds.now()
        async with node.node.store.transaction() as tx:
            hold = Hold(0, code, now - OLD_S - 60, now + 60, "A1", "案件", "duty", "deputy", now, now + 60)
            await holds.add(tx, hold)
        await holds.read()
        await retention.look()
        assert (await node.client.get(f"/tasks/{task}/photos/{name}")).status_code == 200


async def test_receipts_and_files_of_jobs_are_kept_so_long_and_no_longer(node: RunningNode) -> None:
    secret, leftovers = await entered(node), node.node.incidents.job_leftovers
    first = (await send(node, secret, JOB, "K1")).json()
    here = node.node.data / "jobs-in" / NAME
    await until(lambda: (here / "done").is_dir(), what="the folder is looked at")
    (here / "one.coming").write_text(json.dumps({**JOB, "number": "JQ-89"}))
    (here / "one.coming").rename(here / "one.json")
    done_file, said = here / "done" / "one.json", here / "done" / "one.json.txt"
    await until(done_file.exists, what="it is taken")
    await leftovers.look()
    assert done_file.exists() and said.exists()
    other = here / "done" / "theirs.pdf"
    other.write_text("not ours")
    for path in (said, other):
        os.utime(path, (1_000_000_000.0,) * 2)
    async with node.node.store.transaction() as tx:
        await tx.execute(sa.update(job_intakes).values(at=job_intakes.c.at - OLD_S))
    await leftovers.look()
    assert sorted(path.name for path in (here / "done").iterdir()) == ["theirs.pdf"]
    async with node.node.store.reading() as tx:
        assert (await tx.execute(sa.select(sa.func.count()).select_from(job_intakes))).scalar_one() == 0
    again = (await send(node, secret, JOB, "K1")).json()
    assert (again["number"], again["incident"]) == (first["number"], first["incident"]), "its number is still known: no second one"

"""While the index of footage is filled anew whoever asks is told so, and no clip is made of half of it; one that fails is told."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import Any

from fengsui.recording_settings import FootageFolderSection, footage_index_in
from fengsui.settings import NodeSettings
from tests.node.clip_room import Filmed, asked, filmed
from tests.node.conftest import OWN_PASSWORD, running_node, until
from tests.node.test_retention import faults, ruled

SUFFIXES = ("", "-wal", "-shm")


def on_two_disks(tmp_path: Path) -> NodeSettings:
    """All footage goes to the second one."""
    folders = [FootageFolderSection(path=str(tmp_path / name), weight=weight) for name, weight in (("spare", 0), ("disk", 1))]
    return ruled(tmp_path, folders=folders)


async def listed(found: Filmed) -> dict[str, Any]:
    span = {"from": found.since.isoformat(), "to": found.end.isoformat()}
    answer = await found.chen.get(f"/cameras/{found.code}/recordings", params=span)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_an_index_that_is_being_filled_is_told_and_no_clip_is_made_of_half_of_it(tmp_path: Path) -> None:
    data, settings = tmp_path / "node", on_two_disks(tmp_path)
    async with running_node(data, settings) as node, filmed(node, 8) as found:
        permitted = await found.permit()
        assert (await listed(found))["filled_percent"] is None
    footage_index_in(data).write_text("no index at all")
    (tmp_path / "disk").rename(tmp_path / "unplugged")
    (tmp_path / "disk").write_text("no folder")
    async with (
        running_node(data, settings) as node,
        contextlib.aclosing(await node.sign_in("chen-qi", OWN_PASSWORD)) as chen,
    ):
        found = replace(found, node=node, chen=chen)

        async def half_filled() -> bool:
            return (await listed(found))["filled_percent"] == 50  # type: ignore[no-any-return]

        await until(half_filled, what="the spare disk is looked through, and the other is waited for")
        told = await listed(found)
        assert told["items"] == [], told
        for refused in (await asked(chen, found.code, found.since, found.end), await found.take(permitted)):
            assert (refused.status_code, refused.json()["code"]) == (503, "recording.index_filling"), refused.text
            assert "50" in refused.json()["zh"] and "50" in refused.json()["en"]

        (tmp_path / "disk").unlink()
        (tmp_path / "unplugged").rename(tmp_path / "disk")

        async def filled() -> bool:
            return (await listed(found))["filled_percent"] is None

        await until(filled, seconds=60, what="it has all")
        assert (await listed(found))["items"]
        assert (await asked(chen, found.code, found.since, found.end)).status_code == 202
        assert (await found.take(permitted)).status_code == 201


async def test_an_index_that_cannot_be_made_is_a_fault_on_the_nodes_page(tmp_path: Path) -> None:
    data = tmp_path / "node"
    async with running_node(data, ruled(tmp_path)) as node:
        index = footage_index_in(data)
        assert "node.footage_index" not in await faults(node)
        (data / "footage-index.db.damaged" / "full").mkdir(parents=True)
        for suffix in SUFFIXES:
            index.with_name(f"footage-index.db{suffix}").unlink(missing_ok=True)
        index.mkdir()  # and it cannot be put aside

        async def told() -> bool:
            return "node.footage_index" in await faults(node)

        await until(told, what="the node's page says so")
        index.rmdir()

        async def is_well() -> bool:
            return not await told()

        await until(is_well, what="the fault is over")

"""What a device is told of our address, why, and what speaks against it; beside those who are told rightly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fengsui.settings import AddressesSection
from tests.node.conftest import powered, running_node, settings_for, simulated_camera, until

HERE, FAR = "127.0.0.1", "127.0.0.9"


async def test_devices_that_can_hardly_reach_what_they_are_told_are_counted_and_listed(tmp_path: Path) -> None:
    addresses = AddressesSection(networks={f"{FAR}/32": "0.0.0.0", f"{HERE}/32": HERE})
    async with running_node(tmp_path, settings_for().model_copy(update={"addresses": addresses})) as node:
        near, far = simulated_camera(node.registrar, 1), simulated_camera(node.registrar, 2)
        far.identity.local_host = FAR

        async def told(code: str) -> dict[str, Any]:
            answer = await node.client.get(f"/devices/{code}")
            return {name: text for name, text in answer.json().items() if name.startswith("told_")}

        before = (await node.client.get("/node")).json()
        assert before["doubtful_addresses"] == 0
        async with powered(near, far):
            await until(lambda: far.registered.is_set() and near.registered.is_set(), what="both are registered")
            rightly = {"told_address": HERE, "told_source": "network", "told_warning_zh": "", "told_warning_en": ""}
            assert await told(near.identity.code) == rightly
            wrongly = await told(far.identity.code)
            assert (wrongly["told_address"], wrongly["told_source"]) == ("0.0.0.0", "network")
            assert "[addresses]" in wrongly["told_warning_zh"] and "[addresses]" in wrongly["told_warning_en"]

            async def counted() -> bool:
                return (await node.client.get("/node")).json()["doubtful_addresses"] == 1  # type: ignore[no-any-return]

            await until(counted, what="the count is taken anew")
            listed = (await node.client.get("/devices", params={"doubtful_address": True})).json()
            assert ([one["code"] for one in listed["items"]], listed["total"]) == ([far.identity.code], 1)
            assert (await node.client.get("/devices")).json()["total"] == 2

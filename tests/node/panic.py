"""A panic link on a node of the tests, and the phone of whoever holds it."""

from __future__ import annotations

import json
from typing import Any

import httpx

from tests.node.conftest import RunningNode

SCHOOL: dict[str, Any] = {
    **{"place": "实验小学东门", "holder": "门卫 张某", "phone": "139 0000 1234", "area": "520102"},
    **{"longitude": 106.713, "latitude": 26.578},
}


async def link(node: RunningNode, **more: Any) -> tuple[dict[str, Any], str]:
    """A new one, and its token."""
    answer = await node.client.post("/panic-links", json={**SCHOOL, **more})
    assert answer.status_code == 201, answer.text
    made = answer.json()
    return made["link"], made["token"]


async def press(
    node: RunningNode, token: str, said: dict[str, Any] | bytes | None = None, *, key: str = "press-01"
) -> httpx.Response:
    """Sent by somebody who is not signed in."""
    body = said if isinstance(said, bytes) else json.dumps({"key": key, **(said or {})}).encode()
    async with phone(node, token) as held:
        return await held.post("/panic", content=body)


async def state(node: RunningNode, token: str) -> dict[str, Any]:
    """As the page is told it."""
    async with phone(node, token) as held:
        answer = await held.get("/panic")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def phone(node: RunningNode, token: str) -> httpx.AsyncClient:
    """Of whoever holds the link."""
    return httpx.AsyncClient(base_url=node.client.base_url, timeout=30, headers={"X-Fengsui-Panic": token})

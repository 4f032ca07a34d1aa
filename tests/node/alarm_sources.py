"""Systems that report alarms to a node of the tests, signed as the guide says, by nothing of the node's own."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any

import httpx

from tests.node.conftest import RunningNode

NAME = "fire-office"
FIRE: dict[str, Any] = {"id": "FA-1", "type": "fire", "point": "L3-07", "place": "三楼库房", "text": "感烟"}


async def registered(node: RunningNode, **more: Any) -> str:
    """The secret of a new source."""
    answer = await node.client.post("/alarm-sources", json={"name": NAME, "title": "消防平台", "area": "520102", **more})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["secret"])


def signed(secret: str, body: bytes, *, at: float | None = None) -> dict[str, str]:
    """Headers."""
    timestamp = str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"X-Fengsui-Timestamp": timestamp, "X-Fengsui-Signature": f"v1={digest}"}


async def report(
    node: RunningNode, secret: str, said: dict[str, Any] | bytes, *, name: str = NAME, at: float | None = None, path: str = ""
) -> httpx.Response:
    """Sent by somebody who is not signed in."""
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    async with httpx.AsyncClient(base_url=node.client.base_url, timeout=30) as stranger:
        return await stranger.post(f"/alarm-intake/{name}{path}", content=body, headers=signed(secret, body, at=at))

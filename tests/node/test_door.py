"""The one door: nothing answers without a session, and every refusal is a problem document in two languages."""

from __future__ import annotations

import re
from pathlib import Path

import httpx

from fengsui.app import openapi_document
from tests.node.conftest import RunningNode, running_node, settings_for

OPEN = {("POST", f"/api/v1/session{way}") for way in ("", "/passkey", "/passkey/options")} | {
    ("GET", "/api/v1/session/providers"),
    *(("POST", f"/api/v1/session/providers/{{provider}}{way}") for way in ("", "/answer", "/code")),
}


async def test_every_operation_refuses_without_a_session(node: RunningNode) -> None:
    """With 401, whatever the body says: nobody unknown learns what a valid one looks like. What is no JSON is told so before."""
    base = f"http://127.0.0.1:{node.node.settings.http.port}"
    operations = [
        (method.upper(), path, operation)
        for path, methods in openapi_document()["paths"].items()
        for method, operation in methods.items()
        if (method.upper(), path) not in OPEN
    ]
    assert len(operations) > 100
    async with httpx.AsyncClient(base_url=base) as stranger:
        for method, path, operation in operations:
            filled = re.sub(r"\{(\w+)\}", lambda found: "52010200001320000001" if found[1] == "code" else "1", path)
            assert "{" not in filled
            tries = [("", ""), ("Bearer made-up", "{}"), ("Basic eDp5", '{"code": 1}')]
            for token, body in tries if "requestBody" in operation else tries[:2]:
                headers = {"Content-Type": "application/json", **({"Authorization": token} if token else {})}
                answer = await stranger.request(method, filled, headers=headers, content=body)
                assert answer.status_code == 401, (method, path, token, body, answer.status_code, answer.text)
                problem = answer.json()
                assert problem["zh"] and problem["en"] and problem["code"], (method, path)


async def test_wrong_passwords_lock_for_a_while(tmp_path: Path) -> None:
    settings = settings_for().model_copy(update={"sign_in": settings_for().sign_in.model_copy(update={"wrong_passwords_limit": 3})})
    async with running_node(tmp_path, settings) as node:
        statuses = []
        for _ in range(4):
            answer = await node.client.post("/session", json={"name": "duty", "password": "guess"})
            statuses.append(answer.status_code)
        assert statuses == [401, 401, 401, 429]
        right = await node.client.post("/session", json={"name": "duty", "password": "first-password"})
        assert right.status_code == 429


async def test_a_session_ends_when_it_is_ended(node: RunningNode) -> None:
    assert (await node.client.get("/session")).status_code == 200
    assert (await node.client.delete("/session")).status_code == 204
    assert (await node.client.get("/session")).status_code == 401


async def test_health_and_metrics_answer_without_a_session(node: RunningNode) -> None:
    base = f"http://127.0.0.1:{node.node.settings.http.port}"
    async with httpx.AsyncClient(base_url=base) as stranger:
        assert (await stranger.get("/readyz")).json() == {"status": "ready"}
        assert (await stranger.get("/healthz")).status_code == 200
        assert "fengsui_devices" in (await stranger.get("/metrics")).text

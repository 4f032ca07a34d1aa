"""The one door: nothing answers without a session, and every refusal is a problem document in two languages."""

from __future__ import annotations

from pathlib import Path

import httpx

from fengsui.app import openapi_document
from tests.node.conftest import RunningNode, running_node, settings_for

OPEN = {("POST", f"/api/v1/session{way}") for way in ("", "/passkey", "/passkey/options")}


async def test_every_operation_refuses_without_a_session(node: RunningNode) -> None:
    base = f"http://127.0.0.1:{node.node.settings.http.port}"
    operations = [
        (method.upper(), path)
        for path, methods in openapi_document()["paths"].items()
        for method in methods
        if (method.upper(), path) not in OPEN
    ]
    assert len(operations) > 30
    async with httpx.AsyncClient(base_url=base) as stranger:
        for method, path in operations:
            for token in ("", "Bearer made-up"):
                filled = (
                    path.replace("{code}", "52010200001320000001")
                    .replace("{session}", "x")
                    .replace("{number}", "1")
                    .replace("{user}", "1")
                    .replace("{passkey}", "1")
                    .replace("{token}", "1")
                    .replace("{unit}", "1")
                    .replace("{appointment}", "1")
                )
                answer = await stranger.request(method, filled, headers={"Authorization": token} if token else {}, json={})
                assert answer.status_code in (401, 422), (method, path, answer.status_code)
                problem = answer.json()
                assert problem["zh"] and problem["en"] and problem["code"], (method, path)
                if answer.status_code == 422:
                    valid = await stranger.request(method, filled, headers={"Authorization": token} if token else {})
                    assert valid.status_code in (401, 422)


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

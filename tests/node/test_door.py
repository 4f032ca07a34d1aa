"""The one door: nothing answers without a session, and every refusal is a problem document in two languages."""

from __future__ import annotations

import re
from pathlib import Path

import httpx

from fengsui.app import openapi_document
from fengsui.web_api.app import make_app
from tests.node.conftest import RunningNode, running_node, settings_for
from tests.node.test_audit import records

OPEN = {("POST", f"/api/v1/session{way}") for way in ("", "/passkey", "/passkey/options")} | {
    ("GET", "/api/v1/session/providers"),
    *(("POST", f"/api/v1/session/providers/{{provider}}{way}") for way in ("", "/answer", "/code")),
}
BY_LINK = {("GET", "/api/v1/panic"), ("POST", "/api/v1/panic")}
"""Asked with the token of a panic link instead of a session (decision 76): without a known one there is nothing there."""


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
                refused = 404 if (method, path) in BY_LINK else 401
                assert answer.status_code == refused, (method, path, token, body, answer.status_code, answer.text)
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


ANYBODY = {"/healthz", "/readyz", "/ca.pem", "/api/openapi.json", "/metrics", "/{path:path}"}
"""Asked without a session: each with its reason in decision 25. `/{path:path}` is the console's own files."""


def test_nothing_else_answers_without_a_session() -> None:
    paths = {getattr(route, "path", "") for route in make_app(None, []).routes}
    assert {path for path in paths if path and not path.startswith("/api/v1/")} == ANYBODY


async def test_metrics_are_read_where_the_settings_say(tmp_path: Path) -> None:
    settings = settings_for()
    http = settings.http.model_copy(update={"metrics_from": ["127.0.0.22/32"]})
    async with running_node(tmp_path, settings.model_copy(update={"http": http})) as node:
        url = f"http://127.0.0.1:{node.node.settings.http.port}/metrics"
        async with httpx.AsyncClient() as stranger:
            for _ in range(3):
                refused = await stranger.get(url)
                assert (refused.status_code, refused.json()["code"]) == (403, "metrics.elsewhere")
                assert "metrics_from" in refused.json()["remedy_zh"] and "fengsui_devices" not in refused.text
        (told,) = [one for one in records(node) if "metrics.elsewhere" in one.detail]
        assert (told.address, told.result) == ("127.0.0.1", "refused"), "repetitions are counted"
        watcher = httpx.AsyncHTTPTransport(local_address="127.0.0.22")
        async with httpx.AsyncClient(transport=watcher) as monitoring:
            assert "fengsui_devices" in (await monitoring.get(url)).text


async def test_health_and_metrics_answer_without_a_session(node: RunningNode) -> None:
    base = f"http://127.0.0.1:{node.node.settings.http.port}"
    async with httpx.AsyncClient(base_url=base) as stranger:
        assert (await stranger.get("/readyz")).json() == {"status": "ready"}
        assert (await stranger.get("/healthz")).status_code == 200
        assert "fengsui_devices" in (await stranger.get("/metrics")).text

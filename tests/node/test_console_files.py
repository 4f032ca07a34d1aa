"""The console's files: small to fetch, kept for long, and never one for another."""

from __future__ import annotations

import httpx

from fengsui.web_api.app import CONSOLE, make_app


async def test_scripts_are_sent_compressed_and_kept_and_those_of_another_build_are_missing() -> None:
    script = max((CONSOLE / "assets").glob("*.js"), key=lambda path: path.stat().st_size)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(make_app(None, [])), base_url="http://node") as client:
        small = await client.get(f"/assets/{script.name}", headers={"accept-encoding": "br, gzip"})
        plain = await client.get(f"/assets/{script.name}", headers={"accept-encoding": "identity"})
        gone = await client.get("/assets/WallPage-00000000.js")
    assert small.content == plain.content == script.read_bytes()
    assert small.headers["content-encoding"] == "gzip" and "content-encoding" not in plain.headers
    assert int(small.headers["content-length"]) < int(plain.headers["content-length"]) / 2
    for answer in (small, plain):
        assert answer.headers["content-type"].startswith("text/javascript")
        assert "immutable" in answer.headers["cache-control"] and answer.headers["vary"] == "accept-encoding"
    assert (gone.status_code, gone.headers["content-type"]) == (404, "application/problem+json")


async def test_a_picture_of_the_guide_says_that_it_is_one() -> None:
    picture = next((CONSOLE / "help" / "pictures").glob("*.webp"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(make_app(None, [])), base_url="http://node") as client:
        answer = await client.get(f"/help/pictures/{picture.name}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")

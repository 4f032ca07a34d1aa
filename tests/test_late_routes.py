"""Routes are made when their path is first asked for, and match as if they had always been there."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from fengsui.late_routes import BASE, LateRoutes


def room() -> LateRoutes:
    """Two routes that could take one another's path, a child's between them."""
    routes, child = LateRoutes(), LateRoutes(prefix="/things/own")

    @routes.get("/things/newest")
    async def newest() -> str:
        return "newest"

    @child.get("")
    async def own() -> str:
        return "own"

    routes.include_router(child)

    @routes.get("/things/{name}")
    async def one(name: str) -> str:
        return f"named {name}"

    @routes.post("/things/{name}")
    async def change(name: str, many: int) -> int:
        return many

    return routes


def paths(made: LateRoutes) -> set[str]:
    """Of its own routes that are made."""
    return {route.path for route in made.routes if isinstance(route, APIRoute)}


@pytest.fixture
def made() -> LateRoutes:
    return room()


@pytest.fixture
async def asking(made: LateRoutes) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.include_router(made, prefix=BASE)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"http://node{BASE}") as client:
        yield client


async def test_the_first_declared_route_answers_whichever_was_asked_for_first(asking: httpx.AsyncClient) -> None:
    assert (await asking.get("/things/gate")).json() == "named gate"
    assert (await asking.get("/things/newest")).json() == "newest"
    assert (await asking.get("/things/own")).json() == "own"
    assert (await asking.get("/things/gate")).json() == "named gate"


async def test_a_path_that_nobody_asks_for_makes_no_route(made: LateRoutes, asking: httpx.AsyncClient) -> None:
    assert (await asking.get("/nothing")).status_code == 404
    assert paths(made) == set()
    await asking.get("/things/newest")
    assert paths(made) == {"/things/newest", "/things/{name}"}


async def test_another_method_and_a_bad_value_are_told_as_ever(asking: httpx.AsyncClient) -> None:
    assert (await asking.put("/things/gate")).status_code == 405
    assert (await asking.post("/things/gate?many=x")).status_code == 422
    assert (await asking.post("/things/gate?many=3")).json() == 3


def test_opened_it_holds_every_route_in_the_order_it_was_declared_in(made: LateRoutes) -> None:
    app = FastAPI()
    app.include_router(made, prefix=BASE)
    made.open()
    assert list(app.openapi()["paths"]) == [f"{BASE}/things/newest", f"{BASE}/things/own", f"{BASE}/things/{{name}}"]

"""A room's HTTP operations, each made when its path is first asked for."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from fastapi import APIRouter
from starlette.routing import BaseRoute, Match, compile_path
from starlette.types import Scope

BASE = "/api/v1"
"""The path of all rooms."""


@lru_cache(maxsize=4096)  # a process that starts node after node compiles each once
def _shape(path: str) -> re.Pattern[str]:
    return compile_path(path)[0]


class LateRoutes(APIRouter):
    """What `APIRouter` is, but a route costs its 4 ms of signatures and schemas when a request with its path first comes.

    Four hundred of them made each start of a node a second longer, and its first request nearly another. Routes match in the
    order they were declared in, as ever. `open` makes all of them: for whoever asks for the API document.
    """

    def __init__(self, *, base: str = BASE, **options: Any) -> None:
        super().__init__(**options)
        self._base = base
        self._waiting: dict[int, tuple[re.Pattern[str], str, Callable[..., Any], dict[str, Any]]] = {}
        self._children: list[LateRoutes] = []
        self._places: dict[int, int] = {}  # by the identity of a route
        self._declared = 0

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        """Keeps what is said of it until it is asked for."""
        self._waiting[self._declared] = (_shape(self._base + self.prefix + path), path, endpoint, options)
        self._declared += 1

    def include_router(self, router: APIRouter, **options: Any) -> None:
        """Another's routes, in their place among these."""
        super().include_router(router, **options)
        self._places[id(self.routes[-1])] = self._declared
        self._declared += 1
        if isinstance(router, LateRoutes):
            self._children.append(router)

    def add_api_websocket_route(self, path: str, endpoint: Callable[..., Any], name: str | None = None, **options: Any) -> None:
        """At once: there are few."""
        super().add_api_websocket_route(path, endpoint, name, **options)
        self._places[id(self.routes[-1])] = self._declared
        self._declared += 1

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Makes the routes of the asked path first."""
        path = scope["path"]
        self._make([place for place, (shape, *_) in self._waiting.items() if shape.match(path)])
        return super().matches(scope)

    def open(self) -> None:
        """Makes every route."""
        self._make(list(self._waiting))
        for child in self._children:
            child.open()

    def _make(self, places: list[int]) -> None:
        if not places:
            return
        for place in places:
            _, path, endpoint, options = self._waiting.pop(place)
            super().add_api_route(path, endpoint, **options)
            self._places[id(self.routes[-1])] = place
        self.routes.sort(key=self._place)

    def _place(self, route: BaseRoute) -> int:
        return self._places[id(route)]

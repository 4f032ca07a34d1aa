"""A NATS server for each test, and figures of two nodes side by side."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from tests.nats_server import NatsServer, keeper, nats_server, writer
from tests.node.neighbours.two_nodes import CITY, COUNTY


@pytest.fixture(autouse=True)
def two_nodes_in_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry in which the figures of both nodes may stand."""
    monkeypatch.setattr("fengsui.app.node.REGISTRY", CollectorRegistry(auto_describe=False))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[NatsServer]:
    """Of each test its own: every county here has the same code and another key."""
    with nats_server(tmp_path / "nats", writer(COUNTY), keeper(CITY)) as running:
        yield running

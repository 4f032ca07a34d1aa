"""Schemathesis for as long as it takes: a hundred right and as many wrong requests for each operation, as two people."""

from __future__ import annotations

import pytest

from tests.node.conftest import RunningNode, node
from tests.node.test_every_operation import schemathesis_against

__all__ = ["node"]


@pytest.mark.soak
async def test_no_operation_ends_in_a_server_error_however_often(node: RunningNode) -> None:
    seen = await schemathesis_against(node, examples=100)
    assert seen["2xx"] > 1_000, seen

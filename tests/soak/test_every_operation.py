"""Schemathesis for as long as it takes: a hundred right and as many wrong requests for each operation, as two people."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.node.conftest import running_node
from tests.node.seeds import ruled_settings
from tests.node.test_every_operation import by_class, schemathesis_against


@pytest.mark.soak
async def test_no_operation_ends_in_a_server_error_however_often(tmp_path: Path) -> None:
    async with running_node(tmp_path / "node", ruled_settings(tmp_path)) as node:
        total = by_class(await schemathesis_against(node, examples=100))
    assert total["2xx"] > 1_000, total

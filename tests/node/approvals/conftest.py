"""A node with something to approve."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fengsui.clock import ManualClock
from tests.node.approvals.office import Office, Sign, office_at
from tests.node.conftest import settings_for


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """One office."""
    async with office_at(tmp_path, settings_for(), ManualClock(), Sign()) as running:
        yield running

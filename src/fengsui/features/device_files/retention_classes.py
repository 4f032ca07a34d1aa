"""Whose footage is kept as that of a key target, by the camera's file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.device_files import queries

KEY_TARGET: Final = "2"


async def key_targets(tx: AsyncConnection, codes: Sequence[str]) -> set[str]:
    """Those of these cameras. A file that was changed past the node could have said so: its camera is among them."""
    rows = await queries.several(tx, codes)
    return {
        code
        for code, row in rows.items()
        if not queries.is_whole(tx, row) or queries.fields_of(row).get("retention_class") == KEY_TARGET
    }

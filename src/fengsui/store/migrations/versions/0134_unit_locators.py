"""Units that are where a device is, and devices that tell places of a map's datum."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0134"
down_revision = "0122"


def upgrade() -> None:
    """No unit of before is where a device is, and every device tells WGS-84, as the standard has it."""
    for name in ("locator_device", "locator"):
        op.add_column("patrol_units", sa.Column(name, sa.String(32), nullable=False, server_default=""))
    op.add_column("devices", sa.Column("position_datum", sa.String(16), nullable=False, server_default="wgs84"))

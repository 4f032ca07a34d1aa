"""How far back a frame of an alarm host counts as sent before; what an alarm of a device has that those of hosts have not."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0067"
down_revision = "0066"


def upgrade() -> None:
    """The window is empty until it is written: the last alarm says how far. Alarms of before came by DC-09."""
    op.create_table(
        "alarm_window",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("since", sa.Float, nullable=False),
    )
    for column in (
        sa.Column("protocol", sa.String(8), nullable=False, server_default="dc09"),
        sa.Column("device", sa.String(32), nullable=False, server_default=""),
        sa.Column("camera_class", sa.String(24), nullable=False, server_default=""),
        sa.Column("method", sa.Integer),
        sa.Column("alarm_type", sa.String(16), nullable=False, server_default=""),
        sa.Column("event_type", sa.String(16), nullable=False, server_default=""),
        sa.Column("told_priority", sa.Integer),
        sa.Column("longitude", sa.Float),
        sa.Column("latitude", sa.Float),
    ):
        op.add_column("alarms", column)
    op.create_index("alarms_by_camera", "alarms", ["camera", "id"])
    op.add_column("devices", sa.Column("subscribe_alarms", sa.Boolean, nullable=False, server_default=sa.true()))

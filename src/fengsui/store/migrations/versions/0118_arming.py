"""When alarm hosts and their points are to be armed, of which host it is said that it is not, and alarms of what was not armed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0118"
down_revision = "0111"


def upgrade() -> None:
    """Nobody has said when a host of before is to be armed: its alarms ring as they did."""
    op.create_table(
        "alarm_arming",
        *(sa.Column(name, sa.Integer, primary_key=True, autoincrement=False) for name in ("host_id", "point_id")),
        sa.Column("hours", sa.Text, nullable=False),
        sa.Column("grace_min", sa.Integer, nullable=False),
        sa.Column("seal", sa.String(64)),
    )
    op.create_table(
        "alarm_lapses",
        sa.Column("host_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("code", sa.String(4), nullable=False),
        sa.Column("account", sa.String(16), nullable=False),
        sa.Column("site", sa.String(128), nullable=False),
        sa.Column("area", sa.String(8), nullable=False),
    )
    op.add_column("alarms", sa.Column("unarmed", sa.Boolean, nullable=False, server_default=sa.false()))

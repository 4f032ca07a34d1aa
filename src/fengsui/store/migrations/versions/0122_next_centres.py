"""Where alarms go that nobody takes at a duty centre, and those that went there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0122"
down_revision = "0110"


def upgrade() -> None:
    """Two new tables."""
    op.create_table(
        "duty_next_centres",
        sa.Column("centre", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("following", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Float, nullable=False) for name in ("after_s", "since")),
        sa.Column("seal", sa.String(64)),
    )
    op.create_table(
        "alarm_passes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("alarm_id", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("from_centre", "to_centre")),
        sa.Column("why", sa.String(16), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("ended_at", sa.Float),
        sa.Column("ended_why", sa.String(16), nullable=False, server_default=""),
        sa.Column("seal", sa.String(64)),
    )
    op.create_index("alarm_passes_of_alarm", "alarm_passes", ["alarm_id", "from_centre"])
    only = sa.text("ended_at IS NULL")
    op.create_index("alarm_passes_open", "alarm_passes", ["to_centre", "alarm_id"], sqlite_where=only, postgresql_where=only)

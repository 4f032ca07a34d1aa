"""Which recordings on event or by hand are known to be over: a clock that is set back does not tell it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0069"


def upgrade() -> None:
    """What was to end later than the node is known to have lived goes on."""
    op.add_column("recording_periods", sa.Column("ended", sa.Boolean, nullable=False, server_default=sa.true()))
    last = '"until" > (SELECT max(alive_until) FROM footage_runs)'
    op.execute(f"UPDATE recording_periods SET ended = false WHERE {last}")
    sqlite, postgresql = sa.text("ended = 0"), sa.text("NOT ended")
    op.create_index("recording_periods_open", "recording_periods", ["camera"], sqlite_where=sqlite, postgresql_where=postgresql)

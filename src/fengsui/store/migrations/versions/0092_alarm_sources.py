"""Systems that report alarms over HTTPS, and by which id each of their alarms came."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0092"
down_revision = "0094"


def upgrade() -> None:
    """New tables."""
    op.create_table(
        "alarm_sources",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("name", sa.String(16), nullable=False),
        sa.Column("title", sa.String(64), nullable=False),
        sa.Column("area", sa.String(8), nullable=False),
        sa.Column("kinds", sa.String(400), nullable=False),
        sa.Column("most_urgent", sa.Integer, nullable=False),
        sa.Column("sealed_secret", sa.String(256), nullable=False),
        sa.Column("made_at", sa.Float, nullable=False),
        sa.Column("seal", sa.String(64)),
        sa.Column("heard_at", sa.Float, nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("taken", "repeated", "refused", "unproven")),
        sa.Column("fault_at", sa.Float, nullable=False),
        sa.Column("fault", sa.String(64), nullable=False),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "alarm_intakes",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("said", sa.String(64), nullable=False),
        sa.Column("alarm_id", sa.BigInteger, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("left_out", sa.String(256), nullable=False),
        sa.Column("subject", sa.String(16), nullable=False),
    )

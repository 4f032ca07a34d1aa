"""Devices and systems that report alarms and are not heard."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0135"
down_revision = "0130"


def upgrade() -> None:
    """Nobody of before is to be heard."""
    op.add_column("alarm_sources", sa.Column("supervision_s", sa.Integer, nullable=False, server_default="0"))
    op.create_table(
        "source_silences",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("protocol", sa.String(8), nullable=False),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("title", sa.String(128), nullable=False),
        sa.Column("area", sa.String(8), nullable=False),
        sa.Column("alarm_id", sa.BigInteger, nullable=False),
        sa.Column("raised_at", sa.Float, nullable=False),
        sa.Column("ended_at", sa.Float),
    )
    only = sa.text("ended_at IS NULL")
    columns = ["protocol", "code"]
    op.create_index("source_silences_open", "source_silences", columns, unique=True, sqlite_where=only, postgresql_where=only)

"""How often each alarm host must be heard, and when one was silent for longer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0087"
down_revision = "0086"


def upgrade() -> None:
    """A new column, which is sealed at the first start, and a new table."""
    op.add_column("alarm_hosts", sa.Column("supervision_s", sa.Integer))
    op.create_table(
        "alarm_silences",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("host_id", sa.Integer, nullable=False),
        sa.Column("account", sa.String(16), nullable=False),
        sa.Column("site", sa.String(128), nullable=False),
        sa.Column("area", sa.String(8), nullable=False),
        sa.Column("heard_at", sa.Float, nullable=False),
        sa.Column("raised_at", sa.Float, nullable=False),
        sa.Column("ended_at", sa.Float),
        sa.Column("alarm_id", sa.BigInteger, nullable=False),
        sa.Column("many", sa.Boolean, nullable=False),
    )
    op.create_index("alarm_silences_of_alarm", "alarm_silences", ["alarm_id", "id"])
    still = sa.text("ended_at IS NULL")
    op.create_index("alarm_silences_open", "alarm_silences", ["host_id"], unique=True, sqlite_where=still, postgresql_where=still)

"""Links to other systems, what waits to be sent over them, and the numbers of jobs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0099"
down_revision = "0103"


def upgrade() -> None:
    """New tables."""
    op.create_table(
        "dispatch_links",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("name", sa.String(16), nullable=False),
        sa.Column("title", sa.String(64), nullable=False),
        sa.Column("url", sa.String(512), nullable=False),
        sa.Column("area", sa.String(8), nullable=False),
        sa.Column("news", sa.String(64), nullable=False),
        sa.Column("least_urgent", sa.Integer, nullable=False),
        sa.Column("sealed_secret", sa.String(512), nullable=False),
        sa.Column("made_at", sa.Float, nullable=False),
        sa.Column("is_on", sa.Boolean, nullable=False),
        sa.Column("seal", sa.String(64)),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("alarm_mark", "sent", "failures")),
        *(sa.Column(name, sa.Float, nullable=False) for name in ("sent_at", "failed_since", "fault_at")),
        sa.Column("fault", sa.String(256), nullable=False),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "link_outbox",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("link_id", sa.Integer, nullable=False),
        sa.Column("key", sa.String(128), nullable=False),
        sa.Column("incident_id", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.UniqueConstraint("link_id", "key"),
    )
    op.create_index("link_outbox_in_order", "link_outbox", ["link_id", "id"])
    op.create_table(
        "job_numbers",
        sa.Column("peer", sa.String(16), primary_key=True),
        sa.Column("incident_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("own", sa.String(24), nullable=False),
        sa.Column("number", sa.String(64)),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.UniqueConstraint("peer", "number"),
    )
    op.create_index("job_numbers_by_incident", "job_numbers", ["incident_id"])
    op.create_table(
        "job_intakes",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("said", sa.String(64), nullable=False),
        sa.Column("incident_id", sa.Integer, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )

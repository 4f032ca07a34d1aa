"""Sources of alarms that somebody shelved for a time, and what came of them meanwhile."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0090"
down_revision = "0091"
WORDS = {
    **{"account": 16, "site": 128, "device": 32, "section": 16, "number": 32},
    **{"code_table": 4, "code": 4, "alarm_type": 16, "event_type": 16},
    **{"area": 8, "camera_class": 24, "category": 20, "named": 300, "reason": 16, "note": 1000, "by_name": 128},
}


def upgrade() -> None:
    """Two new columns, a table, and indexes of what is shelved alone."""
    op.add_column("alarms", sa.Column("queued_at", sa.Float))
    op.add_column("alarms", sa.Column("shelf_id", sa.Integer))
    shelved = sa.text("state = 'shelved'")
    op.create_index("alarms_shelved", "alarms", ["shelf_id", "id"], sqlite_where=shelved, postgresql_where=shelved)
    of_source = ["host_id", "number"]
    op.create_index("alarms_shelved_of_source", "alarms", of_source, sqlite_where=shelved, postgresql_where=shelved)
    op.create_table(
        "alarm_shelves",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("scope", sa.String(8), nullable=False),
        sa.Column("alarm_id", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("host_id", "priority", "by_id")),
        *(sa.Column(name, sa.String(length), nullable=False) for name, length in WORDS.items()),
        sa.Column("is_user", sa.Boolean, nullable=False),
        *(sa.Column(name, sa.Float, nullable=False) for name in ("from_at", "until_at")),
        sa.Column("ended_at", sa.Float),
        sa.Column("ended_by", sa.String(128), nullable=False, server_default=""),
        sa.Column("ended_why", sa.String(1000), nullable=False, server_default=""),
    )
    holding = sa.text("ended_at IS NULL")
    op.create_index("alarm_shelves_holding", "alarm_shelves", ["id"], sqlite_where=holding, postgresql_where=holding)

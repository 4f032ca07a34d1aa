"""What rules did, to which alarms, and how far they are; what footage they mark; from which priority they raised an alarm."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0088b"
down_revision = "0088"


def upgrade() -> None:
    """New tables, and a column of alarms."""
    op.add_column("alarms", sa.Column("raised_from", sa.Integer))
    op.create_table(
        "alarm_rule_runs",
        sa.Column("alarm_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("rule_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("do", sa.String(16), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("outcome", sa.String(8), nullable=False),
        sa.Column("detail", sa.String(1000), nullable=False),
    )
    op.create_table(
        "alarm_rule_mark",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("upto", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "alarm_rule_failures",
        sa.Column("rule_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("last_error", sa.String(1000), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_table(
        "alarm_cameras",
        sa.Column("alarm_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("rule_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("ordinal", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("camera", sa.String(32), nullable=False),
        sa.Column("preset", sa.Integer),
        sa.Column("rule", sa.String(128), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_table(
        "footage_marks",
        sa.Column("key", sa.String(96), primary_key=True),
        sa.Column("camera", sa.String(32), nullable=False),
        sa.Column("since", sa.Float, nullable=False),
        sa.Column("until", sa.Float, nullable=False),
        sa.Column("reason", sa.String(256), nullable=False),
        sa.Column("held_until", sa.Float, nullable=False),
    )
    op.create_index("footage_marks_by_end", "footage_marks", ["held_until"])

"""Alarm hosts, their points, accounts that wait, and alarms."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0064"


def upgrade() -> None:
    """New tables."""
    op.create_table(
        "alarm_hosts",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("protocol", sa.String(8), nullable=False),
        sa.Column("account", sa.String(16), nullable=False),
        sa.Column("site", sa.String(128), nullable=False),
        sa.Column("area", sa.String(8), nullable=False),
        sa.Column("sealed_key", sa.String(256), nullable=False),
        sa.Column("made_at", sa.Float, nullable=False),
        sa.Column("heard_at", sa.Float, nullable=False),
        sa.Column("seal", sa.String(64)),
        sa.UniqueConstraint("protocol", "account"),
    )
    op.create_table(
        "alarm_points",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("host_id", sa.Integer, nullable=False),
        sa.Column("zone", sa.String(16), nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("camera", sa.String(32), nullable=False),
        sa.UniqueConstraint("host_id", "zone"),
    )
    op.create_table(
        "waiting_alarm_hosts",
        sa.Column("account", sa.String(16), primary_key=True),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("transport", sa.String(8), nullable=False),
        sa.Column("encrypted", sa.Boolean, nullable=False),
        sa.Column("first_seen_at", sa.Float, nullable=False),
        sa.Column("last_seen_at", sa.Float, nullable=False),
        sa.Column("attempts", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "alarms",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("body_key", sa.String(64), nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("host_id", sa.Integer, nullable=False),
        sa.Column("account", sa.String(16), nullable=False),
        sa.Column("site", sa.String(128), nullable=False),
        sa.Column("area", sa.String(8), nullable=False),
        sa.Column("section", sa.String(16), nullable=False),
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("is_user", sa.Boolean, nullable=False),
        sa.Column("point_id", sa.Integer),
        sa.Column("point", sa.String(128), nullable=False),
        sa.Column("point_kind", sa.String(16), nullable=False),
        sa.Column("camera", sa.String(32), nullable=False),
        sa.Column("code_table", sa.String(4), nullable=False),
        sa.Column("code", sa.String(4), nullable=False),
        sa.Column("known", sa.Boolean, nullable=False),
        sa.Column("change", sa.String(10), nullable=False),
        sa.Column("category", sa.String(20), nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("text", sa.String(256), nullable=False),
        sa.Column("sequence", sa.String(4), nullable=False),
        sa.Column("encrypted", sa.Boolean, nullable=False),
        sa.Column("held_back", sa.Boolean, nullable=False),
        sa.Column("sent_at", sa.Float),
        sa.Column("first_at", sa.Float, nullable=False),
        sa.Column("last_at", sa.Float, nullable=False),
        sa.Column("repeats", sa.Integer, nullable=False),
    )
    op.create_index("alarms_by_body", "alarms", ["body_key", "last_at"])
    op.create_index("alarms_by_area", "alarms", ["area", "id"])
    op.create_index("alarms_by_last", "alarms", ["last_at"])

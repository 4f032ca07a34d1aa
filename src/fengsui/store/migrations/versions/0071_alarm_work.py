"""What is done about alarms: state, owner, outcome and clocks of each, and the steps that led there; lists by time and device."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0071"
down_revision = "0082"
IN_WORK = "state IN ('open', 'claimed', 'verified')"


def upgrade() -> None:
    """Alarms of before stand in no queue: whoever was to see them has."""
    columns: list[sa.Column[Any]] = [
        *(sa.Column(name, sa.String(8), nullable=False, server_default="") for name in ("state", "result")),
        *(sa.Column(name, sa.String(16), nullable=False, server_default="") for name in ("reason", "outcome")),
        *(sa.Column(name, sa.Integer, nullable=False, server_default="0") for name in ("folded", "escalated", "version")),
        *(sa.Column(name, sa.Float) for name in ("folded_at", "claimed_at", "verified_at", "closed_at", "due_at")),
        sa.Column("folded_into", sa.BigInteger),
        sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("owner_id", sa.Integer),
        sa.Column("owner", sa.String(128), nullable=False, server_default=""),
        sa.Column("note", sa.String(1000), nullable=False, server_default=""),
    ]
    for column in columns:
        op.add_column("alarms", column)
    op.create_index("alarms_by_first", "alarms", ["first_at"])
    for name, of, only in (
        ("alarms_by_device", ["device", "id"], "device <> ''"),
        ("alarms_in_work", ["priority", "id", "area", "camera_class"], IN_WORK),
        ("alarms_of_source", ["host_id", "number"], IN_WORK),
        ("alarms_of_owner", ["owner_id", "id"], "owner_id IS NOT NULL"),
        ("alarms_due", ["priority", "due_at"], "due_at IS NOT NULL"),
        ("alarms_folded", ["folded_into"], "folded_into IS NOT NULL"),
    ):
        op.create_index(name, "alarms", of, sqlite_where=sa.text(only), postgresql_where=sa.text(only))
    op.create_table(
        "alarm_steps",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("alarm_id", sa.BigInteger, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("user_id", sa.Integer),
        sa.Column("who", sa.String(128), nullable=False),
        sa.Column("act", sa.String(16), nullable=False),
        sa.Column("was", sa.String(8), nullable=False),
        sa.Column("became", sa.String(8), nullable=False),
        sa.Column("detail", sa.String(1200), nullable=False),
    )
    op.create_index("alarm_steps_by_alarm", "alarm_steps", ["alarm_id", "id"])

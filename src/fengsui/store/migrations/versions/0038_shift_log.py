"""The shift log, the standing orders of a centre in versions, and what passed at each handover."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"


def _columns(kind: sa.types.TypeEngine[Any], *names: str, key: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, primary_key=key, nullable=False) for name in names]


def upgrade() -> None:
    """Three tables. A seat that is being handed over now is offered again."""
    op.create_table(
        "duty_log",
        *_columns(sa.Integer(), "centre", "number", key=True),
        *_columns(sa.Integer(), "shift", "user_id", "corrects"),
        *_columns(sa.String(128), "name"),
        *_columns(sa.Float(), "at"),
        *_columns(sa.String(16), "kind"),
        *_columns(sa.Text(), "text"),
    )
    op.create_table(
        "duty_orders",
        *_columns(sa.Integer(), "centre", "version", key=True),
        *_columns(sa.Integer(), "user_id"),
        *_columns(sa.String(128), "name"),
        *_columns(sa.Float(), "at"),
        *_columns(sa.Text(), "text"),
    )
    op.create_table(
        "duty_handovers",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        *_columns(sa.Integer(), "centre", "shift", "seat", "from_user", "to_user", "orders", "down_in_all", "entry"),
        *_columns(sa.String(128), "from_name", "to_name"),
        *_columns(sa.Float(), "offered_at", "accepted_at"),
        *_columns(sa.Text(), "down", "matters", "remarks"),
    )
    op.execute("UPDATE duty_shifts SET state = 'on-duty', successor = 0 WHERE state = 'handing-over'")

"""The index of the audit log's files. What was recorded before the chain stays in `audit_unchained`, untouched."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0008"


def upgrade() -> None:
    """The index fills itself from the files."""
    op.rename_table("audit", "audit_unchained")
    op.create_table(
        "audit_index",
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(32), nullable=False, index=True),
        sa.Column("person", sa.String(128), nullable=False),
        sa.Column("act", sa.String(64), nullable=False),
        sa.Column("object", sa.String(128), nullable=False),
        sa.Column("ticket", sa.String(128), nullable=False),
        sa.Column("result", sa.String(16), nullable=False),
        sa.Column("segment", sa.BigInteger, nullable=False),
        sa.Column("place", sa.BigInteger, nullable=False),
        sa.Column("length", sa.Integer, nullable=False),
    )
    for column in ("person", "object", "act", "ticket"):
        op.create_index(f"ix_audit_index_{column}", "audit_index", [column, "sequence"])

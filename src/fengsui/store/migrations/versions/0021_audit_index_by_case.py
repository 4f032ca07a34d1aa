"""The index of the audit log knows the case of a record: it is emptied, and fills itself from the files at the start."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """The files alone are the log."""
    op.execute(sa.text("DELETE FROM audit_index"))
    op.add_column("audit_index", sa.Column("case", sa.String(128), nullable=False, server_default="-"))
    op.create_index("ix_audit_index_case", "audit_index", ["case", "sequence"])

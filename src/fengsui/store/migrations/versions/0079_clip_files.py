"""Files of clips that were handed over, with their manifests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0079"
down_revision = "0078"


def upgrade() -> None:
    """What was handed over before stands in the audit log alone."""
    op.create_table(
        "clip_files",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("request", sa.String(32), nullable=False),
        sa.Column("from_us", sa.BigInteger, nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("manifest", sa.Text, nullable=False),
        sa.Column("seal", sa.String(64)),
    )
    op.create_index("clip_files_by_request", "clip_files", ["request"])

"""An emergency access that was not justified closes pictures to its person until somebody enters what followed (A57)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Verdicts of before had no consequence, and get none by an update: they count as settled on their day."""
    op.add_column("emergencies", sa.Column("restored_by", sa.Integer, nullable=False, server_default="0"))
    op.add_column("emergencies", sa.Column("restored_at", sa.Float, nullable=False, server_default="0"))
    op.add_column("emergencies", sa.Column("restored_note", sa.Text, nullable=False, server_default=""))
    op.execute("UPDATE emergencies SET restored_at = judged_at WHERE judged_at > 0")

"""Steps of time codes that have opened once, in place of the latest alone; sessions are found by another hash and begin anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """The latest step of each user stays used."""
    op.create_table(
        "totp_steps_used",
        sa.Column("user_id", sa.Integer, sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("step", sa.BigInteger, primary_key=True),
    )
    op.execute("INSERT INTO totp_steps_used (user_id, step) SELECT id, totp_step FROM users WHERE totp_step > 0")
    op.drop_column("users", "totp_step")
    op.execute("DELETE FROM sessions")

"""Which alarms were written out for which link."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0107"
down_revision = "0106"


def upgrade() -> None:
    """Numbers of links that are there are theirs for good."""
    op.create_table(
        "link_alarms",
        sa.Column("link_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("alarm_id", sa.BigInteger, primary_key=True, autoincrement=False),
    )
    op.execute("INSERT INTO link_alarms (link_id, alarm_id) SELECT id, 0 FROM dispatch_links")

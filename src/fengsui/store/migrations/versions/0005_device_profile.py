"""A device's profile: policies for what it does otherwise, the way its media came, what it believes of its registration."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Every policy at its default."""
    for name, default in (("worked_transport", ""), ("media_port", "auto"), ("charset", ""), ("sub_stream", "auto")):
        op.add_column("devices", sa.Column(name, sa.String(16), nullable=False, server_default=default))
    op.add_column("devices", sa.Column("pinned_edition", sa.Integer, nullable=False, server_default="0"))
    op.add_column("devices", sa.Column("ignore_notified_status", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("devices", sa.Column("believed", sa.Text, nullable=False, server_default=""))

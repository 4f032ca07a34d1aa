"""Accounts that come from an identity provider, appointments given by its groups, and sessions whose second factor it proved."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Who is there already belongs to this node."""
    op.add_column("users", sa.Column("provider", sa.String(16), nullable=False, server_default=""))
    op.add_column("users", sa.Column("issuer", sa.String(512)))
    op.add_column("users", sa.Column("subject", sa.String(256)))
    op.create_index("users_by_subject", "users", ["issuer", "subject"], unique=True)
    op.add_column("appointments", sa.Column("given_by_group", sa.String(256), nullable=False, server_default=""))
    op.add_column("sessions", sa.Column("factor_elsewhere", sa.Boolean, nullable=False, server_default=sa.false()))

"""People, sessions, audit, devices, catalogue, cameras."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Creates the tables of the first picture."""
    op.create_table(
        "users",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(64), nullable=False, unique=True),
        sa.Column("password_hash", sa.String(256), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("must_change_password", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column("id", sa.String(32), nullable=False, unique=True),
        sa.Column("user_id", sa.Integer, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("used_at", sa.Float, nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("act", sa.String(64), nullable=False),
        sa.Column("target", sa.String(128), nullable=False),
        sa.Column("outcome", sa.String(128), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
    )
    op.create_table(
        "devices",
        sa.Column("code", sa.String(32), primary_key=True),
        sa.Column("name", sa.String(256), nullable=False, server_default=""),
        sa.Column("maker", sa.String(256), nullable=False, server_default=""),
        sa.Column("model", sa.String(256), nullable=False, server_default=""),
        sa.Column("firmware", sa.String(256), nullable=False, server_default=""),
        sa.Column("channels", sa.Integer, nullable=False, server_default="0"),
        sa.Column("password", sa.String(128), nullable=False, server_default=""),
        sa.Column("transport", sa.String(8), nullable=False, server_default=""),
        sa.Column("host", sa.String(64), nullable=False, server_default=""),
        sa.Column("port", sa.Integer, nullable=False, server_default="0"),
        sa.Column("call_id", sa.String(256), nullable=False, server_default=""),
        sa.Column("edition", sa.Integer, nullable=False, server_default="20"),
        sa.Column("registered_at", sa.Float, nullable=False, server_default="0"),
        sa.Column("expires_at", sa.Float, nullable=False, server_default="0"),
        sa.Column("last_seen_at", sa.Float, nullable=False, server_default="0"),
        sa.Column("media_transport", sa.String(16), nullable=False, server_default="auto"),
        sa.Column("user_agent", sa.String(256), nullable=False, server_default=""),
    )
    op.create_table(
        "waiting_devices",
        sa.Column("code", sa.String(32), primary_key=True),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("transport", sa.String(8), nullable=False),
        sa.Column("maker", sa.String(256), nullable=False),
        sa.Column("first_seen_at", sa.Float, nullable=False),
        sa.Column("last_seen_at", sa.Float, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
    )
    op.create_table(
        "catalogue_items",
        sa.Column("device", sa.String(32), primary_key=True),
        sa.Column("code", sa.String(32), primary_key=True),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("name", sa.String(256), nullable=False),
        sa.Column("maker", sa.String(256), nullable=False),
        sa.Column("model", sa.String(256), nullable=False),
        sa.Column("area", sa.String(8), nullable=False),
        sa.Column("address", sa.String(512), nullable=False),
        sa.Column("parents", sa.String(512), nullable=False),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("longitude", sa.Float),
        sa.Column("latitude", sa.Float),
        sa.Column("business_group", sa.String(32), nullable=False),
        sa.Column("ptz_type", sa.Integer, nullable=False),
        sa.Column("streams", sa.String(32), nullable=False),
        sa.Column("fingerprint", sa.String(32), nullable=False),
    )
    op.create_index("catalogue_items_code", "catalogue_items", ["code"])
    op.create_index("catalogue_items_area", "catalogue_items", ["kind", "area", "code"])
    op.create_table(
        "camera_notes",
        sa.Column("code", sa.String(32), primary_key=True),
        sa.Column("own_name", sa.String(256)),
        sa.Column("own_area", sa.String(8)),
        sa.Column("longitude", sa.Float),
        sa.Column("latitude", sa.Float),
        sa.Column("tags", sa.Text, nullable=False, server_default="[]"),
        sa.Column("audio_basis", sa.String(256)),
    )

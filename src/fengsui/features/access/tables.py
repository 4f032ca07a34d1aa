"""Tables of people and sessions."""

import sqlalchemy as sa

from fengsui.store import metadata

users = sa.Table(
    "users",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(64)),
    sa.Column("password_hash", sa.String(256)),
    sa.Column("role", sa.String(32)),
    sa.Column("must_change_password", sa.Boolean),
    sa.Column("created_at", sa.Float),
    sa.Column("disabled", sa.Boolean),
    sa.Column("signed_in_at", sa.Float),
)
sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("id", sa.String(32)),
    sa.Column("user_id", sa.Integer),
    sa.Column("created_at", sa.Float),
    sa.Column("used_at", sa.Float),
    sa.Column("address", sa.String(64)),
)

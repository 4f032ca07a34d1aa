"""Every pack that was ever in force here or waits to be, as it was signed."""

import sqlalchemy as sa

from fengsui.store import metadata

policy_packs = sa.Table(
    "policy_packs",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(64)),
    sa.Column("version", sa.Integer),
    sa.Column("digest", sa.String(64)),
    sa.Column("octets", sa.LargeBinary),
    sa.Column("state", sa.String(16)),
    sa.Column("request", sa.String(32)),
    sa.Column("asked_by", sa.String(64)),
    sa.Column("approved_by", sa.String(64)),
    sa.Column("from_at", sa.Float),
    sa.Column("until_at", sa.Float),
)
owner_notices = sa.Table(
    "owner_notices",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", sa.Float),
    sa.Column("told", sa.String(16)),
    sa.Column("camera", sa.String(32)),
    sa.Column("area", sa.String(8)),
    sa.Column("classes", sa.Integer),
    *(sa.Column(name, sa.Text) for name in ("zh", "en")),
    sa.Column("request", sa.String(32)),
    sa.Column("due_at", sa.Float),
)
owner_notices_read = sa.Table(
    "owner_notices_read",
    metadata,
    sa.Column("user_id", sa.Integer, primary_key=True),
    sa.Column("last", sa.Integer),
    sa.Column("at", sa.Float),
)

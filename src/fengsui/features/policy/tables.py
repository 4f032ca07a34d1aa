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

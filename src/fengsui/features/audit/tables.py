"""The audit table: lines are only ever added."""

import sqlalchemy as sa

from fengsui.store import metadata

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("at", sa.Float),
    sa.Column("actor", sa.String(64)),
    sa.Column("act", sa.String(64)),
    sa.Column("target", sa.String(128)),
    sa.Column("outcome", sa.String(128)),
    sa.Column("address", sa.String(64)),
)

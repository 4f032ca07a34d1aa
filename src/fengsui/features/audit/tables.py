"""Where each record lies: an index that can be made anew from the files, which alone are the log."""

import sqlalchemy as sa

from fengsui.store import metadata

audit_index = sa.Table(
    "audit_index",
    metadata,
    sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
    sa.Column("at", sa.String(32)),
    sa.Column("person", sa.String(128)),
    sa.Column("act", sa.String(64)),
    sa.Column("object", sa.String(128)),
    sa.Column("ticket", sa.String(128)),
    sa.Column("case", sa.String(128)),
    sa.Column("result", sa.String(16)),
    sa.Column("segment", sa.BigInteger),
    sa.Column("place", sa.BigInteger),
    sa.Column("length", sa.Integer),
)

"""Tables of live calls."""

import sqlalchemy as sa

from fengsui.store import metadata

open_calls = sa.Table(
    "open_calls",
    metadata,
    sa.Column("call_id", sa.String(128), primary_key=True),
    sa.Column("device", sa.String(32), nullable=False),
    sa.Column("camera", sa.String(32), nullable=False),
    sa.Column("ssrc", sa.BigInteger, nullable=False),
    sa.Column("host", sa.String(64), nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("dialog", sa.Text, nullable=False),
)

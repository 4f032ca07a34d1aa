"""Tables of clips: files that were handed over, or were to be."""

import sqlalchemy as sa

from fengsui.store import metadata, sealed

clip_files = sa.Table(
    "clip_files",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("request", sa.String(32), nullable=False),
    sa.Column("from_us", sa.BigInteger, nullable=False),
    sa.Column("facts", sa.Text, nullable=False),
    sa.Column("manifest", sa.Text, nullable=False),
    sa.Column("seal", sa.String(64)),
    sa.Index("clip_files_by_request", "request"),
)
sealed(clip_files, "request", "from_us", "facts", "manifest")

"""Table of bookmarks."""

import sqlalchemy as sa

from fengsui.store import metadata, sealed

bookmarks = sa.Table(
    "bookmarks",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("camera", sa.String(32), nullable=False),
    sa.Column("since_us", sa.BigInteger, nullable=False),
    sa.Column("until_us", sa.BigInteger, nullable=False),
    sa.Column("text", sa.String(512), nullable=False),
    sa.Column("author_id", sa.Integer, nullable=False),
    sa.Column("author", sa.String(128), nullable=False),
    sa.Column("unit", sa.String(128), nullable=False),
    sa.Column("ticket", sa.String(32), nullable=False),
    sa.Column("case_number", sa.String(64), nullable=False),
    sa.Column("purpose", sa.String(64), nullable=False),
    sa.Column("legal_basis", sa.String(512), nullable=False),
    sa.Column("made_at", sa.Float, nullable=False),
    sa.Column("edited_at", sa.Float, nullable=False),
    sa.Column("withdrawn_at", sa.Float, nullable=False),
    sa.Column("withdrawn_by", sa.String(128), nullable=False),
    sa.Column("withdrawn_why", sa.String(512), nullable=False),
    sa.Column("seal", sa.String(64)),
    sa.Index("bookmarks_by_time", "camera", "since_us"),
    sa.Index("bookmarks_by_author", "author_id", "made_at"),
)
sealed(
    bookmarks,
    *("camera", "since_us", "until_us", "text", "author_id", "author", "unit", "ticket", "case_number", "purpose", "legal_basis"),
    *("made_at", "edited_at", "withdrawn_at", "withdrawn_by", "withdrawn_why"),
)

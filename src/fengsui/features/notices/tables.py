"""Tables of notices, and of whom each tells."""

import sqlalchemy as sa

from fengsui.store import metadata

notices = sa.Table(
    "notices",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("alarm_id", sa.BigInteger, nullable=False),
    sa.Column("rule_id", sa.Integer, nullable=False),
    sa.Column("rule", sa.String(128), nullable=False),
    sa.Column("area", sa.String(8), nullable=False),
    *(sa.Column(name, sa.String(32), nullable=False) for name in ("camera_class", "category")),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("place", sa.String(256), nullable=False),
    sa.Column("text", sa.String(500), nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("more", sa.Integer, nullable=False),
    sa.UniqueConstraint("alarm_id", "rule_id"),
    sa.Index("notices_by_rule", "rule_id", "area", "at"),
    sa.Index("notices_by_time", "at"),
)
notice_readers = sa.Table(
    "notice_readers",
    metadata,
    sa.Column("notice_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("user_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("post", sa.String(32), nullable=False),
    sa.Column("unit", sa.String(64), nullable=False),
    sa.Column("seen_at", sa.Float),
    sa.Index("notice_readers_by_user", "user_id", "seen_at", "notice_id"),
)

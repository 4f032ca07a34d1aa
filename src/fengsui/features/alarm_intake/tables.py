"""Tables of alarm sources, and of what they reported: by which id, and which alarm it became."""

import sqlalchemy as sa

from fengsui.store import metadata, sealed

alarm_sources = sa.Table(
    "alarm_sources",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("name", sa.String(16), nullable=False, unique=True),
    sa.Column("title", sa.String(64), nullable=False),
    sa.Column("area", sa.String(8), nullable=False),
    sa.Column("kinds", sa.String(400), nullable=False),
    sa.Column("most_urgent", sa.Integer, nullable=False),
    sa.Column("sealed_secret", sa.String(256), nullable=False),
    sa.Column("made_at", sa.Float, nullable=False),
    sa.Column("seal", sa.String(64)),
    sa.Column("heard_at", sa.Float, nullable=False),
    *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("taken", "repeated", "refused", "unproven")),
    sa.Column("fault_at", sa.Float, nullable=False),
    sa.Column("fault", sa.String(64), nullable=False),
    sa.Column("supervision_s", sa.Integer, nullable=False, server_default="0"),
)
sealed(
    alarm_sources,
    *("name", "title", "area", "kinds", "most_urgent", "sealed_secret", "made_at"),
    generation=5,
    added=("supervision_s",),
)

alarm_intakes = sa.Table(
    "alarm_intakes",
    metadata,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("source", sa.String(16), nullable=False),
    sa.Column("said", sa.String(64), nullable=False),
    sa.Column("alarm_id", sa.BigInteger, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("left_out", sa.String(256), nullable=False),
    sa.Column("subject", sa.String(16), nullable=False),
)

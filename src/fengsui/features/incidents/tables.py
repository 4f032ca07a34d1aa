"""Tables of incidents, their time lines and their alarms. Lines are written once."""

import sqlalchemy as sa

from fengsui.store import metadata

incidents = sa.Table(
    "incidents",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("number", sa.String(24), nullable=False, unique=True),
    sa.Column("day", sa.String(8), nullable=False),
    sa.Column("ordinal", sa.Integer, nullable=False),
    *(sa.Column(name, sa.String(16), nullable=False) for name in ("kind", "desk", "state", "reached", "before")),
    sa.Column("area", sa.String(8), nullable=False),
    sa.Column("place", sa.String(256), nullable=False),
    *(sa.Column(name, sa.Float) for name in ("longitude", "latitude")),
    sa.Column("text", sa.Text, nullable=False),
    *(
        sa.Column(name, sa.Integer, nullable=False)
        for name in ("priority", "version", "units_out", "owner_id", "into_id", "opened_by_id")
    ),
    *(sa.Column(name, sa.String(128), nullable=False) for name in ("owner", "opened_by")),
    sa.Column("is_open", sa.Boolean, nullable=False),
    *(sa.Column(name, sa.Float, nullable=False) for name in ("opened_at", "since", "last_at")),
    sa.Column("stamps", sa.Text, nullable=False),
    *(sa.Column(name, sa.String(16), nullable=False) for name in ("disposition", "cause", "outcome_cause")),
    sa.Column("also", sa.String(128), nullable=False),
    sa.Column("given_key", sa.String(128)),
    sa.Column("given_digest", sa.String(64), nullable=False),
    sa.UniqueConstraint("opened_by_id", "given_key"),
    sa.UniqueConstraint("day", "ordinal"),
    sa.Index("incidents_by_area", "area", "id"),
    sa.Index("incidents_open", "is_open", "id"),
    sa.Index("incidents_by_opened", "opened_at"),
    sa.Index("incidents_merged", "into_id", "id", sqlite_where=sa.text("into_id <> 0"), postgresql_where=sa.text("into_id <> 0")),
)
incident_lines = sa.Table(
    "incident_lines",
    metadata,
    sa.Column("incident_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("ordinal", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("user_id", sa.Integer, nullable=False),
    sa.Column("name", sa.String(128), nullable=False),
    *(sa.Column(name, sa.String(16), nullable=False) for name in ("before", "after")),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("text", "facts")),
    sa.Index(
        "incident_lines_closed",
        "at",
        "incident_id",
        sqlite_where=sa.text("kind = 'closed'"),
        postgresql_where=sa.text("kind = 'closed'"),
    ),
)
incident_alarms = sa.Table(
    "incident_alarms",
    metadata,
    sa.Column("alarm_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("incident_id", sa.Integer, nullable=False),
    sa.Index("incident_alarms_by_incident", "incident_id"),
)

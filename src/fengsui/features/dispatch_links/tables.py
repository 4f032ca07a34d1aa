"""Tables of links to other systems, what waits to be sent over them, and by which numbers two systems call one incident."""

import sqlalchemy as sa

from fengsui.store import metadata, sealed

dispatch_links = sa.Table(
    "dispatch_links",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("name", sa.String(16), nullable=False, unique=True),
    sa.Column("title", sa.String(64), nullable=False),
    sa.Column("url", sa.String(512), nullable=False),
    sa.Column("area", sa.String(8), nullable=False),
    sa.Column("news", sa.String(64), nullable=False),
    sa.Column("least_urgent", sa.Integer, nullable=False),
    sa.Column("sealed_secret", sa.String(512), nullable=False),
    sa.Column("made_at", sa.Float, nullable=False),
    sa.Column("is_on", sa.Boolean, nullable=False),
    sa.Column("seal", sa.String(64)),
    *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("alarm_mark", "sent", "failures")),
    *(sa.Column(name, sa.Float, nullable=False) for name in ("sent_at", "failed_since", "fault_at")),
    sa.Column("fault", sa.String(256), nullable=False),
)
sealed(dispatch_links, "name", "title", "url", "area", "news", "least_urgent", "sealed_secret", "made_at", "is_on")

link_outbox = sa.Table(
    "link_outbox",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("link_id", sa.Integer, nullable=False),
    sa.Column("key", sa.String(128), nullable=False),
    sa.Column("incident_id", sa.Integer, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.UniqueConstraint("link_id", "key"),
    sa.Index("link_outbox_in_order", "link_id", "id"),
)
"""Taken out when the other system has it."""

link_refusals = sa.Table(
    "link_refusals",
    metadata,
    sa.Column("outbox_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("times", sa.Integer, nullable=False),
    sa.Column("why", sa.String(256), nullable=False),
    sa.Column("aside_at", sa.Float, nullable=False),
)
"""How often in a row the other system refused what waits; `aside_at` 0: it is sent again, else it is set aside since."""

link_alarms = sa.Table(
    "link_alarms",
    metadata,
    sa.Column("link_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("alarm_id", sa.BigInteger, primary_key=True, autoincrement=False),
)
"""Which alarms were written out, by the link itself or by a rule. 0: the link was entered, and its number is never another's."""

job_numbers = sa.Table(
    "job_numbers",
    metadata,
    sa.Column("peer", sa.String(16), primary_key=True),
    sa.Column("incident_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("own", sa.String(24), nullable=False),
    sa.Column("number", sa.String(64)),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.UniqueConstraint("peer", "number"),
    sa.Index("job_numbers_by_incident", "incident_id"),
)
"""`own`: our number; `number`: theirs, None: they were told, and have given none; `state`: the last that they told."""

job_intakes = sa.Table(
    "job_intakes",
    metadata,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("source", sa.String(16), nullable=False),
    sa.Column("said", sa.String(64), nullable=False),
    sa.Column("incident_id", sa.Integer, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
)

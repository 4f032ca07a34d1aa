"""Tables of alarm hosts, their points and silences, who reported without being known, alarms, and how far back they may repeat."""

from typing import Final

import sqlalchemy as sa

from fengsui.store import metadata, sealed

IN_WORK: Final = "state IN ('open', 'claimed', 'verified')"
"""What an operator still has to do with; most alarms are closed, and stand in no index of these."""

LATE: Final = f"{IN_WORK} AND escalated > 0 AND noted_by = ''"
"""They wait too long, and no supervisor has taken note."""

SHELVED: Final = "state = 'shelved'"
"""On disk, and not before anybody until its shelf ends."""

KIND: Final = ("priority", "category", "owner_id", "escalated", "first_at", "area", "camera_class", "state")
"""What the queue is counted by: the index has all of it, and no row is read."""


def _index(name: str, *columns: str, only: str) -> sa.Index:
    """Of these rows alone, in both databases."""
    return sa.Index(name, *columns, sqlite_where=sa.text(only), postgresql_where=sa.text(only))


alarm_hosts = sa.Table(
    "alarm_hosts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("protocol", sa.String(8), nullable=False),
    sa.Column("account", sa.String(16), nullable=False),
    sa.Column("site", sa.String(128), nullable=False),
    sa.Column("area", sa.String(8), nullable=False),
    sa.Column("sealed_key", sa.String(256), nullable=False),
    sa.Column("made_at", sa.Float, nullable=False),
    sa.Column("heard_at", sa.Float, nullable=False),
    sa.Column("seal", sa.String(64)),
    sa.Column("supervision_s", sa.Integer),
    sa.UniqueConstraint("protocol", "account"),
    sqlite_autoincrement=True,
)
"""The number of one that is gone is given to no other: alarms know their host by it."""
sealed(
    alarm_hosts,
    *("protocol", "account", "site", "area", "sealed_key", "made_at"),
    generation=4,
    added=("supervision_s",),
)

alarm_points = sa.Table(
    "alarm_points",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("host_id", sa.Integer, nullable=False),
    sa.Column("zone", sa.String(16), nullable=False),
    sa.Column("name", sa.String(128), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("camera", sa.String(32), nullable=False),
    sa.UniqueConstraint("host_id", "zone"),
)

alarm_point_facts = sa.Table(
    "alarm_point_facts",
    metadata,
    sa.Column("point_id", sa.Integer, primary_key=True, autoincrement=False),
    *(sa.Column(name, sa.Float) for name in ("longitude", "latitude")),
    sa.Column("cameras", sa.Text, nullable=False),
)
"""`cameras`: JSON, each with its preset, the first of them as in the table of points. A point without a row has that one."""

alarm_point_tests = sa.Table(
    "alarm_point_tests",
    metadata,
    sa.Column("point_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("host_id", sa.Integer, nullable=False),
    *(sa.Column(name, sa.Float, nullable=False) for name in ("begun_at", "until")),
    sa.Column("reason", sa.String(200), nullable=False),
    sa.Column("by", sa.String(128), nullable=False),
    sa.Column("seal", sa.String(64)),
)
"""Points whose alarms are for the record alone until then."""
sealed(alarm_point_tests, "point_id", "host_id", "begun_at", "until", "reason", "by")

alarm_arming = sa.Table(
    "alarm_arming",
    metadata,
    *(sa.Column(name, sa.Integer, primary_key=True, autoincrement=False) for name in ("host_id", "point_id")),
    sa.Column("hours", sa.Text, nullable=False),
    sa.Column("grace_min", sa.Integer, nullable=False),
    sa.Column("seal", sa.String(64)),
)
"""When a host is to be armed (`point_id` 0), and points that have hours of their own."""
sealed(alarm_arming, "hours", "grace_min")

alarm_lapses = sa.Table(
    "alarm_lapses",
    metadata,
    sa.Column("host_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("code", sa.String(4), nullable=False),
    sa.Column("account", sa.String(16), nullable=False),
    sa.Column("site", sa.String(128), nullable=False),
    sa.Column("area", sa.String(8), nullable=False),
)
"""Hosts of which it is said that they are not armed though they are to be, as long as that is so."""

alarm_point_signals = sa.Table(
    "alarm_point_signals",
    metadata,
    sa.Column("point_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", sa.Float, nullable=False),
)
"""When a point told something last."""

waiting_alarm_hosts = sa.Table(
    "waiting_alarm_hosts",
    metadata,
    sa.Column("account", sa.String(16), primary_key=True),
    sa.Column("address", sa.String(64), nullable=False),
    sa.Column("transport", sa.String(8), nullable=False),
    sa.Column("encrypted", sa.Boolean, nullable=False),
    sa.Column("first_seen_at", sa.Float, nullable=False),
    sa.Column("last_seen_at", sa.Float, nullable=False),
    sa.Column("attempts", sa.BigInteger, nullable=False),
)

WINDOW, RUNNING, OUTAGES = 1, 2, 3
"""Rows of the table below: how far back frames repeat, when the node ran last, and from there on when it heard nobody: beginning
and end in turn."""
alarm_window = sa.Table(
    "alarm_window",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("since", sa.Float, nullable=False),
)

alarm_resets = sa.Table(
    "alarm_resets",
    metadata,
    sa.Column("device", sa.String(32), primary_key=True),
    sa.Column("at", sa.Float, nullable=False),
)

alarm_silences = sa.Table(
    "alarm_silences",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("host_id", sa.Integer, nullable=False),
    sa.Column("account", sa.String(16), nullable=False),
    sa.Column("site", sa.String(128), nullable=False),
    sa.Column("area", sa.String(8), nullable=False),
    sa.Column("heard_at", sa.Float, nullable=False),
    sa.Column("raised_at", sa.Float, nullable=False),
    sa.Column("ended_at", sa.Float),
    sa.Column("alarm_id", sa.BigInteger, nullable=False),
    sa.Column("many", sa.Boolean, nullable=False),
    sa.Index("alarm_silences_of_alarm", "alarm_id", "id"),
    sa.Index(
        "alarm_silences_open",
        "host_id",
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    ),
)

source_silences = sa.Table(
    "source_silences",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("protocol", sa.String(8), nullable=False),
    sa.Column("code", sa.String(32), nullable=False),
    sa.Column("title", sa.String(128), nullable=False),
    sa.Column("area", sa.String(8), nullable=False),
    sa.Column("alarm_id", sa.BigInteger, nullable=False),
    sa.Column("raised_at", sa.Float, nullable=False),
    sa.Column("ended_at", sa.Float),
    sa.Index(
        "source_silences_open",
        "protocol",
        "code",
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    ),
)
"""Devices with alarm inputs, and systems that report alarms, that were not heard."""

alarms = sa.Table(
    "alarms",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("body_key", sa.String(64), nullable=False),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("host_id", sa.Integer, nullable=False),
    sa.Column("account", sa.String(16), nullable=False),
    sa.Column("site", sa.String(128), nullable=False),
    sa.Column("area", sa.String(8), nullable=False),
    sa.Column("section", sa.String(16), nullable=False),
    sa.Column("number", sa.String(32), nullable=False),
    sa.Column("is_user", sa.Boolean, nullable=False),
    sa.Column("point_id", sa.Integer),
    sa.Column("point", sa.String(128), nullable=False),
    sa.Column("point_kind", sa.String(16), nullable=False),
    sa.Column("camera", sa.String(32), nullable=False),
    sa.Column("code_table", sa.String(4), nullable=False),
    sa.Column("code", sa.String(4), nullable=False),
    sa.Column("known", sa.Boolean, nullable=False),
    sa.Column("change", sa.String(10), nullable=False),
    sa.Column("category", sa.String(20), nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("text", sa.String(256), nullable=False),
    sa.Column("sequence", sa.String(4), nullable=False),
    sa.Column("encrypted", sa.Boolean, nullable=False),
    sa.Column("held_back", sa.Boolean, nullable=False),
    sa.Column("sent_at", sa.Float),
    sa.Column("first_at", sa.Float, nullable=False),
    sa.Column("last_at", sa.Float, nullable=False),
    sa.Column("repeats", sa.Integer, nullable=False),
    sa.Column("protocol", sa.String(8), nullable=False, server_default="dc09"),
    sa.Column("device", sa.String(32), nullable=False, server_default=""),
    sa.Column("camera_class", sa.String(24), nullable=False, server_default=""),
    sa.Column("method", sa.Integer),
    *(sa.Column(name, sa.String(16), nullable=False, server_default="") for name in ("alarm_type", "event_type")),
    sa.Column("told_priority", sa.Integer),
    *(sa.Column(name, sa.Float) for name in ("longitude", "latitude")),
    *(sa.Column(name, sa.String(8), nullable=False, server_default="") for name in ("state", "result")),
    *(sa.Column(name, sa.String(16), nullable=False, server_default="") for name in ("reason", "outcome")),
    *(
        sa.Column(name, sa.Integer, nullable=False, server_default="0")
        for name in ("folded", "escalated", "escalated_most", "version")
    ),
    *(sa.Column(name, sa.Float) for name in ("folded_at", "claimed_at", "verified_at", "closed_at", "due_at", "step_by")),
    sa.Column("folded_into", sa.BigInteger),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
    *(sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false()) for name in ("tested", "unarmed")),
    sa.Column("owner_id", sa.Integer),
    sa.Column("raised_from", sa.Integer),
    sa.Column("queued_at", sa.Float),
    sa.Column("shelf_id", sa.Integer),
    sa.Column("owner", sa.String(128), nullable=False, server_default=""),
    sa.Column("note", sa.String(1000), nullable=False, server_default=""),
    sa.Column("noted_by", sa.String(128), nullable=False, server_default=""),
    sa.Index("alarms_by_camera", "camera", "id"),
    sa.Index("alarms_by_body", "body_key", "last_at"),
    sa.Index("alarms_by_area", "area", "id"),
    sa.Index("alarms_by_last", "last_at"),
    sa.Index("alarms_by_first", "first_at"),
    _index("alarms_by_device", "device", "id", only="device <> ''"),
    _index("alarms_in_work", "priority", "id", "area", "camera_class", only=IN_WORK),
    _index("alarms_in_work_by_kind", *KIND, only=IN_WORK),
    _index("alarms_of_source", "host_id", "number", only=IN_WORK),
    _index("alarms_of_owner", "owner_id", "id", only="owner_id IS NOT NULL"),
    _index("alarms_due", "priority", "due_at", only="due_at IS NOT NULL"),
    _index("alarms_late", "priority", "id", "area", "camera_class", only=LATE),
    _index("alarms_shelved", "shelf_id", "id", only=SHELVED),
    _index("alarms_shelved_of_source", "host_id", "number", only=SHELVED),
    _index("alarms_open_close", "account", "section", "id", "code", only="category = 'open_close'"),
    _index("alarms_folded", "folded_into", only="folded_into IS NOT NULL"),
)

alarm_passes = sa.Table(
    "alarm_passes",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("alarm_id", sa.BigInteger, nullable=False),
    *(sa.Column(name, sa.Integer, nullable=False) for name in ("from_centre", "to_centre")),
    sa.Column("why", sa.String(16), nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("ended_at", sa.Float),
    sa.Column("ended_why", sa.String(16), nullable=False, server_default=""),
    sa.Column("seal", sa.String(64)),
    sa.Index("alarm_passes_of_alarm", "alarm_id", "from_centre"),
    _index("alarm_passes_open", "to_centre", "alarm_id", only="ended_at IS NULL"),
)
"""Alarms that were passed on from a duty centre to the next one, and until when that one may see to them."""
sealed(alarm_passes, "alarm_id", "from_centre", "to_centre", "why", "at", "ended_at", "ended_why")

alarm_shelves = sa.Table(
    "alarm_shelves",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("scope", sa.String(8), nullable=False),
    sa.Column("alarm_id", sa.BigInteger, nullable=False),
    sa.Column("host_id", sa.Integer, nullable=False),
    sa.Column("account", sa.String(16), nullable=False),
    sa.Column("site", sa.String(128), nullable=False),
    sa.Column("device", sa.String(32), nullable=False),
    sa.Column("section", sa.String(16), nullable=False),
    sa.Column("number", sa.String(32), nullable=False),
    sa.Column("is_user", sa.Boolean, nullable=False),
    sa.Column("code_table", sa.String(4), nullable=False),
    sa.Column("code", sa.String(4), nullable=False),
    *(sa.Column(name, sa.String(16), nullable=False) for name in ("alarm_type", "event_type")),
    sa.Column("area", sa.String(8), nullable=False),
    sa.Column("camera_class", sa.String(24), nullable=False),
    sa.Column("classes", sa.Integer, nullable=False, server_default="0"),
    sa.Column("category", sa.String(20), nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("named", sa.String(300), nullable=False),
    sa.Column("reason", sa.String(16), nullable=False),
    sa.Column("note", sa.String(1000), nullable=False),
    sa.Column("from_at", sa.Float, nullable=False),
    sa.Column("until_at", sa.Float, nullable=False),
    sa.Column("by_id", sa.Integer, nullable=False),
    sa.Column("by_name", sa.String(128), nullable=False),
    sa.Column("ended_at", sa.Float),
    sa.Column("ended_by", sa.String(128), nullable=False, server_default=""),
    sa.Column("ended_why", sa.String(1000), nullable=False, server_default=""),
    _index("alarm_shelves_holding", "id", only="ended_at IS NULL"),
)

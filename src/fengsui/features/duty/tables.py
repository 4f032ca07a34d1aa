"""Tables of duty and of emergency access."""

import sqlalchemy as sa

from fengsui.store import metadata, sealed

centres = sa.Table(
    "duty_centres",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("name", sa.String(128)),
    sa.Column("area", sa.String(8)),
    sa.Column("seats", sa.Integer),
    sa.Column("min_staff", sa.Integer),
    sa.Column("removed_at", sa.Float),
    sa.Column("seal", sa.String(64)),
)
following_centres = sa.Table(
    "duty_next_centres",
    metadata,
    sa.Column("centre", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("following", sa.Integer, nullable=False),
    *(sa.Column(name, sa.Float, nullable=False) for name in ("after_s", "since")),
    sa.Column("seal", sa.String(64)),
)
"""Where the alarms of a centre go that nobody takes there."""
slots = sa.Table(
    "duty_slots",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    *(sa.Column(name, sa.Integer) for name in ("centre", "seat", "user_id")),
    *(sa.Column(name, sa.Float) for name in ("since", "until")),
    sa.Column("confirmed", sa.Boolean),
    sa.Column("seal", sa.String(64)),
)
roster_versions = sa.Table(
    "duty_roster_versions",
    metadata,
    *(sa.Column(name, sa.Integer, primary_key=True) for name in ("centre", "week", "version")),
    sa.Column("user_id", sa.Integer),
    sa.Column("name", sa.String(128)),
    sa.Column("at", sa.Float),
    *(sa.Column(name, sa.Text) for name in ("change", "slots")),
)
swaps = sa.Table(
    "duty_swaps",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    *(sa.Column(name, sa.Integer) for name in ("centre", "slot", "other_slot", "asked_by", "asked_of", "decided_by")),
    sa.Column("state", sa.String(16)),
    *(sa.Column(name, sa.Float) for name in ("asked_at", "answered_at", "decided_at")),
    *(sa.Column(name, sa.Text) for name in ("reason", "note")),
)
shifts = sa.Table(
    "duty_shifts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    *(sa.Column(name, sa.Integer) for name in ("centre", "seat", "user_id", "successor")),
    *(sa.Column(name, sa.String(128)) for name in ("name", "state", "ended_by")),
    *(sa.Column(name, sa.Float) for name in ("since", "until", "ended_at")),
    *(sa.Column(name, sa.Text) for name in ("remarks", "matters", "extensions")),
    sa.Column("due", sa.Float),
    sa.Column("seal", sa.String(64)),
)
permits = sa.Table(
    "duty_permits",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    *(sa.Column(name, sa.Integer) for name in ("centre", "user_id", "given_by")),
    *(sa.Column(name, sa.String(128)) for name in ("person", "name")),
    *(sa.Column(name, sa.Float) for name in ("given_at", "until")),
    sa.Column("reason", sa.Text),
    sa.Column("seal", sa.String(64)),
)
log_entries = sa.Table(
    "duty_log",
    metadata,
    *(sa.Column(name, sa.Integer, primary_key=True) for name in ("centre", "number")),
    *(sa.Column(name, sa.Integer) for name in ("shift", "user_id", "corrects")),
    sa.Column("name", sa.String(128)),
    sa.Column("at", sa.Float),
    sa.Column("kind", sa.String(16)),
    sa.Column("text", sa.Text),
)
standing_orders = sa.Table(
    "duty_orders",
    metadata,
    *(sa.Column(name, sa.Integer, primary_key=True) for name in ("centre", "version")),
    sa.Column("user_id", sa.Integer),
    sa.Column("name", sa.String(128)),
    sa.Column("at", sa.Float),
    sa.Column("text", sa.Text),
)
handovers = sa.Table(
    "duty_handovers",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    *(
        sa.Column(name, sa.Integer)
        for name in ("centre", "shift", "seat", "from_user", "to_user", "orders", "down_in_all", "entry")
    ),
    *(sa.Column(name, sa.String(128)) for name in ("from_name", "to_name")),
    *(sa.Column(name, sa.Float) for name in ("offered_at", "accepted_at")),
    *(sa.Column(name, sa.Text) for name in ("down", "matters", "remarks", "figures")),
)
emergencies = sa.Table(
    "emergencies",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    *(sa.Column(name, sa.Integer) for name in ("user_id", "judge", "classes", "restored_by")),
    *(sa.Column(name, sa.String(128)) for name in ("name", "area", "danger", "ticket", "verdict")),
    *(sa.Column(name, sa.Float) for name in ("opened_at", "ends_at", "reported_at", "judged_at", "restored_at")),
    *(sa.Column(name, sa.Text) for name in ("said", "report", "note", "restored_note")),
    sa.Column("seal", sa.String(64)),
)
sealed(centres, "name", "area", "seats", "min_staff", "removed_at")
sealed(following_centres, "following", "after_s", "since")
sealed(slots, "centre", "seat", "user_id", "since", "until", "confirmed", generation=2)
sealed(
    shifts,
    *("centre", "seat", "user_id", "successor", "state", "since", "until", "ended_at"),
    generation=2,
    added=("due", "extensions"),
)
sealed(permits, "centre", "user_id", "given_by", "person", "name", "given_at", "until", "reason", generation=2)
sealed(
    emergencies,
    *("user_id", "area", "classes", "ticket", "opened_at", "ends_at", "reported_at", "judge", "verdict", "judged_at"),
    *("restored_by", "restored_at"),
)

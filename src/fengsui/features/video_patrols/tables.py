"""Tables of video patrols. Versions of plans, and results with their proof, are written once."""

import sqlalchemy as sa

from fengsui.store import metadata

plans = sa.Table(
    "video_patrol_plans",
    metadata,
    *(sa.Column(name, sa.Integer, primary_key=True, autoincrement=False) for name in ("id", "version")),
    *(sa.Column(name, sa.Integer) for name in ("centre", "tolerance_s", "set_by")),
    *(sa.Column(name, sa.String(128)) for name in ("name", "set_by_name")),
    *(sa.Column(name, sa.Text) for name in ("stops", "times", "weekdays")),
    sa.Column("set_at", sa.Float),
    sa.Column("ended", sa.Boolean),
)
rounds = sa.Table(
    "video_patrol_rounds",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    *(sa.Column(name, sa.Integer) for name in ("plan", "version", "centre", "user_id", "shift", "entry")),
    sa.Column("state", sa.String(16)),
    sa.Column("by_hand", sa.Boolean),
    *(sa.Column(name, sa.String(128)) for name in ("name", "noted_by")),
    *(sa.Column(name, sa.Float) for name in ("due_from", "due_until", "started_at", "touched_at", "ended_at", "noted_at")),
    sa.Column("reason", sa.Text),
)
stops = sa.Table(
    "video_patrol_stops",
    metadata,
    *(sa.Column(name, sa.Integer, primary_key=True, autoincrement=False) for name in ("round", "stop")),
    sa.Column("camera", sa.String(32)),
    *(sa.Column(name, sa.Float) for name in ("opened_at", "watched_s", "at")),
    *(sa.Column(name, sa.String(16)) for name in ("outcome", "kind")),
    *(sa.Column(name, sa.Text) for name in ("text", "node_state")),
    sa.Column("snapshot", sa.String(64)),
    *(sa.Column(name, sa.Integer) for name in ("entry", "user_id")),
    sa.Column("name", sa.String(128)),
)
snapshots = sa.Table(
    "video_patrol_snapshots",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("camera", sa.String(32)),
    *(sa.Column(name, sa.Integer) for name in ("round", "stop", "user_id", "octets", "width", "height")),
    sa.Column("name", sa.String(128)),
    *(sa.Column(name, sa.Float) for name in ("at", "removed_at")),
    sa.Column("masked", sa.Boolean),
)
on_foot = sa.Table(
    "video_patrol_on_foot",
    metadata,
    *(sa.Column(name, sa.Integer, primary_key=True, autoincrement=False) for name in ("centre", "entry")),
    sa.Column("place", sa.String(256)),
    sa.Column("at", sa.Float),
)

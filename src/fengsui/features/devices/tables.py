"""Tables of devices and of those who wait."""

import sqlalchemy as sa

from fengsui.store import metadata

devices = sa.Table(
    "devices",
    metadata,
    sa.Column("code", sa.String(32), primary_key=True),
    *(sa.Column(name, sa.String(256)) for name in ("name", "maker", "model", "firmware", "password", "transport", "host")),
    sa.Column("channels", sa.Integer),
    sa.Column("port", sa.Integer),
    sa.Column("call_id", sa.String(256)),
    sa.Column("edition", sa.Integer),
    *(sa.Column(name, sa.Float) for name in ("registered_at", "expires_at", "last_seen_at")),
    sa.Column("media_transport", sa.String(16)),
    sa.Column("user_agent", sa.String(256)),
    *(sa.Column(name, sa.String(16)) for name in ("worked_transport", "media_port", "charset", "sub_stream")),
    *(sa.Column(name, sa.String(16)) for name in ("marker", "after_loss", "unmapped_sound")),
    *(sa.Column(name, sa.String(16)) for name in ("ssrc", "ssrc_change", "reorder", "parameter_sets")),
    sa.Column("pinned_edition", sa.Integer),
    sa.Column("ignore_notified_status", sa.Boolean),
    sa.Column("believed", sa.Text),
    sa.Column("subscribe_alarms", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("position_datum", sa.String(16), nullable=False, server_default="wgs84"),
)
waiting_devices = sa.Table(
    "waiting_devices",
    metadata,
    sa.Column("code", sa.String(32), primary_key=True),
    *(sa.Column(name, sa.String(256)) for name in ("address", "transport", "maker", "state", "reason")),
    sa.Column("first_seen_at", sa.Float),
    sa.Column("last_seen_at", sa.Float),
    sa.Column("attempts", sa.Integer),
)

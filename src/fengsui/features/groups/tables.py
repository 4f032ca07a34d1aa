"""Tables of favourites and groups."""

import sqlalchemy as sa

from fengsui.store import metadata

favourites = sa.Table(
    "favourites",
    metadata,
    sa.Column("user_id", sa.Integer, primary_key=True),
    sa.Column("camera", sa.String(32), primary_key=True),
    sa.Column("place", sa.Integer),
)
camera_groups = sa.Table(
    "camera_groups",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("owner", sa.Integer),
    sa.Column("owner_name", sa.String(128)),
    sa.Column("name", sa.String(128)),
    sa.Column("post", sa.String(32)),
    sa.Column("centre", sa.Integer),
)
group_cameras = sa.Table(
    "camera_group_items",
    metadata,
    sa.Column("group_id", sa.Integer, primary_key=True),
    sa.Column("camera", sa.String(32), primary_key=True),
    sa.Column("place", sa.Integer),
)

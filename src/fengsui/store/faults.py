"""What keeps a database from being used, as a sentence with its remedy. No sentence holds the password."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Final

from alembic.util import CommandError
from asyncpg import PostgresError
from asyncpg.exceptions import DataError as UnfitArgument
from asyncpg.exceptions import InterfaceError as DriverError
from sqlalchemy import URL
from sqlalchemy.exc import DataError, DBAPIError, InterfaceError, OperationalError

from fengsui.errors import StorageFault

CONNECT_LIMIT_S = 8.0
"""A database that does not answer for so long is away."""
LOST = (OperationalError, InterfaceError, PostgresError, DriverError, OSError)
"""The database cannot now. PostgreSQL's driver tells a refused connection without SQLAlchemy's wrapping."""
UNFIT = (OverflowError, UnicodeEncodeError, DataError)
"""A value that the database does not hold. SQLite's driver tells it without any wrapping."""
UNUSABLE = (DBAPIError, CommandError, *LOST)
"""All that opening and looking at a database can raise."""

_BY_STATE: Final = {
    "28P01": (
        "用户 {user} 的密码不对:更正配置 [store] url 中的密码,或在 PostgreSQL 中执行 ALTER ROLE \"{user}\" PASSWORD '…'",
        "The password of user {user} is wrong: mend it in [store] url, or set it there: ALTER ROLE \"{user}\" PASSWORD '…'",
    ),
    "28000": (
        "PostgreSQL 不允许用户 {user} 从本机登录:核对 [store] url 中的用户名,并在 pg_hba.conf 中放行该用户、数据库和本机地址",
        "PostgreSQL does not let user {user} in from here: check the user in [store] url, and let that user, database and this "
        "machine's address in by pg_hba.conf",
    ),
    "3D000": (
        '没有名为 {database} 的数据库:更正 [store] url 末尾的库名,或建立它:createdb -O "{user}" "{database}"',
        'There is no database {database}: mend the name at the end of [store] url, or make it: createdb -O "{user}" "{database}"',
    ),
    "42501": (
        '用户 {user} 无权在库 {database} 中建表:让其成为库的所有者:ALTER DATABASE "{database}" OWNER TO "{user}"',
        'User {user} may not make tables in {database}: make it the owner: ALTER DATABASE "{database}" OWNER TO "{user}"',
    ),
    "53300": (
        "PostgreSQL 的连接已用完:关闭其他程序的连接,或调大 max_connections",
        "PostgreSQL has no connection left: close those of other programs or raise max_connections",
    ),
    "53100": ("数据库服务器的磁盘已满,请清理空间", "The disk of the database server is full; make room"),
    "57P03": (
        "PostgreSQL 正在启动或关闭,稍后再试;若一直如此,查看其日志",
        "PostgreSQL is starting or stopping: try again in a while; if it stays so, look at its log",
    ),
    "25006": (
        "该服务器只读(备用库):把 [store] url 指向主库",
        "This server is read-only (a standby): let [store] url point to the primary",
    ),
}
_UNREACHABLE: Final = (
    "无法连到 {host}:{port}:核对 [store] url 中的主机和端口;确认 PostgreSQL 已启动、listen_addresses 含该地址、防火墙放行",
    "{host}:{port} cannot be reached: check host and port in [store] url; is PostgreSQL running, does it listen at that address "
    "(listen_addresses), does the firewall let it through?",
)
_NO_SUCH_HOST: Final = (
    "查不到主机名 {host}:更正 [store] url 中的主机名,或检查域名解析",
    "Nobody knows the host {host}: mend it in [store] url, or check the name service",
)
_NEWER: Final = (
    "数据库由更新版本的程序建立,请运行该版本或更新的版本",
    "A newer version made this database; run that version or a later one",
)
_CERTIFICATE: Final = (
    "检查数据库服务器的证书:是否过期、名称是否与地址相符、签发者是否在 sslrootcert 中",
    "Check the certificate of the database server: is it expired, of another name, not signed by sslrootcert",
)
_NO_TLS: Final = (
    "该 PostgreSQL 没有启用 TLS:在服务器上设 ssl=on,或去掉 [store] url 中的 sslmode",
    "This PostgreSQL has TLS switched off: set ssl=on there, or take sslmode out of [store] url",
)
_BY_WORD: Final = (
    ("malformed", ("数据库文件已损坏,请从备份恢复", "The database file is damaged; restore it from a backup")),
    ("not a database", ("数据库文件已损坏,请从备份恢复", "The database file is damaged; restore it from a backup")),
    ("certificate", _CERTIFICATE),
    ("rejected SSL", _NO_TLS),
    ("locked", ("另一程序正占用数据库文件,请将其关闭", "Another program holds the database file; close it")),
    ("full", ("磁盘已满,请清理空间", "The disk is full; make room")),
)
_ELSE: Final = ("检查数据库地址、权限和磁盘", "Check the database's address, its rights and its disk")


def storage_fault(error: Exception, url: URL | None = None) -> StorageFault:
    """The error as a sentence with its remedy; `url` is where the database was looked for."""
    said = str(error.orig if isinstance(error, DBAPIError) else error)
    if isinstance(error, TimeoutError) and not said:
        said = f"no answer within {CONNECT_LIMIT_S:g} s"
    away = url is not None and url.host is not None
    place = {
        "host": (url.host if url else "") or "",
        "port": (url.port if url else None) or 5432,
        "user": (url.username if url else None) or "",
        "database": (url.database if url else "") or "",
    }
    zh, en = _remedy(error, said, away=away)
    where = f"{place['host']}:{place['port']}: " if away else ""
    return StorageFault(what=f"{where}{said}", remedy_zh=zh.format(**place), remedy_en=en.format(**place))


def _remedy(error: Exception, said: str, *, away: bool) -> tuple[str, str]:
    if isinstance(error, CommandError):
        return _NEWER
    for one in _causes(error):
        state = getattr(one, "sqlstate", None)
        if isinstance(state, str) and state in _BY_STATE:
            return _BY_STATE[state]
    for word, remedy in _BY_WORD:
        if word.lower() in said.lower():
            return remedy
    if away and any(isinstance(one, socket.gaierror) for one in _causes(error)):
        return _NO_SUCH_HOST
    if away and any(isinstance(one, OSError) for one in _causes(error)):
        return _UNREACHABLE
    return _ELSE


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what it wraps."""
    seen = 0
    while error is not None and seen < 8:
        yield error
        wrapped = getattr(error, "orig", None)
        error = wrapped if isinstance(wrapped, BaseException) else error.__cause__
        seen += 1


def is_unfit(error: BaseException) -> bool:
    """Whether the value was at fault and not the database: PostgreSQL's driver calls both an interface error."""
    said = getattr(error, "orig", None)
    return isinstance(error, UNFIT) or any(isinstance(one, UnfitArgument) for one in (said, getattr(said, "__cause__", None)))

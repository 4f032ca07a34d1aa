"""Credentials in a file of their own, never in the configuration and never in a log."""

from __future__ import annotations

import ipaddress
import stat
from pathlib import Path
from urllib.parse import urlsplit

from fengsui.errors import WrongSettings


def two_lines_of(path: Path, setting: str, first: str, second: str) -> tuple[str, str]:
    """A key file: two lines for the owner's eyes alone. Raises WrongSettings, which tells nothing of what is in it."""
    try:
        rights = path.stat().st_mode
        lines = path.read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError) as error:
        what = error.strerror if isinstance(error, OSError) else "it is no text"
        do_zh, do_en = f"请给出两行的文件:{first}、{second}", f"Give a file with two lines: {first}, {second}"
        raise WrongSettings(what=f"{setting}: {path}: {what}", do_zh=do_zh, do_en=do_en) from None
    if stat.S_IMODE(rights) & 0o077:
        what = f"{setting}: {path} is open to other users"
        raise WrongSettings(what=what, do_zh=f"请执行 chmod go= {path}", do_en=f"Run chmod go= {path}")
    if len(lines) != 2:
        what = f"{setting}: {path} has not two lines"
        raise WrongSettings(what=what, do_zh=f"第一行 {first},第二行 {second}", do_en=f"First the {first}, then the {second}")
    return lines[0], lines[1]


def refuse_unsecured(address: str) -> None:
    """Raises ValueError unless it is `tls://host:port`, or `nats://` of this machine. The value itself is not repeated: it may hold
    a password."""
    try:
        parts = urlsplit(address)
        good = parts.scheme in ("tls", "nats") and bool(parts.hostname) and bool(parts.port)
    except ValueError:
        good = False
    if not good or parts.path or parts.query:
        raise ValueError("tls://host:port is wanted, such as tls://bus.example:4222")
    if parts.username or parts.password:
        raise ValueError("no name and password here: put them into bus.key_file")
    if parts.scheme == "nats" and not _is_this_machine(parts.hostname or ""):
        raise ValueError("tls:// is wanted; nats:// (in clear) reaches this machine alone")


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

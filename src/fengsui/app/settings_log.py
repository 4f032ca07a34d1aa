"""A record at each start: the digest of the configuration and of every key, and the names of what is another one since the last.

No value is ever recorded. Which names have changed is told by keyed fingerprints in `settings.seen` in the data folder; that
anything has, by the digest in the log itself, so that nobody hides a change by removing the file (rule A27).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import structlog

from fengsui.features.audit import NODE, Act, Audit
from fengsui.features.policy import PUBLISHERS
from fengsui.settings import NodeSettings

log = structlog.get_logger(__name__)
SEEN = "settings.seen"
SECRETS = "secrets"
MOST_OCTETS = 1 << 20
"""Of a file that a setting names; a larger one is no key."""
RENEWED: Final = frozenset(("file of http.certificate", "file of http.key", "secrets/tls-ca-key", "secrets/tls-server-key"))
"""Of the certificate: contents that change while the node runs."""
MOST_NAMES = 3_000
"""Letters of the list of names; what is left out is counted."""


def facts_of(settings: NodeSettings, data: Path) -> dict[str, bytes]:
    """Name → octets: of each setting, of each file that one names, of each secret and publisher's key of the node."""
    found = {name: json.dumps(value, sort_keys=True).encode() for name, value in _flat("", settings.model_dump(mode="json"))}
    for name, path in key_files(settings, data).items():
        if (octets := _octets(path)) is not None:
            found[name] = octets
    return found


def key_files(settings: NodeSettings, data: Path) -> dict[str, Path]:
    """Name → each file that a setting names, each secret and publisher's key of the node."""
    found: dict[str, Path] = {}
    for name, value in _flat("", settings.model_dump(mode="json")):
        if isinstance(value, str) and value and _is_file(Path(value)):
            found[f"file of {name}"] = Path(value)
    for folder in (SECRETS, PUBLISHERS):
        found |= {f"{folder}/{path.name}": path for path in sorted((data / folder).glob("*")) if path.suffix != ".new"}
    return found


def changed_since_start(settings: NodeSettings, data: Path, key: bytes) -> list[str]:
    """Names of key files that hold something else than when the node last started, or are gone; of the certificate, which the
    node renews, nothing is said.
    """
    seen = {name: one for name, one in _seen(data / SEEN).items() if "/" in name or name.startswith("file of ")}
    prints = fingerprints({name: octets for name, octets in facts_of(settings, data).items() if name in seen}, key)
    return [name for name in differences(seen, prints) if name not in RENEWED]


def _flat(prefix: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for name, one in value.items():
            yield from _flat(f"{prefix}.{name}" if prefix else str(name), one)
    else:
        yield prefix, value


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a value that is no path at all
        return False


def _octets(path: Path) -> bytes | None:
    try:
        return path.read_bytes() if path.is_file() and path.stat().st_size <= MOST_OCTETS else None
    except (OSError, ValueError):  # a value that is no path at all
        return None


def fingerprints(facts: Mapping[str, bytes], key: bytes) -> dict[str, str]:
    """Keyed, so that a short password is not found by trying."""
    return {name: hmac.digest(key, name.encode() + b"\0" + octets, "sha256").hex()[:32] for name, octets in facts.items()}


def digest_of(prints: Mapping[str, str]) -> str:
    """One for all."""
    return hashlib.sha256(json.dumps(prints, sort_keys=True).encode()).hexdigest()


def differences(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """The names of what is new, gone or another one."""
    return sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))


async def record_settings(settings: NodeSettings, data: Path, audit: Audit, key: bytes) -> None:
    """At the start, when every key of the node is there. Raises StorageFault, OSError."""
    prints = fingerprints(facts_of(settings, data), key)
    digest = digest_of(prints)
    last = await audit.known.newest(Act.SETTINGS_STATE, "settings")
    said = "" if last is None else last.detail
    before = _seen(data / SEEN)
    if not said:
        told = "first record"
    elif said.startswith(f"digest {digest}"):
        told = "as at the last start"
    elif not said.startswith(f"digest {digest_of(before)}"):
        told = "changed; what, cannot be said: the list of the last start is not there"
    else:
        told = f"changed: {_listed(differences(before, prints))}"
    if told.startswith("changed"):
        log.warning("the configuration or a key is another one than at the last start", what=told)
    audit.record_end(NODE, Act.SETTINGS_STATE, "settings", detail=f"digest {digest}; {told}")
    written = data / f"{SEEN}.new"
    written.write_text(json.dumps(prints, sort_keys=True), encoding="utf-8")
    written.chmod(0o600)
    written.replace(data / SEEN)


def _seen(path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(name): str(one) for name, one in found.items()} if isinstance(found, dict) else {}


def _listed(names: list[str]) -> str:
    kept: list[str] = []
    for name in names:
        if sum(map(len, kept)) + 2 * len(kept) + len(name) > MOST_NAMES:
            return f"{', '.join(kept)} and {len(names) - len(kept)} more"
        kept.append(name)
    return ", ".join(kept)

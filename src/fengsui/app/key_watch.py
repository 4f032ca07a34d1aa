"""Looks at the key files of the node while it runs: what they hold, who may read them, whose they are (rules A27 and A36).

What they held at the start is what the node works with. A change takes effect at the next start, when its record is one among
others; here it is told within a minute. What the node itself writes there, such as the key of a renewed certificate, is its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple

import structlog

from fengsui.app.settings_log import MOST_OCTETS, RENEWED, SECRETS, key_files
from fengsui.clock import Clock
from fengsui.errors import SecretsUnusable
from fengsui.features.audit import NODE, Act, Audit
from fengsui.settings import NodeSettings, Secrets

log = structlog.get_logger(__name__)
OTHERS = 0o077
What = Literal["changed", "new", "gone", "open", "owner"]


class _State(NamedTuple):
    digest: str
    """Empty: its contents are not looked at."""
    rights: int
    """Of others than the owner."""
    owner: int


@dataclass(frozen=True, slots=True)
class KeyFinding:
    """What was seen of a key file since the node started. `name` as `settings_log` has it, never a value."""

    at: datetime
    name: str
    what: What


class KeyWatch:
    """`start` once every key is there; then `look` every minute."""

    def __init__(self, settings: NodeSettings, data: Path, secrets: Secrets, audit: Audit, clock: Clock) -> None:
        self._settings = settings
        self._data = data
        self._secrets = secrets
        self._audit = audit
        self._clock = clock
        self._known: dict[str, _State] = {}
        self.findings: list[KeyFinding] = []
        """Since the start, the oldest first: they stay until somebody has looked at them and starts the node anew."""

    def start(self) -> None:
        """What is there now is right."""
        self._known = dict(self._now())

    def look(self) -> None:
        """Records and tells each difference once; rights that others got to the node's own secrets are taken away again."""
        now = dict(self._now())
        for name, what in self._differences(now):
            log.error("a key file is not as at the start of the node", name=name, what=what)
            self._audit.record_end(NODE, Act.KEY_CHANGED, name, detail=what)
            self.findings.append(KeyFinding(self._clock.now(), name, what))
        if any(name.startswith(SECRETS) and state.rights for name, state in now.items()):
            try:
                self._secrets.close_to_others()
                now = dict(self._now())
            except SecretsUnusable as error:
                log.error("rights of a secret cannot be taken away", what=str(error))
        self._known = now

    def _differences(self, now: dict[str, _State]) -> Iterator[tuple[str, What]]:
        for name in sorted(self._known.keys() | now.keys()):
            before, after = self._known.get(name), now.get(name)
            if after is None:
                yield name, "gone"
                continue
            own = name.startswith(f"{SECRETS}/") and after.digest == self._secrets.written.get(name.partition("/")[2])
            if before is None:
                if not own:
                    yield name, "new"
                continue
            if before.digest != after.digest and not own:
                yield name, "changed"
            if after.rights & ~before.rights:
                yield name, "open"
            if before.owner != after.owner:
                yield name, "owner"

    def _now(self) -> Iterator[tuple[str, _State]]:
        for name, path in (*key_files(self._settings, self._data).items(), (SECRETS, self._data / SECRETS)):
            try:
                facts = path.stat()
                looked_at = (
                    path.is_file() and not (name in RENEWED and name.startswith("file of ")) and facts.st_size <= MOST_OCTETS
                )
                digest = hashlib.sha256(path.read_bytes()).hexdigest() if looked_at else ""
            except OSError:
                continue  # it is told as gone
            yield name, _State(digest, facts.st_mode & OTHERS, facts.st_uid)

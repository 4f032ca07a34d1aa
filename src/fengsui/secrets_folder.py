"""Secrets that the node makes for itself, in its data folder."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path
from typing import Any

import structlog

from fengsui.errors import SecretsUnusable

log = structlog.get_logger(__name__)


class Secrets:
    """Generated secrets in the data folder, readable by the owner alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "secrets"
        self.written: dict[str, str] = {}
        """SHA-256 of what this process wrote last, by name."""

    def path(self, name: str) -> Path:
        """Where the secret `name` lies."""
        return self._folder / name

    def text(self, name: str, make: Any = lambda: secrets.token_urlsafe(12)) -> str:
        """The secret `name`, made on first use. Raises SecretsUnusable."""
        self.close_to_others()
        path = self.path(name)
        if not path.exists():
            self.keep(name, str(make()))
        return path.read_text(encoding="utf-8").strip()

    def kept(self, name: str) -> str | None:
        """The secret `name` where it was made already. Raises OSError."""
        path = self.path(name)
        return path.read_text(encoding="utf-8").strip() if path.exists() else None

    def keep(self, name: str, text: str) -> None:
        """Writes the secret `name`, whole or not at all. Raises SecretsUnusable, OSError."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        written = self.path(f"{name}.new")
        written.unlink(missing_ok=True)
        with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        self.written[name] = hashlib.sha256(text.encode()).hexdigest()
        written.replace(self.path(name))

    def key(self, name: str) -> bytes:
        """32 random bytes, made on first use. Raises SecretsUnusable."""
        return bytes.fromhex(self.text(name, lambda: secrets.token_hex(32)))

    def close_to_others(self) -> None:
        """Takes rights of other users away, with a warning: what they could read may have leaked. Raises SecretsUnusable."""
        if not self._folder.exists():
            return
        for path in (self._folder, *self._folder.iterdir()):
            mode = path.stat().st_mode
            if mode & 0o077:
                try:
                    path.chmod(mode & 0o700)
                except OSError as error:
                    raise SecretsUnusable(path=path) from error
                log.warning("secrets were open to other users; closed now, but they may have leaked", path=str(path))

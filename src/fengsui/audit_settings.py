"""The audit log in the settings, and the bus over which other nodes keep its checkpoints."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator

from fengsui.bucket import BucketSection
from fengsui.key_file import refuse_unsecured
from fengsui.settings_section import Seconds, Section
from fengsui.wire.gb_code import is_gb_code

AUDIT_FLOOR_DAYS = 184
"""The longest six calendar months."""
NODE_SCHEME = "nats://"
"""In `audit.copies`: another node, by its code."""


class BusSection(Section):
    """The bus between nodes: NATS servers with JetStream."""

    servers: list[str] = Field(default_factory=list)
    """`tls://host:4222`, all of one cluster; `nats://` (in clear) to this machine alone. Empty: there is no bus."""
    ca: str = ""
    """CAs in PEM that the servers' certificates come from; empty: those of the system."""
    key_file: str = ""
    """Two lines, name and password of this node's account at the servers, for the owner's eyes alone."""

    @field_validator("servers")
    @classmethod
    def _addresses(cls, value: list[str]) -> list[str]:
        for one in value:
            refuse_unsecured(one)
        return value


class AuditSection(Section):
    """The record of who did what."""

    folder: str = ""
    """Empty: `audit` in the data folder."""
    copies: list[str] = Field(default_factory=list)
    """Folders, best on other machines, `s3://bucket/prefix`, best with Object Lock, or `nats://code` of another node, which keeps
    them for us: there every signed checkpoint is pushed."""
    bucket: BucketSection = BucketSection()
    neighbours: dict[str, str] = Field(default_factory=dict)
    """Nodes whose checkpoints this one keeps: code of the node → its public key (file in PEM), brought here by another way than the
    bus and compared by fingerprint."""
    neighbour_silent_s: Annotated[float, Field(ge=60, le=86400)] = 300
    """A neighbour of which nothing is heard for so long is told as silent. It speaks every 30 s."""
    segment_mb: Annotated[int, Field(ge=1, le=1024)] = 64
    keep_days: int = 3 * 365
    """Whole files of older records are removed, and that is recorded; never below six months (Cybersecurity Law article 21)."""
    clock_error_limit_s: Seconds = 1.0
    """A larger error of the clock is told as a fault."""

    @field_validator("copies")
    @classmethod
    def _places(cls, value: list[str]) -> list[str]:
        for one in value:
            if one.startswith(NODE_SCHEME) and not is_gb_code(one.removeprefix(NODE_SCHEME)):
                raise ValueError(f"{one}: {NODE_SCHEME} and the 20-digit code of the node that keeps the copy")
        if len(set(value)) < len(value):
            raise ValueError("a place stands here twice")
        return value

    @field_validator("neighbours")
    @classmethod
    def _nodes(cls, value: dict[str, str]) -> dict[str, str]:
        for code, key in value.items():
            if not is_gb_code(code):
                raise ValueError(f'{code}: a 20-digit code is wanted: "code" = "/path/of/its/public-key.pem"')
            if not key:
                raise ValueError(f"{code}: the file with its public key is missing")
        return value

    @property
    def over_bus(self) -> list[str]:
        """Codes of the nodes that keep a copy of ours."""
        return [one.removeprefix(NODE_SCHEME) for one in self.copies if one.startswith(NODE_SCHEME)]

    @field_validator("keep_days")
    @classmethod
    def _floor(cls, value: int) -> int:
        if value < AUDIT_FLOOR_DAYS:
            raise ValueError(f"logs are kept for six months at least: {AUDIT_FLOOR_DAYS} days (Cybersecurity Law article 21)")
        return value

    def folder_in(self, data: Path) -> Path:
        """Where the log lies."""
        return Path(self.folder) if self.folder else data / "audit"

"""News about cameras."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CatalogueProgress:
    """A catalogue is being read: `received` of `total` items (a claim of the device)."""

    device: str
    received: int
    total: int
    done: bool


@dataclass(frozen=True, slots=True)
class CameraStatusChanged:
    """One camera's status changed."""

    code: str
    status: str

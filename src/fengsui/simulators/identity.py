"""Who a simulated device is, what it shows and where it registers."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field

from fengsui.simulators.faults import Faults
from fengsui.simulators.footage import PictureSource
from fengsui.simulators.moving_view import Head
from fengsui.simulators.recordings import DeviceDisk
from fengsui.wire.gb28181.catalog import CatalogueItem
from fengsui.wire.gb28181.edition import Edition


@dataclass(frozen=True, slots=True)
class Registrar:
    """Where a device registers."""

    host: str
    port: int
    server_code: str
    domain: str
    password: str
    tls: ssl.SSLContext | None = None
    """For devices that come by TLS: whom they trust, and the certificate that they show."""


@dataclass(slots=True)
class Channel:
    """One picture source. `sources`: stream name (`main`, `sub`) → a maker of what it shows."""

    item: CatalogueItem
    sources: dict[str, Callable[[], PictureSource]]
    head: Head | None = None
    """Its motors, if it turns."""
    disk: DeviceDisk | None = None
    """What the device itself records of it."""


@dataclass(slots=True)
class DeviceIdentity:
    """What the device says of itself."""

    code: str
    name: str
    maker: str = "Fengsui"
    model: str = "SIM-1"
    transport: str = "UDP"
    edition: Edition = Edition.V2022
    keepalive_s: float = 20.0
    expires_s: int = 3600
    local_host: str = "127.0.0.1"
    media_host: str = ""
    """Where its media come from, when not from `local_host`."""
    tells_media_host: bool = False
    """Its answers say so in `c=`: a platform whose media server is another machine."""
    claimed: tuple[str, int] | None = None
    """Address and port that it writes of itself in Via, Contact and SDP: behind NAT its private one; None: the true one."""
    faults: Faults = field(default_factory=Faults)

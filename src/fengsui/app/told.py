"""What each known device is told, why, and what speaks against it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fengsui.transports.addresses import Doubt, LocalAddresses, doubt

DOUBTS = {
    Doubt.LOOPBACK: (
        "本机回环地址,设备到不了:没有通往设备的路由,或 [addresses] 填错",
        "a loopback address that the device cannot reach: no route to it, or [addresses] is wrong",
    ),
    Doubt.UNSPECIFIED: ("不是可到达的地址:[addresses] 填错", "no address that can be reached: [addresses] is wrong"),
    Doubt.PRIVATE: (
        "设备来自公网,却被告知内网地址:请填 [addresses] public",
        "the device comes from the internet and is told a private address: set [addresses] public",
    ),
    Doubt.FAMILY: (
        "IPv4 与 IPv6 不一致:请在 [addresses.networks] 为该网段填同类地址",
        "IPv4 against IPv6: give its network an address of its own kind in [addresses.networks]",
    ),
}
SOURCES = {
    "network": ("[addresses.networks] 中该网段的地址", "its network in [addresses.networks]"),
    "public": ("[addresses] public", "[addresses] public"),
    "route": ("本机通往该设备的路由", "this machine's route to it"),
}


@dataclass(frozen=True, slots=True)
class ToldDevice:
    """`source`: network, public or route."""

    code: str
    peer: str
    address: str
    source: str
    doubt: Doubt | None


def told_devices(devices: Iterable[tuple[str, str]], addresses: LocalAddresses) -> list[ToldDevice]:
    """For each code and the address its packets came from; doubtful ones first."""
    found = []
    for code, peer in devices:
        told = addresses.told_to(peer)
        found.append(ToldDevice(code, peer, told.address, told.source, doubt(peer, told.address)))
    return sorted(found, key=lambda one: (one.doubt is None, one.code))

"""Whether a session is still used where it began: a stolen cookie opens nothing on another workstation. Pure."""

from __future__ import annotations

import ipaddress
from typing import Literal

from fengsui.errors import OperatorFault

Binding = Literal["address", "network", "browser", "off"]
EXACT, NETWORK = {4: 32, 6: 64}, {4: 24, 6: 56}
"""Prefixes that must agree. IPv6 hosts change their address by themselves within their /64 (RFC 8981)."""


class OtherWorkstation(OperatorFault):
    """The session began on another workstation."""

    code = "access.other_workstation"
    status = 401
    zh = "此登录属于另一台工作站,已拒绝"
    en = "This session belongs to another workstation"
    remedy_zh = "请在本机重新登录;如因地址变动反复出现,请管理员调整 [sign_in] workstation"
    remedy_en = "Sign in on this one; if its address changes often, ask the administrator to set [sign_in] workstation"

    def __init__(self, *, name: str, session: str, ended: bool) -> None:
        super().__init__()
        self.name = name
        """Whose session it is."""
        self.session = session
        self.ended = ended


def canonical(address: str) -> str:
    """An IPv4 address inside IPv6 as itself; anything else as it is."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return str(mapped or found)


def same_place(began: str, now: str, prefixes: dict[int, int]) -> bool:
    """Whether two addresses agree in the prefix of their kind; what is no address must agree as text."""
    try:
        one, other = ipaddress.ip_address(canonical(began)), ipaddress.ip_address(canonical(now))
    except ValueError:
        return began == now
    if one.version != other.version:
        return False
    return other in ipaddress.ip_network(f"{one}/{prefixes[one.version]}", strict=False)


def same_workstation(binding: Binding, *, began_address: str, began_browser: str, address: str, browser: str | None) -> bool:
    """`browser`: how it names itself now; None for whoever shows a token instead of the cookie."""
    if binding == "off":
        return True
    if browser is not None and browser != began_browser:
        return False
    if binding == "browser":
        return True
    return same_place(began_address, address, EXACT if binding == "address" else NETWORK)

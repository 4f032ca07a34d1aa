"""What `fengsui check` finds about identity providers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from fengsui.cli.findings import Finding, good, told
from fengsui.clock import SystemClock
from fengsui.errors import WrongSettings
from fengsui.features.access import Provider, ProviderAway
from fengsui.settings import NodeSettings


def providers(settings: NodeSettings) -> Iterator[Finding]:
    """Whether the files of each can be used and the provider answers from here; where it must send people back to."""
    scheme = "https" if settings.http.tls else "http"
    for name, section in settings.single_sign_on.items():
        try:
            asyncio.run(Provider(name, section, SystemClock()).look())
        except (WrongSettings, ProviderAway) as error:
            yield told(error)
        else:
            back = f"{scheme}://*:{settings.http.port}/sign-in/{name}"
            yield good(
                f"身份提供方 {name} 有应答;须在其处登记回调地址 {back}", f"the provider {name} answers; it sends people to {back}"
            )

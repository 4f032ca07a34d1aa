"""By which names and addresses this node is reached."""

from __future__ import annotations

import socket
from collections.abc import Iterator

from fengsui.app.node_page import ANY_ADDRESS
from fengsui.settings import NodeSettings
from fengsui.transports.addresses import LocalAddresses


def reached_by(settings: NodeSettings, addresses: LocalAddresses) -> Iterator[str]:
    """Every name and address by which browsers and devices may reach this node: what its own certificate is for."""
    yield from settings.http.names
    yield from addresses.all()
    yield from ("localhost", "::1")
    name = socket.gethostname()
    if name.isascii() and name.strip("."):
        yield name
    for host in (settings.http.host, settings.media.http_host, settings.signalling.host):
        if host not in ANY_ADDRESS:
            yield host

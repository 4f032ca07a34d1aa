"""Upper platforms, made, started and stopped together with SIP towards them."""

from __future__ import annotations

from dataclasses import dataclass

from fengsui.clock import Clock
from fengsui.features.access import Access
from fengsui.features.alarms import HostKeys
from fengsui.features.areas import Divisions
from fengsui.features.audit import Audit
from fengsui.features.cameras import Cameras
from fengsui.features.upper_platforms import Answering, Sharing, Subscribing, UpperPlatforms
from fengsui.settings import NodeSettings
from fengsui.store import Store
from fengsui.transports.signalling import SipSignalling
from fengsui.transports.upward import UpwardSip


@dataclass(frozen=True, slots=True)
class UpperRooms:
    """Who they are, and what they ask."""

    uppers: UpperPlatforms
    answering: Answering
    subscribing: Subscribing

    async def start(self) -> None:
        """Once the store is open."""
        await self.uppers.start()

    async def stop(self) -> None:
        """Answers no more, and says goodbye, before the SIP port is closed."""
        await self.answering.stop()
        await self.subscribing.stop()
        await self.uppers.stop()


def upper_rooms(
    settings: NodeSettings,
    store: Store,
    clock: Clock,
    access: Access,
    audit: Audit,
    cameras: Cameras,
    divisions: Divisions,
    signalling: SipSignalling,
    key: bytes,
) -> UpperRooms:
    """Of one node, not yet started. `key` seals the passwords."""
    node = settings.node
    upward = UpwardSip(settings, signalling.endpoint)
    uppers = UpperPlatforms(store, clock, audit, access.platforms, HostKeys(key, "upper"), upward, node.code)
    sharing = Sharing(cameras, divisions, node.code, node.name, divisions.current(node.code[:6]))
    answering = Answering(access.platforms, audit, clock, sharing, upward)
    subscribing = Subscribing(cameras, sharing, answering, upward)
    upward.serve(uppers, answering, subscribing)
    signalling.use_upward(upward)
    signalling.connection_lost.append(uppers.connection_lost)
    return UpperRooms(uppers, answering, subscribing)

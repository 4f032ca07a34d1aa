"""Incidents, made, started and stopped together with what is sent to them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import APIRouter

from fengsui.features.alarms import Alarms
from fengsui.features.areas import Divisions
from fengsui.features.cameras import Cameras
from fengsui.features.dispatch import Dispatch
from fengsui.features.dispatch import router as dispatch_router
from fengsui.features.duty import Duty, Ground
from fengsui.features.incidents import Incidents
from fengsui.features.incidents import router as incidents_router
from fengsui.settings import NodeSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRooms:
    """From the first word to the outcome."""

    incidents: Incidents
    dispatch: Dispatch

    async def start(self) -> None:
        """Once the store is open."""
        await self.incidents.start()
        self.dispatch.start()

    def stops(self) -> list[Callable[[], Awaitable[None]]]:
        """In order, each with a time limit of its own."""
        return [self.dispatch.stop]

    def routes(self, cameras: Cameras, divisions: Divisions, settings: NodeSettings) -> list[APIRouter]:
        """In the order of the API document."""
        own_area = settings.node.code[:6]
        return [
            incidents_router(self.incidents, cameras, divisions, own_area),
            dispatch_router(self.dispatch, divisions, own_area),
        ]


def incident_rooms(on: Ground, duty: Duty, alarms: Alarms) -> IncidentRooms:
    """Of one node, not yet started; a shift hands its open incidents to the next."""
    incidents = Incidents(on.store, on.clock, on.bus, on.access, on.audit, alarms, on.zone)
    duty.matters.append(incidents)
    return IncidentRooms(incidents=incidents, dispatch=Dispatch(on.store, on.bus, on.audit, incidents))

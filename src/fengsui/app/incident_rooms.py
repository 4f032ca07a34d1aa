"""Incidents, made and started together with what is sent to them."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter

from fengsui.features.alarms import Alarms
from fengsui.features.areas import Divisions
from fengsui.features.cameras import Cameras
from fengsui.features.duty import Duty, Ground
from fengsui.features.incidents import Incidents
from fengsui.features.incidents import router as incidents_router
from fengsui.settings import NodeSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRooms:
    """From the first word to the outcome."""

    incidents: Incidents

    async def start(self) -> None:
        """Once the store is open."""
        await self.incidents.start()

    def routes(self, cameras: Cameras, divisions: Divisions, settings: NodeSettings) -> list[APIRouter]:
        """In the order of the API document."""
        return [incidents_router(self.incidents, cameras, divisions, settings.node.code[:6])]


def incident_rooms(on: Ground, duty: Duty, alarms: Alarms) -> IncidentRooms:
    """Of one node, not yet started; a shift hands its open incidents to the next."""
    incidents = Incidents(on.store, on.clock, on.bus, on.access, on.audit, alarms, on.zone)
    duty.matters.append(incidents)
    return IncidentRooms(incidents=incidents)

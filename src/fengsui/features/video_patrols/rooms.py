"""Everything about video patrols of one node, made together."""

from __future__ import annotations

from pathlib import Path

from fengsui.clock import Clock
from fengsui.features.cameras import Cameras
from fengsui.features.duty import DutyRooms
from fengsui.features.live import Live
from fengsui.features.masks import Masks
from fengsui.features.video_patrols import queries
from fengsui.features.video_patrols.doing import Doing
from fengsui.features.video_patrols.joint_log import JointLog
from fengsui.features.video_patrols.plans import Plans
from fengsui.features.video_patrols.rounds import Rounds
from fengsui.features.video_patrols.snapshots import Snapshots
from fengsui.settings import VideoPatrolsSection


class VideoPatrols:
    """Stands on the rooms of duty, whose matters its open rounds are. `folder`: for snapshots."""

    def __init__(
        self,
        settings: VideoPatrolsSection,
        folder: Path,
        rooms: DutyRooms,
        *,
        live: Live,
        cameras: Cameras,
        masks: Masks,
        clock: Clock,
    ) -> None:
        on, duty = rooms.on, rooms.duty
        self._store = on.store
        self.plans = Plans(on.store, on.bus, on.access, on.audit, cameras, duty)
        self.rounds = Rounds(on.store, on.bus, on.access, on.audit, duty, rooms.log, self.plans)
        self.doing = Doing(on.store, on.audit, duty, rooms.log, live, cameras, self.rounds, clock)
        self.snapshots = Snapshots(settings, folder, on.store, on.audit, duty, masks, cameras, self.rounds, self.doing)
        self.log = JointLog(on.store, duty, cameras, rooms.log, self.plans)
        rooms.log.readings.append(self.log)
        duty.at_centres.append(self.rounds)

    async def cameras_watched(self, centre: int, back: float, since: float, until: float) -> int:
        """How many cameras were looked at then, on rounds of that centre that began from `back` on. Raises StorageFault."""
        async with self._store.reading() as tx:
            return await queries.cameras_watched(tx, centre, back, since, until)

    async def start(self) -> None:
        """Plans, then what is due by them."""
        for room in (self.plans, self.rounds, self.snapshots):
            await room.start()

    async def stop(self) -> None:
        """In the other order."""
        for room in (self.snapshots, self.rounds):
            await room.stop()

"""Who watches which incident, by which cameras, until when. Pure. Times: seconds since 1970."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fengsui.errors import OperatorFault
from fengsui.features.access import Function, Shown
from fengsui.features.audit import Ground
from fengsui.features.incidents import Incident

MOST_CAMERAS: Final = 4
"""Of one watch: the tiles of its page."""
MOST_WATCHES: Final = 10
"""In force of one incident."""
PURPOSE: Final = "duty"


@dataclass(frozen=True, slots=True)
class Watch:
    """`cameras`: their codes, in the order of the tiles; `is_whole`: its row is as the node wrote it, else it opens nothing."""

    id: int
    incident: int
    user_id: int
    name: str
    cameras: tuple[str, ...]
    made_by: str
    made_at: float
    until: float
    is_whole: bool = True

    def holds(self, incident: Incident | None, now: float) -> bool:
        """Whether it opens anything: the incident is open, as it was when this was given and not opened again since."""
        lasts = incident is not None and incident.is_open and incident.since <= self.made_at
        return self.is_whole and lasts and now < self.until

    def shown(self, incident: Incident) -> Shown:
        """To whom it was given, if their own post holds the camera for live pictures."""
        return Shown(Ground(f"{incident.number}-W{self.id}", "", PURPOSE), Function.VIEW_LIVE)


class NotLeading(OperatorFault):
    """Only whoever leads the incident says who watches it."""

    code = "incident_watch.not_leading"
    status = 409
    zh = "警情 {number} 不由您负责,不能决定谁观看"
    en = "You do not lead incident {number}: whoever leads it says who watches"
    remedy_zh = "请由负责人办理,或先接手该警情"
    remedy_en = "Ask whoever leads it, or take the incident first"


class NoWatcher(OperatorFault):
    """The person may not see such pictures there by their post."""

    code = "incident_watch.no_watcher"
    status = 422
    zh = "该人员的岗位不能观看此辖区的警情和实时画面"
    en = "The post of this person opens neither incidents nor live pictures of this area"
    remedy_zh = "请从名单中选择,例如辖区的指挥长"
    remedy_en = "Choose from the list, such as a commander of the area"


class TooManyWatches(OperatorFault):
    """A bound."""

    code = "incident_watch.too_many"
    status = 409
    zh = "一起警情最多 {limit} 人同时观看"
    en = "{limit} people watch one incident at most"
    remedy_zh = "请先结束一个"
    remedy_en = "End one first"


class NotWatched(OperatorFault):
    """Not given, or over."""

    code = "incident_watch.over"
    status = 404
    zh = "观看已结束:警情已结束、时间已到、已被收回,或没有给您"
    en = "The watch is over: the incident was closed, its time is up, it was taken back, or it was not given to you"
    remedy_zh = "需要继续观看的,请联系警情负责人"
    remedy_en = "Ask whoever leads the incident if you need to go on"

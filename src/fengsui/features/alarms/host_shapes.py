"""Alarm hosts and their points as a page shows them, and as somebody enters them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from fengsui.clock import Clock
from fengsui.features.alarms.arming_watch import ArmingWatch
from fengsui.features.alarms.hosts import AlarmHosts, Known
from fengsui.features.alarms.model import AlarmHost, AlarmPoint, Arming, NewPoint, PointCamera
from fengsui.features.alarms.point_tests import PointTest
from fengsui.features.alarms.schemas import (
    AlarmHostShape,
    AlarmPointOrder,
    AlarmPointShape,
    ArmingShape,
    PointCameraShape,
    PointTestShape,
)
from fengsui.features.alarms.shapes import moment
from fengsui.features.areas import Divisions
from fengsui.features.recording import Hours, HoursShape, minutes_of, text_of


def _hours(some: Sequence[HoursShape]) -> tuple[Hours, ...]:
    return tuple(Hours(tuple(sorted(set(one.days))), minutes_of(one.since), minutes_of(one.until)) for one in some)


def _told(hours: Sequence[Hours]) -> list[HoursShape]:
    return [
        HoursShape.model_validate({"days": list(one.days), "from": text_of(one.begin), "to": text_of(one.end)}) for one in hours
    ]


def new_arming(one: ArmingShape | None) -> Arming | None:
    """As it is entered."""
    return None if one is None else Arming(_hours(one.hours), one.grace_min)


def new_point(one: AlarmPointOrder) -> NewPoint:
    """As it is entered."""
    first = [PointCamera(one.camera, one.preset)] if one.camera else []
    looks = (*first, *(PointCamera(of.camera, of.preset) for of in one.others))
    arming = None if one.arming is None else _hours(one.arming)
    return NewPoint(one.zone, one.name, one.kind, looks, one.longitude, one.latitude, arming, one.id)


def _test_shape(one: PointTest | None) -> PointTestShape | None:
    if one is None:
        return None
    return PointTestShape(until=moment(one.until), begun_at=moment(one.begun_at), reason=one.reason, by=one.by)


class HostShapes:
    """Of one node."""

    def __init__(self, hosts: AlarmHosts, watch: ArmingWatch, clock: Clock, divisions: Divisions) -> None:
        self._hosts = hosts
        self._watch = watch
        self._clock = clock
        self._divisions = divisions

    def has_lapse(self, host: AlarmHost) -> bool:
        """Whether it is not armed though it is to be."""
        return self._watch.lapse(host.id) is not None

    def point(self, host: AlarmHost, one: AlarmPoint, seen: Collection[str]) -> AlarmPointShape:
        """`seen`: the cameras that may be named."""
        hosts, schedules = self._hosts, self._hosts.schedules
        hours, now = schedules.of(host, one), self._clock.now().timestamp()
        shown = [of for of in one.cameras if of.camera in seen]
        return AlarmPointShape(
            id=one.id,
            host=host.id,
            account=host.account,
            site=host.site,
            area=host.area,
            area_name=self._divisions.name_of(host.area),
            zone=one.zone,
            name=one.name,
            kind=one.kind,
            camera=shown[0].camera if shown else "",
            preset=shown[0].preset if shown else None,
            others=[PointCameraShape(**of._asdict()) for of in shown[1:]],
            hidden=len(one.cameras) - len(shown),
            longitude=one.longitude,
            latitude=one.latitude,
            signalled_at=moment(at) if (at := hosts.signalled_at(one.id)) else None,
            test=_test_shape(hosts.tests.at(one.id)),
            arming=None if one.arming is None else _told(one.arming),
            armed=None if hours is None else schedules.stands(host, one, now),
        )

    def host(self, one: Known | AlarmHost, seen: Collection[str]) -> AlarmHostShape:
        """`seen`: the cameras that may be named."""
        known = one if isinstance(one, Known) else None
        host, heard_at = (one, 0.0) if isinstance(one, AlarmHost) else (one.host, one.heard_at)
        plan, state = host.arming, self._hosts.schedules.armed.whole(host.account)
        return AlarmHostShape(
            id=host.id,
            account=host.account,
            protocol=host.protocol,
            encrypted=host.encrypted,
            site=host.site,
            area=host.area,
            area_name=self._divisions.name_of(host.area),
            made_at=moment(host.made_at),
            heard_at=moment(heard_at) if heard_at else None,
            supervision_s=host.supervision_s,
            interval_s=self._hosts.clocks.interval_s(host.supervision_s),
            silent=known is not None and known.silent,
            distrusted=self._hosts.is_distrusted(host),
            revision=host.revision,
            points=[self.point(host, one, seen) for one in host.points.values()],
            arming=None if plan is None else ArmingShape(hours=_told(plan.hours), grace_min=plan.grace_min),
            due=None if plan is None else self._hosts.schedules.is_due(plan.hours, self._clock.now().timestamp()),
            armed=None if state is None else state.armed,
            armed_since=None if state is None else moment(state.since),
            lapse=self._watch.lapse(host.id),
        )

"""A device file in which nothing is wrong, and the judge of the tests."""

from __future__ import annotations

from datetime import date

from fengsui.features.areas import Divisions
from fengsui.features.device_files.boundaries import Boundaries
from fengsui.features.device_files.checks import Duty, Judge

TODAY = date(2026, 11, 27)
RIGHT: dict[str, str] = {
    "device_code": "52010200001320000001",
    "name": "南明区解放路中山路口东",
    "maker": "1",
    "civil_code": "520102",
    "point_class": "1",
    "ipv4": "10.52.1.17",
    "mac": "3C-EF-8C-12-34-56",
    "camera_type": "3",
    "function_type": "5",
    "codec": "H.265",
    "address": "贵阳市南明区解放路 12 号",
    "lon": "106.722345",
    "lat": "26.561234",
    "place_type": "8/10",
    "direction": "1",
    "networked": "已联网",
    "police_org": "520102000000",
    "installed_on": "2025-06-01",
    "managing_unit": "贵阳市公安局南明分局",
    "managing_contact": "0851-85551234",
    "retention_days": "30",
    "status": "1",
}


def judge(today: date = TODAY, ceiling: int | None = 90) -> Judge:
    """With real tables."""
    divisions = Divisions()
    duties = {"1": Duty(30, ceiling, "Order 799"), "2": Duty(90, ceiling, "CTL")}
    return Judge(divisions, Boundaries(), today, duties, frozenset(one.code for one in divisions.all()))

"""What the tests of duty, use tickets and emergencies share: a pack in force, a centre, a ticket, a clock that can be moved."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from fengsui.clock import SystemClock
from fengsui.features.policy.signing import DEMO_PACK, DEMO_PUBLISHER, FOLDER
from fengsui.settings import NodeSettings
from tests.node.conftest import RunningNode, settings_for

CASE = "A5201022026110001"
HERE = "520102"
CAMERA = "52010200001320000001"


def with_pack(folder: Path, *, register: Path | None = None) -> NodeSettings:
    """Installed with the demonstration's pack, and with a register of cases in a file that knows one."""
    trusted = folder / FOLDER
    trusted.mkdir(parents=True, exist_ok=True)
    shutil.copy(DEMO_PUBLISHER, trusted)
    settings = settings_for()
    changed: dict[str, object] = {"policy": settings.policy.model_copy(update={"first_pack": str(DEMO_PACK)})}
    if register is not None:
        register.write_text(f"{CASE}\n", encoding="utf-8")
        changed["tickets"] = settings.tickets.model_copy(update={"case_register": f"file:{register}"})
    return settings.model_copy(update=changed)


async def centre_of(node: RunningNode, seats: int = 2, name: str = "南明值班室") -> int:
    answer = await node.client.post("/duty/centres", json={"name": name, "area": HERE, "seats": seats})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


async def publish(node: RunningNode, centre: int, *moments: datetime) -> None:
    """Publishes the weeks in which these moments lie; without any, this week and the next, as far as there is anything."""
    now = datetime.now(UTC)
    for at in moments or (now, now + timedelta(days=1)):
        answer = await node.client.post(f"/duty/centres/{centre}/roster-versions", json={"at": at.isoformat()})
        assert answer.status_code == 201 or (not moments and answer.status_code == 400), answer.text


def operator(area: str = HERE) -> dict[str, object]:
    return {"post": "operator", "area": area}


async def open_live(client: httpx.AsyncClient, code: str) -> httpx.Response:
    return await client.post(f"/cameras/{code}/live", json={"codecs": ["h264", "h265"]})


async def order(client: httpx.AsyncClient, cameras: list[str], **facts: object) -> httpx.Response:
    """A use ticket for the last two hours and the next two."""
    purposes = (await client.get("/ticket-purposes")).json()["items"]
    crime = next(one for one in purposes if one["code"] == "crime-investigation")
    now = datetime.now(UTC)
    bounds = {"cameras": cameras, "since": (now - timedelta(hours=2)).isoformat(), "until": (now + timedelta(hours=2)).isoformat()}
    body = {"purpose": crime["code"], "case_number": CASE, "legal_basis": crime["basis"][0], "bounds": bounds}
    return await client.post("/tickets", json={**body, **facts})


class MovedClock(SystemClock):
    """The real clock, so many hours later."""

    def __init__(self) -> None:
        super().__init__()
        self.later = timedelta()

    def now(self) -> datetime:
        """UTC."""
        return super().now() + self.later


def opened_by(node: RunningNode, number: int) -> int:
    row = node.node.emergencies._open.get(number)
    return row.user_id if row is not None else 0


def people_of(listed: Any) -> dict[str, int]:
    return {one["name"]: one["id"] for one in listed["items"]}


def window(begin: float, end: float, cameras: Collection[str] = (CAMERA,)) -> dict[str, Any]:
    """Bounds from so many hours to so many from now."""
    now = datetime.now(UTC)
    hours = [(now + timedelta(hours=one)).isoformat() for one in (begin, end)]
    return {"bounds": {"cameras": list(cameras), "since": hours[0], "until": hours[1]}}

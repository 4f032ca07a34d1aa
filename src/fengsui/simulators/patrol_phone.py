"""A phone of somebody on patrol: it signs in as people do, tells where it is, and takes its unit's tasks step by step."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import httpx2

from fengsui.simulators.patrol_walk import Spot, Walk

EVERY_S: Final = 5.0
"""So often it tells its place and looks for a task, as the phone page does."""
STILL_S: Final = 60.0
"""One who stands tells so again, that the position does not grow old."""
PACE_M_S: Final = {"foot": 1.4, "bicycle": 4.0, "car": 12.0, "fire": 12.0, "medical": 12.0, "technical": 10.0}
PAUSE_S: Final = {"sent": 4.0, "accepted": 4.0, "on_the_way": 0.0, "arrived": 15.0}
"""What a person takes before the next step."""
NOWHERE_S: Final = 30.0
"""On the way to an incident without a position."""
NEXT_STEP: Final = {"sent": "accept", "accepted": "on-the-way", "on_the_way": "arrive", "arrived": "done"}
FOUND: Final = "(模拟)已到现场查看,未见异常"
MOST_FAILURES, LONGEST_WAIT_S, MOST_SIGN_INS = 30, 60.0, 5
ELSEWHERE: Final = "access.signed_in_elsewhere"


class PhoneStopped(Exception):
    """Why a phone goes on no more, in both languages."""


class _Again(Exception):
    """The node is away or busy; `wait_s`: what it asked for, 0: nothing."""

    def __init__(self, wait_s: float = 0.0) -> None:
        super().__init__(wait_s)
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class Due:
    """A step that is due. `key`: the same as long as it is the same step."""

    task: int
    step: str
    key: str


class PatrolPhone:
    """Decides what somebody on patrol does, by what the node says of the unit. No socket, no clock."""

    def __init__(self, walk: Walk, hurry: float = 1.0) -> None:
        self.walk = walk
        self._hurry = hurry
        self._before: tuple[int, str] | None = None
        self._since_s = 0.0
        self._key = ""
        self._has_place = False

    def look(self, own: dict[str, Any], *, now_s: float) -> Due | None:
        """What is due now."""
        task = own["task"]
        if task is None:
            if self._before is not None:
                self.walk.stand()
            self._before = None
            return None
        state = task["id"], task["state"]
        if state != self._before:
            self._before, self._since_s, self._key = state, now_s, uuid.uuid4().hex
            self._set_off(own["where"])
        if now_s - self._since_s < self._pause_s(task["state"]) / self._hurry or self._under_way:
            return None
        return Due(task["id"], NEXT_STEP[task["state"]], self._key) if task["state"] in NEXT_STEP else None

    def _set_off(self, where: dict[str, Any]) -> None:
        """With each new state: one stands until it is time to go."""
        self.walk.stand()
        self._has_place = where["longitude"] is not None and where["latitude"] is not None
        if self._has_place and self._going:
            self.walk.head_for(Spot(where["longitude"], where["latitude"]))

    @property
    def _going(self) -> bool:
        return self._before is not None and self._before[1] == "on_the_way"

    @property
    def _under_way(self) -> bool:
        return self._going and not self.walk.arrived

    def _pause_s(self, state: str) -> float:
        return NOWHERE_S if state == "on_the_way" and not self._has_place else PAUSE_S.get(state, 0.0)

    def move(self, own: dict[str, Any], seconds: float) -> None:
        """What was gone meanwhile: along the beat without a task, to the place when on the way."""
        metres = PACE_M_S.get(own["unit"]["kind"], 0.0) * seconds * self._hurry
        if own["task"] is None:
            self.walk.go_round(metres)
        elif self._going:
            self.walk.go(metres)


class PhoneLine:
    """The phone's loop at a node. `tell`: what it does, in words."""

    def __init__(
        self,
        client: httpx2.AsyncClient,
        name: str,
        password: str,
        phone: PatrolPhone,
        tell: Callable[[str], None],
        hurry: float = 1.0,
    ) -> None:
        self._client = client
        self._name = name
        self._password = password
        self._phone = phone
        self._tell = tell
        self._every_s = max(0.2, EVERY_S / hurry)
        self._sign_ins = 0
        self._told: Spot | None = None
        self._told_at_s = 0.0

    async def run(self) -> None:
        """Until it is cancelled. Raises PhoneStopped."""
        loop = asyncio.get_running_loop()
        failures, before_s, signed_in = 0, loop.time(), False
        while True:
            wait_s = self._every_s
            try:
                if not signed_in:
                    await self._sign_in()
                    signed_in = True
                now_s = loop.time()
                signed_in = await self._look(now_s, now_s - before_s)
                before_s = now_s
                failures = 0
            except (_Again, httpx2.TransportError) as error:
                failures += 1
                if failures >= MOST_FAILURES:
                    raise PhoneStopped(f"{self._name}: 节点没有应答 the node does not answer") from error
                asked_s = error.wait_s if isinstance(error, _Again) else 0.0
                wait_s = min(LONGEST_WAIT_S, max(asked_s, 2.0 ** min(failures, 6))) * random.uniform(0.8, 1.2)
            await asyncio.sleep(wait_s)

    async def _sign_in(self) -> None:
        if self._sign_ins >= MOST_SIGN_INS:
            raise PhoneStopped(f"{self._name}: 登录后随即被退出 is signed out again and again")
        self._sign_ins += 1
        self._client.headers.pop("Authorization", None)
        answer = await self._client.post("/session", json={"name": self._name, "password": self._password})
        self._refuse_busy(answer)
        if answer.status_code != 201:  # guessing on would shut the account
            raise PhoneStopped(f"{self._name}: 不能登录 cannot sign in: {_why(answer)}")
        self._client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        self._client.cookies.clear()
        own = await self._get()
        if own is not None and own["unit"] is not None and own["unit"]["status"] == "out_of_service":
            await self._post("/patrol/duty", {"on": True})
        self._tell(f"{self._name}: 已登录 signed in")

    async def _look(self, now_s: float, seconds: float) -> bool:
        """False: the session has ended, and another is to be asked for."""
        own = await self._get()
        if own is None:
            return False
        self._sign_ins = 0
        unit = own["unit"]
        if unit is None or unit["status"] == "out_of_service":  # the desk decides
            return True
        due = self._phone.look(own, now_s=now_s)
        self._phone.move(own, seconds)
        at = self._phone.walk.at
        if at != self._told or now_s - self._told_at_s >= STILL_S:
            place = {"longitude": round(at.longitude, 6), "latitude": round(at.latitude, 6)}
            if await self._post(f"/units/{unit['id']}/position", place) is None:
                return False
            self._told, self._told_at_s = at, now_s
        if due is not None:
            words = {"text": FOUND if due.step == "done" else ""}
            done = await self._post(f"/tasks/{due.task}/{due.step}", words, key=due.key)
            if done is None:
                return False
            self._tell(f"{unit['call_sign']}: 任务 task {due.task} {due.step}" + ("" if done else " ✗"))
        return True

    async def _get(self) -> dict[str, Any] | None:
        answer = await self._client.get("/patrol")
        if not self._in_session(answer):
            return None
        if answer.status_code != 200:
            raise PhoneStopped(f"{self._name}: {_why(answer)}")
        own: dict[str, Any] = answer.json()
        return own

    async def _post(self, path: str, body: dict[str, Any], key: str = "") -> bool | None:
        """Whether it was taken; what is refused is looked at anew. None: the session has ended."""
        answer = await self._client.post(path, json=body, headers={"Idempotency-Key": key} if key else {})
        return answer.is_success if self._in_session(answer) else None

    def _in_session(self, answer: httpx2.Response) -> bool:
        self._refuse_busy(answer)
        if answer.status_code != 401:
            return True
        if answer.json().get("code") == ELSEWHERE:  # a person has taken it over
            raise PhoneStopped(f"{self._name}: 已在别处登录,模拟手机让出 signed in elsewhere: the simulated phone stands back")
        return False

    @staticmethod
    def _refuse_busy(answer: httpx2.Response) -> None:
        if answer.status_code == 429 or answer.status_code >= 500:
            asked = answer.headers.get("Retry-After", "")
            raise _Again(float(asked) if asked.isdigit() else 0.0)


def _why(answer: httpx2.Response) -> str:
    try:
        said = answer.json()
    except ValueError:
        return str(answer.status_code)
    return f"{said.get('zh', '')} {said.get('en', '')} ({answer.status_code})"

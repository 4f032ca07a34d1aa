"""Whose life a heartbeat tells that names another device: recorders do so for want of better, lower platforms beside their own."""

from __future__ import annotations

import pytest

from fengsui.features.devices import DeviceState, Peer
from fengsui.features.devices.heartbeats import Meaning, meaning_of
from tests.node.conftest import SERVER
from tests.node.test_bindings import CODE, HERE, Registrar, registrar, said

__all__ = ["registrar"]
OTHER, PLATFORM = f"{SERVER[:10]}1310000077", f"{SERVER[:10]}2000000077"
ELSEWHERE = Peer("UDP", "10.0.0.99", 5060)


def beat(registrar: Registrar, code: str, named: str, status: str = "OK") -> int:
    """The status of the answer to a heartbeat of `code` that names `named`."""
    registrar.number += 1
    request = said("MESSAGE", registrar.number, f"k{registrar.number}", code)
    return registrar.devices.keepalive(request, HERE, code, status, named).status


async def minutes(registrar: Registrar, code: str, named: str, count: int = 6) -> list[bool]:
    """Whether the device was online after each minute of such heartbeats; each time, the silent are looked for."""
    found = []
    for _ in range(count):
        registrar.clock.advance(seconds=60)
        beat(registrar, code, named)
        for state, reason in registrar.devices._presence.fallen_silent():
            registrar.devices._presence.go_offline(state, reason)
        found.append(registrar.devices.is_online(code) is True)
    return found


@pytest.mark.parametrize("known", ["online elsewhere", "online here", "offline"])
async def test_a_recorder_that_names_a_channel_that_is_a_device_too_stays_online(registrar: Registrar, known: str) -> None:
    await registrar.devices.admit(OTHER)
    if known != "offline":
        assert await registrar.register(ELSEWHERE if known == "online elsewhere" else HERE, "o1", OTHER) == 200
    assert await registrar.register(HERE, "c1") == 200
    assert all(await minutes(registrar, CODE, OTHER)), "it has no other sign of life"
    if known != "offline":
        assert await registrar.register(ELSEWHERE if known == "online elsewhere" else HERE, "o1", OTHER) == 200
    assert beat(registrar, CODE, OTHER, "ERROR") == 200
    assert registrar.devices.get(CODE).status == ("fault" if known == "offline" else "online"), "what is here tells of itself"


async def test_one_with_a_platforms_code_that_never_names_itself_stays_online_and_takes_no_fault_of_others(
    registrar: Registrar,
) -> None:
    await registrar.devices.admit(PLATFORM)
    assert await registrar.register(HERE, "p1", PLATFORM) == 200
    assert all(await minutes(registrar, PLATFORM, OTHER))
    assert beat(registrar, PLATFORM, OTHER, "ERROR") == 200
    assert registrar.devices.get(PLATFORM).status == "online"


async def test_a_lower_platform_whose_own_heartbeats_have_ceased_is_not_kept_online_by_those_it_passes_on(
    registrar: Registrar, capsys: pytest.CaptureFixture[str]
) -> None:
    await registrar.devices.admit(PLATFORM)
    assert await registrar.register(HERE, "p1", PLATFORM) == 200
    assert beat(registrar, PLATFORM, PLATFORM) == 200
    assert await minutes(registrar, PLATFORM, OTHER) == [True, True, False, False, False, False]
    assert beat(registrar, PLATFORM, OTHER) == 403, "it is asked to register again"
    assert beat(registrar, PLATFORM, PLATFORM) == 200
    assert registrar.devices.is_online(PLATFORM)
    told = [line for line in capsys.readouterr().out.splitlines() if "under another code" in line]
    assert len(told) == 1 and PLATFORM in told[0] and OTHER in told[0], "once, with both codes"


async def test_a_recorder_that_has_started_anew_and_names_itself_no_more_stays_online(registrar: Registrar) -> None:
    """As with new firmware."""
    await registrar.devices.admit(OTHER)
    assert await registrar.register(HERE, "c1") == 200
    assert beat(registrar, CODE, CODE) == 200
    assert False in await minutes(registrar, CODE, OTHER)
    assert await registrar.register(HERE, "c2") == 200
    assert all(await minutes(registrar, CODE, OTHER))


def test_what_is_no_device_here_is_a_channel_of_its_senders() -> None:
    camera = DeviceState(CODE, names_itself=True)
    assert meaning_of(OTHER, camera, None) is Meaning.OWN
    assert meaning_of("", camera, None) is meaning_of(CODE, camera, camera) is Meaning.OWN
    assert meaning_of(OTHER, camera, DeviceState(OTHER)) is Meaning.NOTHING

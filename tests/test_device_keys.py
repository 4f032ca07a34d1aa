"""What is told by MESSAGE and by NOTIFY is one alarm; two that are told one way never are, whatever was forgotten."""

from __future__ import annotations

from typing import Final

from hypothesis import given
from hypothesis import strategies as some

from fengsui.features.alarms.device_keys import DeviceKeys
from fengsui.wire.gb28181.alarm import AlarmNotification

DEVICE: Final = "52010200001320000001"


def told(sn: int) -> AlarmNotification:
    return AlarmNotification(sn=sn, device_id=DEVICE, priority=1, method=2, time="2026-11-29T10:00:00", description="")


@given(some.lists(some.tuples(some.integers(1, 6), some.booleans(), some.booleans()), max_size=30))
def test_two_of_one_way_never_have_one_key(came: list[tuple[int, bool, bool]]) -> None:
    keys, of = DeviceKeys(), dict[tuple[bool, str], set[int]]()
    for sn, notified, starts in came:
        if starts:  # the node forgets what it had in memory
            keys = DeviceKeys()
        key = keys.key(DEVICE, told(sn), notified=notified)
        assert keys.key(DEVICE, told(sn), notified=notified) == key, "sent again at once it is the same"
        if not starts and not any(one[2] for one in came):
            of.setdefault((notified, key), set()).add(sn)
    assert all(len(numbers) == 1 for numbers in of.values())


def test_after_a_start_the_second_of_a_second_is_not_taken_for_the_first() -> None:
    before = DeviceKeys()
    first, second = (before.key(DEVICE, told(sn), notified=False) for sn in (1, 2))
    assert first != second
    after = DeviceKeys()
    assert after.key(DEVICE, told(2), notified=False) == second, "sent again it joins its own row"
    assert after.key(DEVICE, told(1), notified=False) == first


def test_the_first_by_one_way_is_the_first_by_the_other() -> None:
    keys = DeviceKeys()
    by_message = [keys.key(DEVICE, told(sn), notified=False) for sn in (1, 2)]
    assert [keys.key(DEVICE, told(sn), notified=True) for sn in (11, 12)] == by_message
    assert [keys.key(DEVICE, told(sn), notified=True) for sn in (11, 12, 13)][2] not in by_message

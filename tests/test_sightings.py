"""Where and when a sighting is: whatever is given is one place and case, or a named error."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.features.access import CameraClass, CameraFacts
from fengsui.features.audit import Ground
from fengsui.features.sightings.model import UnusableSighting, Wanted

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
CAMERA = CameraFacts("52010200001320000001", "520102", CameraClass.PRIVATE)
PLACES = st.none() | st.tuples(st.floats(-180, 180), st.floats(-90, 90))
KINDS = st.sampled_from(["footage", "live", "in-person"])


@given(KINDS, PLACES, PLACES, st.booleans(), st.sampled_from(["", "5201"]))
def test_a_place_is_the_persons_own_or_the_cameras_or_a_named_error(
    kind: str, place: tuple[float, float] | None, of_camera: tuple[float, float] | None, by_camera: bool, area: str
) -> None:
    wanted = Wanted(kind, NOW, "x", "", CAMERA.code if by_camera else "", place, area)  # type: ignore[arg-type]
    usable = (place or (of_camera if by_camera else None)) and (by_camera or (kind == "in-person" and area))
    try:
        spot = wanted.spot(CAMERA if by_camera else None, of_camera if by_camera else None)
    except UnusableSighting:
        assert not usable
        return
    assert usable and (spot.longitude, spot.latitude) == (place or of_camera)
    told = (CAMERA.area, CAMERA.code, "private") if by_camera else (area, "", "")
    assert (spot.area, spot.camera, spot.camera_class) == told, "a camera's sighting is as protected as the camera"


@given(KINDS, st.sampled_from(["", "A1", "A2"]), st.sampled_from(["", "A1"]))
def test_what_footage_of_a_case_shows_belongs_to_that_case(kind: str, said: str, opened: str) -> None:
    wanted = Wanted(kind, NOW, "x", said, CAMERA.code, None, "")  # type: ignore[arg-type]
    ground = Ground("UT1", opened)
    if kind == "footage" and opened and said not in ("", opened):
        with pytest.raises(UnusableSighting):
            wanted.case(ground)
    else:
        assert wanted.case(ground) == (said or (opened if kind == "footage" else ""))


def test_nothing_is_seen_in_the_future() -> None:
    assert Wanted("live", NOW, "x", "", "", None, "").at_us(NOW) == int(NOW.timestamp()) * 1_000_000
    with pytest.raises(UnusableSighting):
        Wanted("live", NOW + timedelta(minutes=1), "x", "", "", None, "").at_us(NOW)

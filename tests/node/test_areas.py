"""The tree of divisions: names, sums, and the old code that devices still carry."""

from __future__ import annotations

from fengsui.features.areas import Divisions


def test_cameras_are_summed_up_to_the_province_and_an_old_code_finds_its_new_county() -> None:
    tree = {area.code: area for area in Divisions().tree({"520522": (3, 1), "520102": (2, 2)})}
    assert (tree["520581"].name, tree["520581"].cameras_total) == ("黔西市", 3)
    assert (tree["52"].name, tree["52"].cameras_total, tree["52"].cameras_online) == ("贵州省", 5, 3)
    assert tree["520102"].parent == "5201"
    assert "520522" not in tree

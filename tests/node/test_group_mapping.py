"""What the groups of an identity provider give, and what a sign-in changes, without any provider."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from fengsui.features.access.group_mapping import Given, GroupMapping, changes, conflict, groups_in
from fengsui.features.access.posts import CameraClass, Post, mask_of
from fengsui.single_sign_on_settings import GroupSection

GOVERNMENT = mask_of([CameraClass.GOVERNMENT])
NOW = 1_000.0


@dataclass(frozen=True)
class Row:
    """A stored appointment."""

    id: int
    post: str
    area: str = "5201"
    classes: int = GOVERNMENT
    valid_until: float | None = NOW + 60
    given_by_group: str = "desk"


def given(post: Post, group: str = "desk") -> Given:
    return Given(group, post, "5201", GOVERNMENT)


def test_each_entry_of_a_group_is_given_once() -> None:
    entry = GroupSection(group="desk", post="operator", area="5201", classes=["government"])
    mapping = GroupMapping([entry, entry, entry.model_copy(update={"group": "lead", "post": "commander"})])
    assert mapping.given_to(["desk", "canteen"]) == (given(Post.OPERATOR),)
    assert mapping.given_to([]) == ()
    assert str(mapping).count("operator in 5201 for government by the group desk") == 2


def test_what_stays_is_kept_what_lapsed_is_given_anew_and_what_people_gave_is_left_alone() -> None:
    stays, lapsed, leaves = Row(1, "operator"), Row(2, "inspector", valid_until=NOW), Row(3, "commander")
    theirs = Row(4, "commander", given_by_group="")
    twice = Row(5, "operator")
    wanted = [given(Post.OPERATOR), given(Post.INSPECTOR), given(Post.MAINTENANCE)]
    found = changes([stays, lapsed, leaves, theirs, twice], wanted, NOW)
    assert found.kept == (stays,)
    assert found.ended == (lapsed, leaves, twice)
    assert [one.post for one in found.added] == [Post.INSPECTOR, Post.MAINTENANCE]


def test_another_class_area_or_group_is_another_appointment() -> None:
    for old in (Row(1, "operator", area="52"), Row(1, "operator", classes=3), Row(1, "operator", given_by_group="lead")):
        found = changes([old], [given(Post.OPERATOR)], NOW)
        assert (found.ended, found.kept, len(found.added)) == ((old,), (), 1)


def test_conflicts_are_looked_for_among_groups_and_what_people_gave() -> None:
    security, seeing = given(Post.SECURITY_ADMINISTRATOR), Row(1, "operator", given_by_group="")
    assert conflict([seeing], [security], NOW) == (Post.SECURITY_ADMINISTRATOR, Post.OPERATOR)
    assert conflict([Row(1, "operator")], [security], NOW) is None, "a group that left holds nothing any more"
    assert conflict([Row(1, "operator", given_by_group="", valid_until=NOW)], [security], NOW) is None
    assert conflict([], [security, given(Post.AUDIT_ADMINISTRATOR)], NOW) is not None
    assert conflict([], [security, given(Post.MAINTENANCE)], NOW) is None


@pytest.mark.parametrize(
    ("claims", "path", "found"),
    [
        ({"groups": ["a", "b"]}, "groups", ("a", "b")),
        ({"groups": "a"}, "groups", ("a",)),
        ({"groups": ["a", 7, None, ["b"]]}, "groups", ("a",)),
        ({"groups": {"a": 1}}, "groups", ()),
        ({}, "groups", ()),
        ({"realm_access": {"roles": ["a"]}}, "realm_access.roles", ("a",)),
        ({"realm_access": ["roles"]}, "realm_access.roles", ()),
        ({"https://id.example/groups": ["a"]}, "https://id.example/groups", ("a",)),
        ("groups", "groups", ()),
    ],
)
def test_groups_are_read_from_whatever_claims_there_are(claims: object, path: str, found: tuple[str, ...]) -> None:
    assert groups_in(claims, path) == found

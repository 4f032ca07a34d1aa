"""Each check of a device file fails on what it is about, says so in both languages, and passes what is right."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.features.device_files.check_texts import CHECKS, is_error, said
from fengsui.features.device_files.checks import Others, score_of
from fengsui.features.device_files.field_table import BY_KEY, FIELDS, FOR_KEEPERS, MANDATORY, Group, Kind
from fengsui.features.device_files.model import Issue
from tests.device_files.right import RIGHT, judge

JUDGE = judge()


def found(others: Others | None = None, **changed: str) -> set[tuple[str, str]]:
    """(field, check) of a right file with these changes."""
    return {(one.field, one.check) for one in JUDGE.issues({**RIGHT, **changed}, others)}


def test_a_right_file_is_right() -> None:
    assert found() == set()
    assert (score_of(RIGHT, []).completeness, score_of(RIGHT, []).correctness) == (1000, 1000)


WRONG = [
    ("name", {"name": ""}, "value.missing"),
    ("name", {"name": " 南明区解放路口东"}, "value.space"),
    ("name", {"name": "南明区解放\n路口东"}, "value.control"),
    ("name", {"name": "南明区路口东" * 30}, "value.long"),
    ("name", {"name": "大门口"}, "name.pattern"),
    ("name", {"name": "南明区商场卫生间路口东"}, "place.forbidden"),
    ("maker", {"maker": "77"}, "value.option"),
    ("maker", {"maker": "海康威视"}, "value.word"),
    ("place_type", {"place_type": "8/8"}, "value.twice"),
    ("place_type", {"place_type": "8、10"}, "value.option"),
    ("networked", {"networked": "1"}, "value.option"),
    ("retention_days", {"retention_days": "三十"}, "value.number"),
    ("retention_days", {"retention_days": "30.0"}, "value.number"),
    ("retention_days", {"retention_days": "29"}, "retention.floor"),
    ("retention_days", {"retention_days": "30", "retention_class": "2"}, "retention.floor"),
    ("retention_days", {"retention_days": "91"}, "retention.ceiling"),
    ("device_code", {"device_code": "5.20102E+19"}, "value.scientific"),
    ("device_code", {"device_code": "5201020000132000000"}, "code.digits"),
    ("device_code", {"device_code": "52019900001320000001"}, "code.district"),
    ("device_code", {"device_code": "52052200001320000001", "civil_code": "520581"}, "code.old_district"),
    ("device_code", {"device_code": "52010200001180000001"}, "code.kind"),
    ("civil_code", {"civil_code": "520522"}, "civil.old"),
    ("civil_code", {"civil_code": "520199"}, "civil.unknown"),
    ("civil_code", {"civil_code": "52010"}, "civil.unknown"),
    ("civil_code", {"civil_code": "520103"}, "civil.prefix"),
    ("civil_code", {"civil_code": "110101", "device_code": "11010100001320000001"}, "civil.unchecked"),
    ("lon", {"lon": "106.72"}, "place.digits"),
    ("lat", {"lat": ""}, "place.half"),
    ("lon", {"lon": "26.561234", "lat": "86.722345"}, "place.outside"),
    ("lon", {"lon": "106.900000", "lat": "26.800000"}, "place.outside"),
    ("lon", {"lon": "106.712345", "lat": "26.573000"}, "place.border"),
    ("lat", {"lat": "99.561234"}, "value.range"),
    ("mac", {"mac": "3c:ef:8c:12:34:56"}, "mac.form"),
    ("mac", {"mac": "FF-FF-FF-FF-FF-FF"}, "mac.group"),
    ("ipv4", {"ipv4": ""}, "ip.none"),
    ("ipv4", {"ipv4": "10.52.1.300"}, "ip.form"),
    ("ipv4", {"ipv4": "127.0.0.1"}, "ip.unusable"),
    ("ipv6", {"ipv6": "fe80::1"}, "ip.unusable"),
    ("managing_contact", {"managing_contact": "call me"}, "phone.form"),
    ("police_org", {"police_org": "520102"}, "value.digits"),
    ("installed_on", {"installed_on": "2025/6/1"}, "value.date"),
    ("installed_on", {"installed_on": "2025-02-30"}, "value.date"),
    ("installed_on", {"installed_on": "2026-11-28"}, "date.future"),
    ("enabled_on", {"enabled_on": "2025-05-31"}, "date.order"),
    ("status", {"scrapped_on": "2026-01-01"}, "status.scrapped"),
    ("direction", {"camera_type": "1"}, "direction.dome"),
    ("vertical_angle", {"horizontal_angle": "87.5"}, "angle.pair"),
    ("necessity", {"regime": "1"}, "regime.necessity"),
    ("filing_number", {"filed_on": "2026-01-01"}, "filing.number"),
]


@pytest.mark.parametrize(("field", "changed", "check"), WRONG, ids=[f"{one[2]} {one[0]}" for one in WRONG])
def test_what_is_wrong_is_found(field: str, changed: dict[str, str], check: str) -> None:
    assert (field, check) in found(**changed)


def test_other_files_are_looked_at() -> None:
    assert found(Others(name="A", mac="B", address="C", crowd=4)) == {
        ("name", "name.twice"),
        ("mac", "mac.twice"),
        ("ipv4", "ip.twice"),
        ("lon", "place.crowd"),
    }
    assert found(Others(crowd=3)) == set()


def test_every_check_is_tried_and_can_be_said() -> None:
    tried = {one[2] for one in WRONG} | {"name.twice", "mac.twice", "ip.twice", "place.crowd"}
    of_sheets = {"value.bare_number", "code.twice", "value.formula", "value.date_cell", "row.scope", "row.locked", "row.status"}
    without_outline = {"place.unchecked"}
    assert set(CHECKS) == tried | of_sheets | without_outline


def test_old_codes_are_named_not_mended() -> None:
    issue = next(one for one in JUDGE.issues({**RIGHT, "civil_code": "520522"}) if one.check == "civil.old")
    zh, en, do_zh, _ = said(issue)
    assert "520522" in zh and "520581" in zh and "黔西市" in en and "520581" in do_zh and is_error(issue)


def test_an_errors_field_lowers_the_score_once() -> None:
    values = {**RIGHT, "name": "", "mac": "x", "lon": "1"}
    score = score_of(values, JUDGE.issues(values))
    assert score.completeness == (len(MANDATORY) - 1) * 1000 // len(MANDATORY)
    filled = len(RIGHT) - 1
    assert score.correctness == (filled - 2) * 1000 // filled


def test_the_table_is_whole() -> None:
    assert len([one for one in FIELDS if one.group is Group.BASE]) == 27
    assert len(BY_KEY) == len(FIELDS) == len({one.code for one in FIELDS}) == len({one.zh for one in FIELDS})
    assert all((one.options is not None) == (one.kind in (Kind.CHOICE, Kind.CHOICES)) for one in FIELDS)
    assert not any("password" in one.key or "密码" in one.zh or "口令" in one.zh for one in FIELDS)
    assert {"mac", "ipv4", "managing_contact", "admin_phone"} <= FOR_KEEPERS


@given(key=st.sampled_from(sorted(BY_KEY)), value=st.text(max_size=300))
def test_any_text_gives_issues_that_can_be_said(key: str, value: str) -> None:
    for issue in JUDGE.issues({**RIGHT, key: value}):
        assert isinstance(issue, Issue) and all(text and "{" not in text.replace(value, "") for text in said(issue))


@given(value=st.text(string.digits + "Ee+.-", min_size=1, max_size=24))
def test_digits_that_a_spreadsheet_has_touched_are_never_taken(value: str) -> None:
    is_code = len(value) == 20 and value.isdigit()
    checks = {check for field, check in found(device_code=value) if field == "device_code"}
    assert is_code or checks & {"code.digits", "value.scientific", "value.long"}

"""A table of many right rows, some of them made faulty in ways that people's tables are."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

from fengsui.features.device_files.columns import heading
from fengsui.features.device_files.field_table import BY_KEY
from fengsui.features.device_files.sheets import CsvWriter, XlsxWriter
from tests.device_files.right import RIGHT

ROADS = ("解放路", "中华路", "瑞金路", "遵义路", "市南路", "都司路", "护国路", "文昌路")
SIDES = ("东", "南", "西", "北")
WAYS: tuple[Callable[[dict[str, str]], None], ...] = (
    lambda row: row.update(device_code="5.20102E+19"),
    lambda row: row.update(device_code=row["device_code"][:19]),
    lambda row: row.update(mac=row["mac"].replace("-", ":")),
    lambda row: row.update(civil_code="520522"),
    lambda row: row.update(lon="106.72"),
    lambda row: row.update(lon="116.397128", lat="39.916527"),
    lambda row: row.update(managing_contact="85551234转"),
    lambda row: row.update(retention_days="7"),
    lambda row: row.update(installed_on="2025/6/1"),
    lambda row: row.update(name=""),
    lambda row: row.update(maker="海康威视"),
    lambda row: row.update(ipv4="10.52.1.999"),
)
KEYS = tuple(RIGHT)


def row_of(number: int) -> dict[str, str]:
    """A right one."""
    east, north = number % 100, number // 100
    return {
        **RIGHT,
        "device_code": f"5201020000132{number:07d}",
        "name": f"南明区{ROADS[number % 8]}{number}号路口{SIDES[number % 4]}",
        "mac": f"3C-EF-8C-{number >> 16 & 255:02X}-{number >> 8 & 255:02X}-{number & 255:02X}",
        "ipv4": f"10.{52 + (number >> 16)}.{number >> 8 & 255}.{number & 255 or 1}",
        "channel": str(number),
        "lon": f"{106.715 + east * 0.00011:.6f}",
        "lat": f"{26.555 + north * 0.00011:.6f}",
    }


def rows(count: int, faulty: int, first: int = 1) -> list[dict[str, str]]:
    """`faulty` of them are, evenly spread."""
    found = [row_of(first + at) for at in range(count)]
    for at in range(faulty):
        WAYS[at % len(WAYS)](found[at * count // max(faulty, 1)])
    return found


def table(made: list[dict[str, str]], form: str = "xlsx") -> bytes:
    """As people send it."""
    keys = (*KEYS, "channel")
    lines = [[heading(BY_KEY[key]) for key in keys], *([row.get(key, "") for key in keys] for row in made)]
    file = BytesIO()
    writer = XlsxWriter(file, ["设备档案"]) if form == "xlsx" else CsvWriter(file)
    writer.write(lines)
    writer.close()
    return file.getvalue()

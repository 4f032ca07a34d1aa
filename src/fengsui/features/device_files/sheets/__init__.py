"""Tables that people fill in with a spreadsheet: xlsx and CSV, read within bounds letter by letter, and written safely. Pure."""

from __future__ import annotations

from fengsui.features.device_files.sheets.cells import Cell, CellKind, Sheet, UnreadableSheet
from fengsui.features.device_files.sheets.csv_sheet import CsvWriter, read_csv
from fengsui.features.device_files.sheets.xlsx_reader import read_xlsx
from fengsui.features.device_files.sheets.xlsx_writer import XlsxWriter

__all__ = ["Cell", "CellKind", "CsvWriter", "Sheet", "UnreadableSheet", "XlsxWriter", "read_sheet"]


def read_sheet(octets: bytes) -> Sheet:
    """By what the file is, not by its name. Raises UnreadableSheet."""
    return read_xlsx(octets) if octets[:4] == b"PK\x03\x04" else read_csv(octets)

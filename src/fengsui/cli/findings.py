"""The lines of `fengsui check`."""

from __future__ import annotations

from dataclasses import dataclass

from fengsui.errors import FengsuiError


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. A fault makes the command fail; a warning does not."""

    mark: str
    zh: str
    en: str
    remedy_zh: str = ""
    remedy_en: str = ""


def good(zh: str, en: str) -> Finding:
    """All is well."""
    return Finding("✓", zh, en)


def warning(zh: str, en: str, remedy_zh: str, remedy_en: str) -> Finding:
    """Works, but somebody should look."""
    return Finding("!", zh, en, remedy_zh, remedy_en)


def fault(zh: str, en: str, remedy_zh: str, remedy_en: str) -> Finding:
    """Does not work."""
    return Finding("✗", zh, en, remedy_zh, remedy_en)


def told(error: FengsuiError) -> Finding:
    """An error as a finding."""
    return fault(error.text_zh, error.text_en, error.remedy_zh.format(**error.facts), error.remedy_en.format(**error.facts))

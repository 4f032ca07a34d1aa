"""Personnel numbers: how they are stored, and when two are the same. Pure."""

from __future__ import annotations

import unicodedata


def number_of(text: str) -> str:
    """A personnel number as it is stored: without full-width signs and blanks. Nothing but zeros is no number.

    Leading zeros and case stay for the eye; `key_of` leaves them out, for they do not tell two people apart.
    """
    found = "".join(unicodedata.normalize("NFKC", text).split())
    return found if found.strip("0") else ""


def key_of(number: str) -> str:
    """What is equal where two numbers are of one human being; empty for none."""
    return number_of(number).upper().lstrip("0")

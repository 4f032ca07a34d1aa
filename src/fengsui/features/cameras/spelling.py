"""Names spelled so that they are found by characters, by pinyin, by its initials, and by any mixture of them. Pure.

A spelled text has each Chinese character followed by its readings, each with a capital, and between several a mark: 南 is
`南Na\\x1fNan`. Latin letters stand as capitals, blanks are left out. So one expression per word, whose length grows with
the word and with nothing else, finds `nmq`, `nanming`, `nanm`, `南m区` and `naming` in 南明区, whatever readings its
characters have.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

TABLE = Path(__file__).parent / "pinyin.txt"
"""A line a syllable, without tones: the syllable, and the characters that are read so (its source: NOTICE)."""
OR = "\x1f"
_ENTER = rf"(?:[^\x00-\x7f](?:[A-Z][a-z]*{OR})*)?"
"""Up to one of a character's readings."""
_OTHERS = rf"(?:{OR}[A-Z][a-z]*)*"
_LEAVE = rf"[a-z]*{_OTHERS}"
"""From inside a reading to the next character."""
_PASS = rf"(?:[A-Z][a-z]*{_OTHERS})?"
"""From a character that was given as such to the next."""
BEGIN = re.compile(_ENTER)
"""What may stand before a find that still begins the text."""


def _table() -> dict[int, str | None]:
    readings: dict[str, list[str]] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        syllable, characters = line.split(" ")
        for character in characters:
            readings.setdefault(character, []).append(syllable.capitalize())
    found: dict[int, str | None] = {ord(one): one + OR.join(every) for one, every in readings.items()}
    found.update((ord(letter), letter.upper()) for letter in "abcdefghijklmnopqrstuvwxyz")
    found.update((code, None) for code in (*range(0x20), 0x20, 0x7F, 0xA0, 0x3000, 0xFEFF, *range(0x2000, 0x2010)))
    return found


_SPELLED = _table()


def _plain(text: str) -> str:
    return text if unicodedata.is_normalized("NFKC", text) else unicodedata.normalize("NFKC", text)


def spelled(text: str) -> str:
    """A name as it is searched."""
    return _plain(text).translate(_SPELLED)


@lru_cache(maxsize=256)
def pattern_of(word: str) -> str:
    """The expression that finds a word in what is spelled; `word` without blanks."""
    parts: list[str] = []
    before = ""
    for character in _plain(word).lower():
        if "a" <= character <= "z":
            capital = character.upper()
            if before == "letter":
                parts.append(f"(?:{character}|{_LEAVE}{_ENTER}{capital})")
            else:
                parts.append((f"{_PASS}{_ENTER}" if before == "character" else _ENTER if before else "") + capital)
            before = "letter"
        elif _SPELLED.get(ord(character), "") is not None:
            parts.append({"letter": _LEAVE, "character": _PASS}.get(before, "") + re.escape(character))
            before = "character" if character > "\x7f" else "other"
    return "".join(parts)


def is_spelled_out(word: str) -> bool:
    """Whether letters of the word may be pinyin."""
    return any("a" <= character <= "z" for character in _plain(word).lower())


_READINGS = re.compile(rf"[^\x00-\x7f]([A-Z][a-z]*)(?:{OR}[A-Z][a-z]*)*")
_NUMBER = re.compile(r"[0-9]+")


def sorted_by(text: str) -> str:
    """What a name is put in order by: pinyin by its first reading, and numbers by what they count."""
    return _NUMBER.sub(lambda found: found[0].zfill(9), _READINGS.sub(r"\1", spelled(text)).upper())

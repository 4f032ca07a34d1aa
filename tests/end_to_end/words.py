"""The words on a page, and those that nobody translates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.end_to_end.conftest import Demo

TEXTS = Path(__file__).parents[2] / "console" / "src" / "ui"
HAN = re.compile(r"[\u4e00-\u9fff]")
WORDS = """() => {
  const words = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) words.push(walk.currentNode.textContent);
  for (const element of document.querySelectorAll('[title], [aria-label], [placeholder]'))
    for (const name of ['title', 'aria-label', 'placeholder']) words.push(element.getAttribute(name) ?? '');
  return words.map(word => word.trim()).filter(word => word !== '');
}"""
DATA = {
    "duty": [
        "/cameras?limit=100",
        "/devices?limit=100",
        "/areas",
        "/node",
        "/ticket-purposes",
        "/duty",
        "/policy",
        "/tickets",
        "/emergencies",
        "/views",
        "/camera-groups",
        "/video-patrols/plans",
        "/video-patrols/due",
        "/procedures",
        "/methods",
        "/methods/1",
    ],
    "system": ["/node", "/waiting-devices", "/device-files", "/panic-links", "/alarm-sites"],
    "security": ["/users", "/organisations", "/policy", "/approvals"],
    "audit": ["/audit?limit=500"],
}
"""What an office's pages show as it was written."""
OWN = {"中文", "预置位", "烽燧", "审图号"}
"""The other language's own name, what a camera calls its presets, the product's name, a map's number as it is printed."""


def data_of(found: Any) -> Iterator[str]:
    """Every text of an answer that is nobody's translation: names, addresses, what people wrote; of what has both, the English."""
    if isinstance(found, dict):
        for key, value in found.items():
            if key != "zh" and not key.endswith("_zh") and not found.get(f"{key}_en"):
                yield from data_of(value)
    elif isinstance(found, list):
        for one in found:
            yield from data_of(one)
    elif isinstance(found, str) and HAN.search(found):
        yield found


def keys() -> set[str]:
    """Of the catalogues: none of them is to be read on a page."""
    sources = "\n".join(path.read_text(encoding="utf-8") for path in TEXTS.glob("texts-*.ts"))
    found = set(re.findall(r'^ +"([a-zA-Z]+(?:\.[\w-]+)+)":', sources, re.MULTILINE))
    assert len(found) > 100
    return found


def written(demo: Demo, more: dict[str, list[str]]) -> list[str]:
    """What people wrote on this node, and what its devices call themselves, the longest first. `more`: addresses by office."""
    names = set(OWN)
    for office in DATA:
        with demo.client(office) as client:
            for path in [*DATA[office], *more.get(office, [])]:
                answer = client.get(path)
                assert answer.status_code == 200, f"{office} {path}: {answer.text}"
                names.update(data_of(answer.json()))
    return sorted(names, key=len, reverse=True)


def untranslated(words: list[str], names: list[str], known: set[str]) -> list[str]:
    """Of the words of a page in English: those that are Chinese, and nobody's own; and keys of the catalogues."""
    found = []
    for word in words:
        left = word
        for name in names:
            left = left.replace(name, "")
        if word in known or HAN.search(left):
            found.append(word)
    return found

"""What the settings of ports and limits say against each other. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from fengsui.settings_section import Section

Contradiction = tuple[list[str], str, tuple[str, str]]
"""The entry to look at, what is wrong with it, and the remedy in Chinese and English."""
ANYWHERE = frozenset(("0.0.0.0", "::"))


def port_contradictions(signalling: Section, media: Section, http: Section, alarm_hosts: Section) -> Iterator[Contradiction]:
    """Ports that are opened twice, ranges that are none, shares above the whole."""
    sections = {"signalling": signalling, "media": media, "http": http, "alarm_hosts": alarm_hosts}
    yield from _opened_twice(sections)
    yield from _ranges(media)
    for name, section in sections.items():
        yield from _shares(name, section)


def _opened_twice(sections: dict[str, Section]) -> Iterator[Contradiction]:
    opened = (
        ("signalling", "port", "host", "udp tcp"),
        ("signalling", "tls_port", "host", "tcp"),
        ("http", "port", "host", "tcp"),
        ("media", "rtp_port", "rtp_host", "udp tcp"),
        ("media", "http_port", "http_host", "tcp"),
        ("media", "webrtc_port", "http_host", "udp"),
        ("alarm_hosts", "port", "host", "udp tcp"),
    )
    before: list[tuple[str, str, int, str, set[str]]] = []
    for section, entry, host_entry, kinds in opened:
        port, host = getattr(sections[section], entry), getattr(sections[section], host_entry)
        for other_section, other, other_port, other_host, other_kinds in before:
            meet = host == other_host or bool({host, other_host} & ANYWHERE)
            if port and port == other_port and meet and other_kinds & set(kinds.split()):
                pair = [(section, entry), (other_section, other)]
                look = next((one for one in pair if one[1] in sections[one[0]].model_fields_set), pair[0])
                first, second = f"{other_section}.{other}", f"{section}.{entry}"
                do = (f"请为 {first} 和 {second} 设置不同的端口", f"Give {first} and {second} ports of their own")
                yield list(look), f"{first} and {second} are both {port}", do
        before.append((section, entry, port, host, set(kinds.split())))


def _ranges(media: Section) -> Iterator[Contradiction]:
    first, last, ports = (getattr(media, name) for name in ("rtp_port_first", "rtp_port_last", "ports"))
    example = "rtp_port_first = 20000, rtp_port_last = 30000"
    if bool(first) != bool(last):
        given = "rtp_port_first" if first else "rtp_port_last"
        yield ["media", given], "a range has a first and a last port", (f"请同时给出两者,例如 {example}", f"Give both: {example}")
    elif first > last:
        yield (
            ["media", "rtp_port_first"],
            f"{first} is above rtp_port_last, {last}",
            (f"请对调两者,例如 {example}", f"Turn them round: {example}"),
        )
    elif ports == "own" and not first:
        do = (f"请给出端口范围,例如 {example}", f"Say from which range, such as {example}")
        yield ["media", "ports"], "each stream is to have a port of its own, and there is no range to take it from", do


def _shares(name: str, section: Section) -> Iterator[Contradiction]:
    for entry in section.model_fields_set:
        whole = entry.removesuffix("_per_address")
        if whole != entry and whole in section.model_fields_set and getattr(section, entry) > getattr(section, whole):
            do = (f"请使 {entry} 不大于 {whole}", f"Let {entry} be no more than {whole}")
            yield [name, entry], f"{getattr(section, entry)} is more than {whole}, {getattr(section, whole)}", do

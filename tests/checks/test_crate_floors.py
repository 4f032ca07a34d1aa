"""The check of the Rust floors fails on a dependency or a `use` that goes up, and on whatever stands on no floor."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from checks import crate_floors

FLOORS = """
[workspace.metadata.floors]
crates = ["binding", "hub | session", "units"]
outside = ["binding"]
python = "binding"
[workspace.metadata.floors.modules]
units = ["front", "viewer : worker", "line | ticket"]
"""
UNITS = {
    "lib.rs": "mod front; mod line; mod ticket; mod viewer; mod worker;\npub struct Limit;\npub use front::{Door, open};\n",
    "front.rs": "use crate::ticket::Ticket;\nuse crate::{viewer, worker::Ask};\n",
    "viewer.rs": "use crate::worker::Ask;\nuse crate::Limit;\n// use crate::front::Door;\n",
    "worker.rs": "use super::viewer::Viewer;\nuse crate::line::Line;\n#[cfg(test)]\nmod tests { use crate::front::Door; }\n",
    "line.rs": "",
    "ticket.rs": "",
}


def workspace(folder: Path, *, units: dict[str, str] | None = None, depends: dict[str, str] | None = None) -> Path:
    """A workspace on disk: `units` adds to or replaces the sources of one crate, `depends` the dependencies of crates."""
    needed = {"units": "", "hub": 'units = { path = "../units" }', "session": "", "binding": 'pyo3 = "0.29"'} | (depends or {})
    (folder / "Cargo.toml").write_text(FLOORS)
    for crate, lines in needed.items():
        (folder / "crates" / crate / "src").mkdir(parents=True)
        (folder / "crates" / crate / "Cargo.toml").write_text(f'[package]\nname = "{crate}"\n[dependencies]\n{lines}\n')
        for path, text in ({**UNITS, **(units or {})} if crate == "units" else {"lib.rs": ""}).items():
            (folder / "crates" / crate / "src" / path).parent.mkdir(exist_ok=True)
            (folder / "crates" / crate / "src" / path).write_text(text)
    return folder


def test_what_goes_down_is_no_breach(tmp_path: Path) -> None:
    assert crate_floors.breaches(workspace(tmp_path)) == []


@pytest.mark.parametrize(
    ("crate", "line", "said"),
    [
        ("units", 'hub = { path = "../hub" }', "crates/units: may not depend on hub, which does not stand below it"),
        ("hub", 'session = { path = "../session" }', "crates/hub: may not depend on session, which does not stand below it"),
        (
            "hub",
            '[dev-dependencies]\nbinding = { path = "../binding" }',
            "crates/hub: may not depend on binding, which does not stand",
        ),
        ("hub", '[target."cfg(unix)".dependencies]\nbinding = { path = "../binding" }', "crates/hub: may not depend on binding"),
        ("hub", 'pyo3 = "0.29"', "crates/hub: only binding knows Python"),
        ("other", "", "crates/other: stands on no floor"),
    ],
)
def test_a_planted_dependency_fails(tmp_path: Path, crate: str, line: str, said: str) -> None:
    (found,) = crate_floors.breaches(workspace(tmp_path, depends={crate: line}))
    assert said in found


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("line.rs", "use crate::front::Door;", "line may not use front"),
        ("line.rs", "use crate::{Limit, worker::{Ask, Mail}, ticket::Ticket};", "line may not use worker"),
        ("line.rs", "use super::ticket;", "line may not use ticket"),
        ("line.rs", "fn f() -> crate::viewer::Viewer { todo!() }", "line may not use viewer"),
        ("line.rs", "use crate::Door;", "line may not use front"),
        ("line.rs", "use crate::*;", "name what is used of the crate"),
        ("line/inner.rs", "use super::super::front::Door;", "line may not use front"),
        ("ticket.rs", "use std::fs::File;", "std::fs: this crate takes values in and gives values out"),
        ("ticket.rs", "fn now() -> Instant { Instant::now() }", "Instant::now"),
        ("new.rs", "", "units: module new stands on no floor"),
    ],
)
def test_a_planted_use_fails(tmp_path: Path, path: str, text: str, said: str) -> None:
    found = crate_floors.breaches(workspace(tmp_path, units={path: text}))
    assert any(said in one for one in found)


def test_a_use_planted_in_the_product_is_found() -> None:
    root = Path(__file__).parents[2]
    said = tomllib.loads((root / "Cargo.toml").read_text("utf-8"))["workspace"]["metadata"]["floors"]["modules"]["elementary"]
    texts = {path.name: path.read_text("utf-8") for path in (root / "crates/elementary/src").glob("*.rs")}
    assert list(crate_floors.module_breaches("elementary", texts, crate_floors.floor_of(said))) == []
    texts["bits.rs"] = f"use crate::ParameterSets;\n{texts['bits.rs']}"
    assert list(crate_floors.module_breaches("elementary", texts, crate_floors.floor_of(said))) == [
        "crates/elementary/src/bits.rs: bits may not use video_parameters, which does not stand below it"
    ]

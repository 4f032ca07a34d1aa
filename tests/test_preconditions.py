"""`scripts/preconditions`: what is missing or too old is named with the way to get it. Only the programs it finds are made up."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOUND = {
    "python3": "Python 3.11.2",
    "cc": "cc 12",
    "c++": "c++ 12",
    "cargo": "cargo 1.95.0 (f2d3ce0bd 2026-03-21)",
    "node": "v20.19.0",
    "npm": "10.8.2",
}


def checked(folder: Path, **changed: str | None) -> subprocess.CompletedProcess[str]:
    """The script with only these programs on its PATH, each telling its version; None: not there."""
    for name, version in {**FOUND, **changed}.items():
        if version is not None:
            program = folder / name
            program.write_text(f"#!{shutil.which('bash')}\n[ \"$1\" = --version ] && echo '{version}'\nexit 0\n", encoding="utf-8")
            program.chmod(0o755)
    dirname = folder / "dirname"
    dirname.symlink_to(str(shutil.which("dirname")))
    command = [str(shutil.which("bash")), str(ROOT / "scripts" / "preconditions")]
    return subprocess.run(command, env={"PATH": str(folder)}, capture_output=True, text=True, timeout=30, check=False)


def test_all_there_and_new_enough_is_silent(tmp_path: Path) -> None:
    ended = checked(tmp_path)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("program", "named", "remedy"),
    [
        ("python3", "Python 3.11+", "apt install python3"),
        ("cc", "C compiler", "build-essential"),
        ("c++", "C++ compiler", "build-essential"),
        ("cargo", "cargo (Rust 1.88+)", "rustup.rs"),
        ("node", "Node.js ^20.19.0 || >=22.12.0", "nodejs.org"),
        ("npm", "with npm", "nodejs.org"),
    ],
)
def test_a_missing_program_is_named_with_the_way_to_get_it(tmp_path: Path, program: str, named: str, remedy: str) -> None:
    ended = checked(tmp_path, **{program: None})
    assert ended.returncode == 1
    assert "缺少 Missing" in ended.stderr and named in ended.stderr and remedy in ended.stderr


@pytest.mark.parametrize(
    ("program", "version"),
    [
        ("python3", "Python 3.9.18"),
        ("python3", "Python 3.10.20"),
        ("cargo", "cargo 1.87.9"),
        ("cargo", "cargo 1.9.0"),
        ("node", "v18.20.4"),
        ("node", "v20.18.9"),
        ("node", "v21.7.3"),
        ("node", "v22.11.0"),
    ],
)
def test_an_old_program_is_named_with_what_was_found_and_what_is_wanted(tmp_path: Path, program: str, version: str) -> None:
    ended = checked(tmp_path, **{program: version})
    assert ended.returncode == 1
    assert "版本过低 Too old" in ended.stderr and "Remedy" in ended.stderr
    assert version.split()[-1].removeprefix("v") in ended.stderr


@pytest.mark.parametrize(
    ("program", "version"),
    [
        ("python3", "Python 3.14.0rc1"),
        ("cargo", "cargo 1.88.0"),
        ("cargo", "cargo 2.0.0-nightly"),
        ("node", "v22.12.0"),
        ("node", "v24.1.0"),
    ],
)
def test_a_newer_program_passes(tmp_path: Path, program: str, version: str) -> None:
    ended = checked(tmp_path, **{program: version})
    assert ended.returncode == 0, ended.stderr

"""Each way in which PostgreSQL cannot be used is a sentence that says what to do: when a node starts and in `fengsui check`."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from fengsui.errors import StorageFault
from fengsui.store import Store
from fengsui.store.faults import storage_fault
from tests.commands import fengsui
from tests.node.test_storage_faults import write_config
from tests.ports import free_port

PASSWORD = "right-password"


@pytest.fixture(scope="module")
def guarded() -> Iterator[int]:
    """The port of a PostgreSQL that asks for passwords: user `fengsui`, its own database `fengsui`, and `theirs`, not its own."""
    binaries = max(Path("/usr/lib/postgresql").glob("*/bin"))
    folder = Path(tempfile.mkdtemp(prefix="fengsui-postgresql-guarded-"))
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    (folder / "password").write_text("superuser-password", encoding="utf-8")
    if prefix:
        for path in (folder, folder / "password"):
            shutil.chown(path, "postgres")
    port, base = free_port(), folder / "db"
    made = [*prefix, binaries / "initdb", "-D", base, "-A", "scram-sha-256", "-U", "postgres", f"--pwfile={folder / 'password'}"]
    subprocess.run(made, check=True, capture_output=True)
    control = [*prefix, binaries / "pg_ctl", "-D", base]
    options = f"-p {port} -h 127.0.0.1 -k {folder} -c fsync=off"
    subprocess.run([*control, "-o", options, "-w", "-l", folder / "log", "start"], check=True, stdout=subprocess.DEVNULL)
    for statement in (
        f"CREATE ROLE fengsui LOGIN PASSWORD '{PASSWORD}'",
        "CREATE DATABASE fengsui OWNER fengsui",
        "CREATE DATABASE theirs",
    ):
        psql = [binaries / "psql", "-h", "127.0.0.1", "-p", str(port), "-U", "postgres", "-c", statement, "postgres"]
        subprocess.run(psql, check=True, capture_output=True, env={**os.environ, "PGPASSWORD": "superuser-password"})
    yield port
    subprocess.run([*control, "-m", "immediate", "stop"], check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(folder, ignore_errors=True)


def told(folder: Path, url: str) -> str:
    """What `run` and `check` say of this store; they fail alike, without a traceback and without the password."""
    config, _ = write_config(folder, f'[store]\nurl = "{url}"\n')
    texts = []
    for command in ("run", "check"):
        found = fengsui(command, "--config", str(config), "--data", str(folder / "data"))
        both = found.stdout + found.stderr
        assert found.returncode == 1 and "Traceback" not in both, both
        password = make_url(url).password
        assert password is None or str(password) not in both, "a sentence holds the password"
        texts.append("".join(found.stdout.split()))
    remedies = [[part for part in text.split("→") if "[store]url" in part or "ALTERDATABASE" in part] for text in texts]
    assert remedies[0] and remedies[1], texts
    return texts[0]


@pytest.mark.postgres
def test_a_wrong_password(guarded: int, tmp_path: Path) -> None:
    said = told(tmp_path, f"postgresql://fengsui:wr0ng-one@127.0.0.1:{guarded}/fengsui")
    assert "用户fengsui的密码不对" in said and "Thepasswordofuserfengsuiiswrong" in said, said


@pytest.mark.postgres
def test_a_wrong_user(guarded: int, tmp_path: Path) -> None:
    said = told(tmp_path, f"postgresql://nobody:{PASSWORD}@127.0.0.1:{guarded}/fengsui")
    assert "nobody" in said and "[store]url" in said, said


@pytest.mark.postgres
def test_a_wrong_database_name(guarded: int, tmp_path: Path) -> None:
    said = told(tmp_path, f"postgresql://fengsui:{PASSWORD}@127.0.0.1:{guarded}/fengsiu")
    assert 'createdb-O"fengsui""fengsiu"' in said, said


@pytest.mark.postgres
async def test_a_database_of_somebody_else(guarded: int) -> None:
    with pytest.raises(StorageFault) as fault:
        await Store.open(f"postgresql://fengsui:{PASSWORD}@127.0.0.1:{guarded}/theirs")
    assert 'ALTER DATABASE "theirs" OWNER TO "fengsui"' in str(fault.value.facts["remedy_en"])


@pytest.mark.postgres
async def test_a_server_without_tls(guarded: int) -> None:
    with pytest.raises(StorageFault) as fault:
        await Store.open(f"postgresql://fengsui:{PASSWORD}@127.0.0.1:{guarded}/fengsui?sslmode=require")
    assert "sslmode" in str(fault.value.facts["remedy_en"]), fault.value.facts


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    port = free_port()
    said = told(tmp_path, f"postgresql://fengsui:{PASSWORD}@127.0.0.1:{port}/fengsui")
    assert f"127.0.0.1:{port}cannotbereached" in said and "listen_addresses" in said, said


def test_a_host_that_nobody_knows(tmp_path: Path) -> None:
    said = told(tmp_path, f"postgresql://fengsui:{PASSWORD}@no-such-host.invalid/fengsui")
    assert "查不到主机名no-such-host.invalid" in said, said


@contextlib.contextmanager
def silent_server() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_server_that_never_answers(tmp_path: Path) -> None:
    with silent_server() as port:
        said = told(tmp_path, f"postgresql://fengsui:{PASSWORD}@127.0.0.1:{port}/fengsui")
    assert "noanswerwithin" in said and f"127.0.0.1:{port}cannotbereached" in said, said


@pytest.mark.parametrize(
    "url", ["mysql://somewhere/fengsui", "fengsui.db", "postgresql://user:pass word@host:port/x", "postgresql://host"]
)
def test_an_address_of_another_shape_names_the_line(tmp_path: Path, url: str) -> None:
    config, _ = write_config(tmp_path, f'[store]\nurl = "{url}"\n')
    lines = config.read_text(encoding="utf-8").splitlines()
    for command in ("run", "check"):
        found = fengsui(command, "--config", str(config), "--data", str(tmp_path / "data"))
        assert found.returncode == 1 and "Traceback" not in found.stderr, found.stderr
        said = "".join(found.stdout.split())
        assert f"line{len(lines)}" in said and "store.url" in said and "postgresql://user:password@host:5432/database" in said, said


def test_a_sentence_is_made_of_any_error() -> None:
    for error in (OSError(), RuntimeError("full of {braces}"), TimeoutError()):
        fault = storage_fault(error, make_url("postgresql+asyncpg://a:b@h/d"))
        assert fault.text_zh and fault.remedy_zh.format(**fault.facts) and fault.remedy_en.format(**fault.facts)

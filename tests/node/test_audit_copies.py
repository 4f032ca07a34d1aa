"""Checkpoints in other places: folders, and a bucket with Object Lock on an S3 server of its own process."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner

from fengsui.bucket import BucketSection
from fengsui.cli.commands import app
from fengsui.errors import WrongSettings
from fengsui.features.audit.acts import Act
from fengsui.features.audit.checkpoints import Signer
from fengsui.features.audit.copies import LATE_S
from fengsui.features.audit.folder import KEY_FILE, checkpoint_files, segments
from fengsui.features.audit.model import Stranger
from fengsui.features.audit.places import BucketPlace, CopyDiffers, FolderPlace, place_of
from fengsui.features.audit.verification import Fault, verify
from fengsui.settings import NodeSettings
from tests.node.conftest import RunningNode, free_port, running_node, settings_for, until
from tests.node.test_audit_chain import NODE, SEED, fill, new_log
from tests.s3_server import KEY, SECRET, Server, section_of


@pytest.fixture(scope="module")
def s3() -> Iterator[Server]:
    """A running server."""
    server = Server(free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture
def section(s3: Server, tmp_path: Path) -> BucketSection:
    """How the node reaches it."""
    return section_of(s3, tmp_path)


def fetched(place: BucketPlace, into: Path) -> Path:
    """What is there, in a folder that stays."""
    with place.as_folder() as folder:
        shutil.copytree(folder, into)
    return into


def test_a_bucket_holds_every_checkpoint_and_what_is_new_is_added(s3: Server, section: BucketSection, tmp_path: Path) -> None:
    s3.bucket("growing")
    log = new_log(tmp_path / "log", segment_bytes=20_000)
    place = place_of("s3://growing/audit", NODE, section)
    assert isinstance(place, BucketPlace)
    for _ in range(4):
        fill(log, 60)
        assert place.lacking(log.folder) > 0
        place.push(log.folder)
        assert place.lacking(log.folder) == 0
    log.close()
    place_of("s3://growing/audit", NODE, section).push(log.folder)  # after a restart it goes on where it was
    folder = fetched(place, tmp_path / "copy")
    mine = {path.name: path.read_bytes() for path in checkpoint_files(log.folder)}
    assert {path.name: path.read_bytes() for path in checkpoint_files(folder)} == mine and len(mine) > 2
    keys = [one["Key"] for one in s3.client().list_objects_v2(Bucket="growing")["Contents"]]
    assert f"audit/{NODE}/{KEY_FILE}" in keys and len(keys) > 4
    assert place.locked_until() > "2027"


def test_what_is_in_the_bucket_cannot_be_removed_and_shows_a_cut_tail(s3: Server, section: BucketSection, tmp_path: Path) -> None:
    s3.bucket("locked")
    log = new_log(tmp_path / "log", segment_bytes=20_000)
    fill(log, 200)
    log.close()
    place = place_of("s3://locked", NODE, section)
    assert isinstance(place, BucketPlace)
    place.push(log.folder)
    for one in s3.client().list_object_versions(Bucket="locked")["Versions"]:
        with pytest.raises(ClientError, match="AccessDenied"):
            s3.client().delete_object(Bucket="locked", Key=one["Key"], VersionId=one["VersionId"])
    last = segments(log.folder)[-1]
    last.path.unlink()
    last.checkpoints.unlink()
    key = Signer(SEED).public
    assert verify(log.folder, key).fault is None, "alone, a shorter log looks whole"
    verdict = verify(log.folder, key, [fetched(place, tmp_path / "copy")])
    assert (verdict.fault, verdict.bad) == (Fault.MISSING, last.first)
    with pytest.raises(CopyDiffers):
        place_of("s3://locked", NODE, section).push(log.folder)  # a node that starts with a cut log is told


def test_what_is_hidden_by_a_marker_is_pushed_again(s3: Server, section: BucketSection, tmp_path: Path) -> None:
    s3.bucket("hidden")
    log = new_log(tmp_path / "log")
    place = place_of("s3://hidden", NODE, section)
    for _ in range(3):
        fill(log, 60)
        place.push(log.folder)
    log.close()
    place.push(log.folder)
    objects = [one["Key"] for one in s3.client().list_objects_v2(Bucket="hidden")["Contents"] if one["Key"].endswith("points")]
    assert len(objects) >= 3
    s3.client().delete_object(Bucket="hidden", Key=objects[1])
    assert place.lacking(log.folder) > 0
    again = place_of("s3://hidden", NODE, section)
    again.push(log.folder)
    assert again.lacking(log.folder) == 0
    assert isinstance(again, BucketPlace)
    (whole,) = checkpoint_files(fetched(again, tmp_path / "copy"))
    assert whole.read_bytes() == checkpoint_files(log.folder)[0].read_bytes()


def test_an_object_put_over_ours_is_told(s3: Server, section: BucketSection, tmp_path: Path) -> None:
    s3.bucket("changed", lock=False)
    log = new_log(tmp_path / "log")
    fill(log, 30)
    log.close()
    place = place_of("s3://changed/x", NODE, section)
    place.push(log.folder)
    assert isinstance(place, BucketPlace) and place.locked_until() == "", "a bucket without a lock is told from one with it"
    client = s3.client()
    key = next(one["Key"] for one in client.list_objects_v2(Bucket="changed")["Contents"] if one["Key"].endswith(".checkpoints"))
    octets = client.get_object(Bucket="changed", Key=key)["Body"].read()
    client.put_object(Bucket="changed", Key=key, Body=b"0" + octets[1:])
    with pytest.raises(CopyDiffers):
        place_of("s3://changed/x", NODE, section).push(log.folder)
    verdict = verify(log.folder, Signer(SEED).public, [fetched(place, tmp_path / "copy")])
    assert verdict.fault is Fault.FORGED


def test_a_server_that_is_away_and_a_bucket_that_is_none_are_errors_of_the_place(section: BucketSection, tmp_path: Path) -> None:
    log = new_log(tmp_path / "log")
    fill(log, 30)
    log.close()
    away = section.model_copy(update={"endpoint": f"http://127.0.0.1:{free_port()}"})
    with pytest.raises(OSError, match="s3://growing"):
        place_of("s3://growing", NODE, away).push(log.folder)
    with pytest.raises(OSError, match=r"NoSuchBucket|404"):
        place_of("s3://no-such-bucket", NODE, section).push(log.folder)


def test_a_key_file_of_everybody_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("a\nb\n")
    path.chmod(0o644)
    with pytest.raises(WrongSettings, match="open to other users"):
        place_of("s3://x", NODE, BucketSection(key_file=str(path)))
    path.chmod(0o600)
    path.write_text("only-one\n")
    with pytest.raises(WrongSettings, match="two lines"):
        place_of("s3://x", NODE, BucketSection(key_file=str(path)))
    with pytest.raises(WrongSettings):
        place_of("s3://x", NODE, BucketSection(key_file=str(tmp_path / "none")))


def test_a_folder_tells_what_it_lacks(tmp_path: Path) -> None:
    log = new_log(tmp_path / "log")
    fill(log, 30)
    place = FolderPlace(tmp_path / "copy")
    assert place.lacking(log.folder) == log_size(tmp_path / "log")
    place.push(log.folder)
    assert place.lacking(log.folder) == 0
    log.close()


def log_size(folder: Path) -> int:
    """Octets of its checkpoints."""
    return sum(path.stat().st_size for path in checkpoint_files(folder))


async def test_a_push_that_fails_is_shown_everywhere_and_made_up_later(tmp_path: Path) -> None:
    server = Server(free_port())
    key_file = tmp_path / "key"
    key_file.write_text(f"{KEY}\n{SECRET}\n")
    key_file.chmod(0o600)
    audit = {"copies": ["s3://late"], "bucket": {"endpoint": server.url, "key_file": str(key_file)}}
    settings = NodeSettings.model_validate({**settings_for().model_dump(), "audit": audit})
    try:
        async with running_node(tmp_path, settings) as node:
            copies = node.node.audit.copies
            await until(lambda: copies.states[0].what, what="the first push fails")
            copies._complete_s[copies.states[0].place] -= LATE_S  # two minutes pass
            await until(lambda: copies.states[0].late, what="it is late")
            assert (await node.get("/node"))["late_copies"] == 1
            text = await metrics(node)
            assert "fengsui_audit_copy_failures_total{" in text and not age_of(text) < LATE_S
            assert (await node.client.get("/users")).status_code == 200, "nothing waits for the other place"
            server.start()
            server.bucket("late")
            await until(lambda: not copies.states[0].late, what="it is made up for")
            assert (await node.get("/node"))["late_copies"] == 0
            assert age_of(await metrics(node)) == 0.0
            await node.node.audit.record(Stranger("", ""), Act.NODE_START)
            await node.node.audit.signed()
            copies.grown()
            place = copies._places[0]
            await until(lambda: place.lacking(node.node.audit.files.folder) == 0, what="the new checkpoint is there too")
    finally:
        server.stop()


async def metrics(node: RunningNode) -> str:
    """What Prometheus reads."""
    return (await node.client.get(httpx.URL(str(node.client.base_url)).copy_with(path="/metrics"))).text


def age_of(text: str) -> float:
    """The metric of the only place in a bucket."""
    (line,) = [line for line in text.splitlines() if line.startswith("fengsui_audit_copy_age_seconds") and "s3://" in line]
    return float(line.rsplit(" ", 1)[1])


def test_the_check_tells_of_a_copy_that_lacks_something_is_away_or_locks_nothing(
    s3: Server, section: BucketSection, tmp_path: Path
) -> None:
    s3.bucket("checked")
    s3.bucket("unlocked", lock=False)
    data = tmp_path / "data"
    (data / "secrets").mkdir(parents=True, mode=0o700)
    (data / "secrets" / "audit-checkpoints").write_text(SEED.hex())
    (data / "secrets" / "audit-checkpoints").chmod(0o600)
    log = new_log(data / "audit")
    fill(log, 30)
    log.close()
    config = tmp_path / "node.toml"

    def check(place: str, endpoint: str = s3.url) -> str:
        config.write_text(
            f'[audit]\ncopies = ["{place}"]\n[audit.bucket]\nendpoint = "{endpoint}"\nkey_file = "{section.key_file}"\n'
        )
        return CliRunner().invoke(app, ["check", "--config", str(config), "--data", str(data)]).output

    assert "lacks" in check("s3://checked")
    place_of("s3://checked", NODE, section).push(log.folder)
    assert "complete: s3://checked" in check("s3://checked")
    place_of("s3://unlocked", NODE, section).push(log.folder)
    assert "locks nothing" in check("s3://unlocked")
    assert "cannot be reached" in check("s3://checked", f"http://127.0.0.1:{free_port()}")


def test_the_command_takes_a_bucket_as_copy(
    s3: Server, section: BucketSection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3.bucket("command")
    log = new_log(tmp_path / "log", segment_bytes=20_000)
    fill(log, 100)
    log.close()
    place_of("s3://command", NODE, section).push(log.folder)
    for name, value in (("ACCESS_KEY_ID", KEY), ("SECRET_ACCESS_KEY", SECRET), ("ENDPOINT_URL", s3.url)):
        monkeypatch.setenv(f"AWS_{name}", value)
    key = tmp_path / "log" / KEY_FILE
    command = ["audit", "verify", str(tmp_path / "log"), "--key", str(key), "--copy", f"s3://command/{NODE}"]
    assert CliRunner().invoke(app, command).exit_code == 0
    last = segments(log.folder)[-1]
    last.path.unlink()
    last.checkpoints.unlink()
    cut = CliRunner().invoke(app, command)
    assert cut.exit_code == 1 and f"First bad record: {last.first}" in cut.output

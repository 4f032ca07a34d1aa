"""An S3 server of a registry's package, for the tests."""

from __future__ import annotations

import atexit
import contextlib
import functools
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from fengsui.bucket import BucketSection
from tests.ports import free_port

KEY, SECRET = "auditor", "a-secret-of-the-test"


@dataclass
class Server:
    """An S3 server that can be stopped and started again (it forgets everything)."""

    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), urllib.request.urlopen(self.url, timeout=2):
                return
        pytest.fail("the S3 server does not answer")

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def client(self) -> Any:
        return boto3.client(
            "s3",
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
            region_name="us-east-1",
            endpoint_url=self.url,
            config=Config(s3={"addressing_style": "path"}),
        )

    def bucket(self, name: str, *, lock: bool = True) -> None:
        client = self.client()
        client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=lock)
        if lock:
            rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 200}}
            client.put_object_lock_configuration(
                Bucket=name, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
            )


@functools.cache
def _kept() -> Server:
    server = Server(free_port())
    atexit.register(server.stop)
    return server


def emptied() -> Server:
    """A running one without a bucket: the same for all tests of this process, for each takes two seconds to start."""
    server = _kept()
    if server.process is None or server.process.poll() is not None:
        server.start()
    else:
        urllib.request.urlopen(urllib.request.Request(f"{server.url}/moto-api/reset", method="POST"), timeout=20).close()
    return server


def section_of(server: Server, folder: Path) -> BucketSection:
    """How a node reaches it; the key's file lies in `folder`."""
    key_file = folder / "bucket-key"
    key_file.write_text(f"{KEY}\n{SECRET}\n")
    key_file.chmod(0o600)
    return BucketSection(endpoint=server.url, key_file=str(key_file))

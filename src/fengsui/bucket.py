"""S3 buckets: how one is named in the settings, and how it is reached."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fengsui.key_file import two_lines_of
from fengsui.settings_section import Section

SCHEME = "s3://"


class BucketSection(Section):
    """How an S3 bucket is reached; its name stands elsewhere: `s3://bucket/prefix`."""

    endpoint: str = ""
    """`https://storage.example:9000`; empty: Amazon's of the region."""
    region: str = "us-east-1"
    key_file: str = ""
    """Two lines, access key and secret, for the owner's eyes alone; empty: the environment (AWS_ACCESS_KEY_ID …)."""
    virtual_hosted: bool = False
    """The bucket is part of the host's name."""

    @property
    def goes_in_the_clear(self) -> bool:
        """Whether what is sent there can be read on its way: over a network, without encryption."""
        found = urlsplit(self.endpoint)
        return found.scheme == "http" and not _is_here(found.hostname or "")


def _is_here(host: str) -> bool:
    """Whether a name is this machine's own for itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def name_and_prefix(place: str) -> tuple[str, str]:
    """Of `s3://bucket/prefix`."""
    name, _, prefix = place.removeprefix(SCHEME).partition("/")
    return name, prefix.strip("/")


def options_of(section: BucketSection, setting: str) -> dict[str, Any]:
    """For obstore's store; `setting`: the section's name. Raises WrongSettings."""
    options: dict[str, Any] = {"region": section.region, "virtual_hosted_style_request": section.virtual_hosted}
    if section.endpoint:
        options["endpoint"] = section.endpoint
    if section.key_file:
        key, secret = two_lines_of(Path(section.key_file), f"{setting}.key_file", "access key", "secret")
        options |= {"access_key_id": key, "secret_access_key": secret}
    return options

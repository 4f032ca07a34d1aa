"""Whether what goes to a bucket can be read on its way: for `fengsui check`."""

from __future__ import annotations

from collections.abc import Iterator

from fengsui.bucket import SCHEME
from fengsui.cli.findings import Finding, warning
from fengsui.settings import NodeSettings


def buckets(settings: NodeSettings) -> Iterator[Finding]:
    """Those that are used, and are reached over a network without encryption."""
    tier, audit = settings.recording.second_tier, settings.audit
    if tier.place and tier.goes_in_the_clear:
        yield _clear("recording.second_tier", tier.endpoint, "录像", "Footage")
    if any(one.startswith(SCHEME) for one in audit.copies) and audit.bucket.goes_in_the_clear:
        yield _clear("audit.bucket", audit.bucket.endpoint, "审计日志", "The audit log")


def _clear(section: str, endpoint: str, zh: str, en: str) -> Finding:
    return warning(
        f"{zh}以明文 HTTP 传输到存储桶 {endpoint}:途中可被窃听",
        f"{en} goes to the bucket {endpoint} in the clear: it can be overheard on its way",
        f"将 [{section}] endpoint 改为 https://",
        f"Set endpoint of [{section}] to an https:// address",
    )

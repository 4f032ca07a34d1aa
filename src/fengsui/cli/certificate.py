"""What `fengsui check` says of the certificate: until when it is good, for which names, and what to do."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509

from fengsui.certificates import RENEW_BEFORE, CertificateUnusable, OwnAuthority, fingerprint_of, read_certificate
from fengsui.cli.findings import Finding, good, told, warning
from fengsui.settings import NodeSettings, Secrets


def certificate(settings: NodeSettings, folder: Path, names: Iterable[str], now: datetime) -> Iterator[Finding]:
    """`names`: by which the node is reached; `folder`: the data folder."""
    if not settings.http.tls:
        yield _plain(settings)
    elif settings.http.certificate:
        yield from _given(settings, frozenset(names), now)
    else:
        yield from _own(settings, folder, now)


def _plain(settings: NodeSettings) -> Finding:
    hosts = (settings.http.host, settings.media.http_host)
    if all(_loopback(host) for host in hosts) or settings.http.trusted_proxies:
        return good("HTTP 不加密,仅限本机或代理之后", "HTTP in the clear, for this machine or behind a proxy alone")
    return warning(
        "控制台和视频以明文 HTTP 提供:口令和图像可被窃听",
        "Console and pictures go in the clear: passwords and pictures can be overheard",
        "删去 [http] tls = false",
        "Remove tls = false from [http]",
    )


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _given(settings: NodeSettings, names: frozenset[str], now: datetime) -> Iterator[Finding]:
    chain = Path(settings.http.certificate)
    try:
        found = read_certificate(chain, Path(settings.http.key), now)
    except CertificateUnusable as error:
        yield told(error)
        return
    ends = found.leaf.not_valid_after_utc
    if ends - now < RENEW_BEFORE:
        yield warning(
            f"证书将于 {ends:%Y-%m-%d} 到期,还剩 {(ends - now).days} 天",
            f"The certificate ends on {ends:%Y-%m-%d}, in {(ends - now).days} days",
            "换上新证书(同一文件名,无需重启)",
            "Put a new one in its place; no restart is needed",
        )
    else:
        yield good(f"证书有效至 {ends:%Y-%m-%d}", f"certificate good until {ends:%Y-%m-%d}")
    missing = sorted(frozenset(settings.http.names) - found.names)
    if missing or not names & found.names:
        shown = ", ".join(missing or sorted(names)[:6])
        has = ", ".join(sorted(found.names)) or "-"
        yield warning(
            f"证书不含本节点的名称或地址:{shown};证书中有:{has}",
            f"The certificate is not for the node's names or addresses: {shown}; it has: {has}",
            "申请含这些名称的证书,否则浏览器会警告",
            "Ask for one with these names, else browsers warn",
        )


def _own(settings: NodeSettings, folder: Path, now: datetime) -> Iterator[Finding]:
    authority = OwnAuthority(folder, Secrets(folder), settings.node.code)
    found = authority.stored()
    if found is None or not authority.ca_path.exists():
        yield good("节点 CA 和证书将在首次启动时建立", "CA and certificate: will be made at the first start")
        return
    ends = found.leaf.not_valid_after_utc
    if now >= ends or now < found.leaf.not_valid_before_utc:
        yield warning(
            f"节点证书的有效期为 {found.leaf.not_valid_before_utc:%Y-%m-%d} 至 {ends:%Y-%m-%d}",
            f"The node's certificate is good from {found.leaf.not_valid_before_utc:%Y-%m-%d} to {ends:%Y-%m-%d}",
            "启动节点即自动更新;请核对本机时钟",
            "It is renewed when the node starts; see whether the clock is right",
        )
    else:
        yield good(f"节点证书有效至 {ends:%Y-%m-%d},到期前自动更新", f"certificate good until {ends:%Y-%m-%d}, renewed by itself")
    pem = authority.ca_path.read_text(encoding="ascii")
    ca_ends = x509.load_pem_x509_certificate(pem.encode()).not_valid_after_utc
    printed = fingerprint_of(pem)
    zh, en = f"CA 有效至 {ca_ends:%Y-%m-%d},SHA-256 {printed}", f"CA good until {ca_ends:%Y-%m-%d}, SHA-256 {printed}"
    if ca_ends - now < timedelta(days=180):
        yield warning(
            zh,
            en,
            "CA 到期前 30 天会自动新建,届时各工作站须重新导入 /ca.pem",
            "A new CA is made 30 days before; workstations must then import /ca.pem anew",
        )
    else:
        yield good(zh, en)

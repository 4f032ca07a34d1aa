"""A certificate with its key: as files hold it, and what is wrong with one that is given."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from fengsui.errors import NodeFault


class CertificateUnusable(NodeFault):
    """The certificate or its key cannot be used."""

    code = "tls.certificate"
    zh = "证书不可用:{zh}"
    en = "The certificate cannot be used: {en}"
    remedy_zh = "{do_zh}"
    remedy_en = "{do_en}"


@dataclass(frozen=True, slots=True)
class Certificate:
    """A chain with its key, leaf first."""

    chain: Path
    key: Path
    chain_pem: str
    key_pem: str
    leaf: x509.Certificate

    @property
    def names(self) -> frozenset[str]:
        """DNS names and addresses it is for."""
        return names_of(self.leaf)

    def days_left(self, now: datetime) -> float:
        """Until it ends; negative afterwards."""
        return (self.leaf.not_valid_after_utc - now) / timedelta(days=1)


def names_of(leaf: x509.Certificate) -> frozenset[str]:
    """The subject's alternative names as text."""
    try:
        found = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return frozenset()
    names = found.get_values_for_type(x509.DNSName)
    return frozenset((*names, *map(str, found.get_values_for_type(x509.IPAddress))))


def fingerprint_of(pem: str) -> str:
    """SHA-256 of the first certificate, in pairs of digits, as browsers show it."""
    octets = x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)
    return hashlib.sha256(octets).digest().hex(":").upper()


def read_certificate(chain: Path, key: Path, now: datetime) -> Certificate:
    """A given certificate that can be used now. Raises CertificateUnusable with the remedy."""
    chain_pem, key_pem = _read(chain), _read(key)
    if key.stat().st_mode & 0o007:
        raise _open_to_all(key)
    try:
        leaf = x509.load_pem_x509_certificate(chain_pem.encode())
    except ValueError as error:
        raise CertificateUnusable(
            zh=f"{chain} 不是 PEM 格式的证书",
            en=f"{chain} is no certificate in PEM",
            do_zh="请给出 PEM 格式的完整证书链,服务器证书在最前",
            do_en="Give the whole chain in PEM, the server's certificate first",
        ) from error
    try:
        private = load_pem_private_key(key_pem.encode(), None)
    except TypeError as error:
        raise CertificateUnusable(
            zh=f"私钥 {key} 带有口令",
            en=f"the key {key} has a passphrase",
            do_zh=f"给出无口令的私钥:openssl pkey -in {key} -out 新文件",
            do_en=f"Give one without: openssl pkey -in {key} -out NEWFILE",
        ) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise CertificateUnusable(
            zh=f"{key} 不是可用的 PEM 私钥",
            en=f"{key} is no usable private key in PEM",
            do_zh="请给出该证书的 PEM 私钥",
            do_en="Give the certificate's private key in PEM",
        ) from error
    whole = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if private.public_key().public_bytes(*whole) != leaf.public_key().public_bytes(*whole):
        raise CertificateUnusable(
            zh=f"私钥 {key} 与证书 {chain} 不匹配",
            en=f"the key {key} does not belong to the certificate {chain}",
            do_zh="请成对给出同一次申请的证书和私钥,服务器证书须在链的最前",
            do_en="Give certificate and key of one request; the server's certificate stands first in the chain",
        )
    _refuse_outdated(chain, leaf, now)
    return Certificate(chain, key, chain_pem, key_pem, leaf)


def _refuse_outdated(chain: Path, leaf: x509.Certificate, now: datetime) -> None:
    ends, begins = leaf.not_valid_after_utc, leaf.not_valid_before_utc
    if now > ends:
        raise CertificateUnusable(
            zh=f"{chain} 已于 {ends:%Y-%m-%d} 过期",
            en=f"{chain} ended on {ends:%Y-%m-%d}",
            do_zh="请换上新证书(同一文件名即可),或删去 [http] certificate、key 改用节点自己的 CA",
            do_en="Put a new one in its place, or remove [http] certificate and key to use the node's own CA",
        )
    if now < begins:
        raise CertificateUnusable(
            zh=f"{chain} 自 {begins:%Y-%m-%d %H:%M} UTC 起才有效",
            en=f"{chain} is valid only from {begins:%Y-%m-%d %H:%M} UTC",
            do_zh="请核对本机时钟,或换上现在有效的证书",
            do_en="See whether this machine's clock is right, or give a certificate that is valid now",
        )


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CertificateUnusable(
            zh=f"{path} 无法读取:{error}",
            en=f"{path} cannot be read: {error}",
            do_zh="检查 [http] certificate、key 的路径,并让运行本程序的用户可以读取",
            do_en="See whether the paths in [http] certificate and key are right and the user who runs this may read them",
        ) from error


def _open_to_all(key: Path) -> CertificateUnusable:
    return CertificateUnusable(
        zh=f"私钥 {key} 可被本机所有用户访问",
        en=f"the key {key} is open to every user of this machine",
        do_zh=f"执行 chmod o= {key};它可能已泄露,请考虑更换",
        do_en=f"Run chmod o= {key}; it may have leaked: think of a new one",
    )

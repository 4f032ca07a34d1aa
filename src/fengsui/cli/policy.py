"""`fengsui policy …`: for publishers of policy packs, and for whoever wants to prove one. Needs no node."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from rich.console import Console

from fengsui.errors import FengsuiError
from fengsui.features.policy import (
    PACK_HEAD,
    PACK_SUFFIX,
    Envelope,
    Pack,
    key_id,
    pack_entries,
    private_key,
    public_key,
    read_document,
    sign_document,
    trusted_in,
    verify_document,
)

policy = typer.Typer(help="策略包 Policy packs", no_args_is_help=True)
out = Console(highlight=False, emoji=False)
PackFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="策略包 pack")]
PrivateKey = Annotated[Path, typer.Option("--key", exists=True, dir_okay=False, help="私钥 PEM private key")]


def _fail(error: Exception) -> typer.Exit:
    if isinstance(error, FengsuiError):
        out.print(f"✗ {error.text_zh}\n  {error.text_en}", markup=False, soft_wrap=True)
    else:
        out.print(f"✗ {error}", markup=False, soft_wrap=True)
    return typer.Exit(1)


@policy.command(name="key")
def make_key(path: Annotated[Path, typer.Argument(help="新私钥文件 file for the new private key")]) -> None:
    """生成发布者密钥 Make a publisher's key: the private half at PATH, the public half at PATH with `.pub.pem`."""
    key = Ed25519PrivateKey.generate()
    try:
        path.touch(mode=0o600, exist_ok=False)
        path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        public = path.with_name(path.name + ".pub.pem")
        public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    except OSError as error:
        raise _fail(error) from error
    out.print(f"✓ {key_id(key.public_key())}: {public}", markup=False, soft_wrap=True)


@policy.command(name="sign")
def sign_pack(
    document: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="TOML 文件 document")],
    key: PrivateKey,
    target: Annotated[Path | None, typer.Option("--out", help="签名后的文件 signed file")] = None,
) -> None:
    """检查并签名 Check a document and sign it."""
    to = target or document.with_suffix(PACK_SUFFIX)
    try:
        to.write_bytes(sign_document(document.read_bytes(), private_key(key.read_bytes())))
    except (FengsuiError, OSError, ValueError, TypeError) as error:
        raise _fail(error) from error
    out.print(f"✓ {to}", markup=False, soft_wrap=True)


@policy.command(name="verify")
def verify_pack(
    file: PackFile,
    key: Annotated[Path, typer.Option("--key", exists=True, help="公钥 PEM 或其目录 public key, or a folder of them")],
) -> None:
    """离线验证签名 Prove a pack's signature offline; 1 when it does not hold."""
    try:
        known = public_key(key.read_bytes()) if key.is_file() else None
        trusted = {key_id(known): known} if known is not None else trusted_in(key)
        signed = verify_document(file.read_bytes(), trusted)
    except (FengsuiError, OSError, ValueError) as error:
        raise _fail(error) from error
    pack = signed.pack
    out.print(f"✓ {pack.label}, {pack.publisher}, 密钥 key {signed.key}\n  SHA-256 {signed.digest}", markup=False, soft_wrap=True)


@policy.command(name="show")
def show_pack(file: PackFile) -> None:
    """逐项显示内容(不验证签名) Show every field, signed or not; proves no signature."""
    try:
        octets = file.read_bytes()
        signed = octets.startswith(PACK_HEAD)
        _show(read_document(Envelope.parse(octets).document if signed else octets))
    except (FengsuiError, OSError) as error:
        raise _fail(error) from error
    if not signed:
        out.print("! 尚未签名 not signed", markup=False)


def _show(pack: Pack) -> None:
    for one in pack_entries(pack):
        zh, en = one.value
        value = zh if zh == en else f"{zh} / {en}"
        out.print(f"{one.path}: {value.replace(chr(10), '; ')}", markup=False, soft_wrap=True)

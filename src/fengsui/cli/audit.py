"""`fengsui audit …`: proves a log or an extract offline. Needs the files and the public key, no node and no database."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from fengsui.bucket import BucketSection
from fengsui.cli.neighbours import reached_places, say, say_neighbours
from fengsui.errors import FengsuiError
from fengsui.features.audit import (
    BucketPlace,
    CopyDiffers,
    Fault,
    Place,
    Signer,
    Verdict,
    copy_folder,
    end_of,
    fingerprint,
    public_key,
    verify,
    verify_extract,
)
from fengsui.settings import NodeSettings, Secrets

audit = typer.Typer(help="审计日志 The audit log", no_args_is_help=True)
FAULTS = {
    Fault.CHANGED: ("内容被修改", "its content was changed"),
    Fault.MISSING: ("缺失、被移动或被替换", "it is missing, was moved, or another one was put in its place"),
    Fault.UNSIGNED: ("没有签名检查点覆盖", "no signed checkpoint speaks for it"),
    Fault.FORGED: ("签名检查点无效", "its signed checkpoint is not valid"),
}


@audit.command(name="verify")
def verify_log(
    path: Annotated[Path, typer.Argument(exists=True, help="日志目录或摘录文件 folder of the log, or file of an extract")],
    key: Annotated[Path, typer.Option("--key", exists=True, dir_okay=False, help="公钥 PEM public key")],
    copy: Annotated[
        list[str] | None,
        typer.Option(
            "--copy",
            help="检查点副本:目录、文件或 s3://桶/前缀/节点编码 pushed checkpoints: a folder, a file, or s3://bucket/prefix/code",
        ),
    ] = None,
) -> None:
    """离线验证审计日志 Prove an audit log offline; 1 when it is not intact."""
    try:
        known = public_key(key.read_bytes())
        if path.is_file():
            found = verify_extract(path, known)
            told = _say(found.fault, found.bad, f"{found.records:,} 条记录 records, 节点 node {found.node}")
        else:
            with ExitStack() as fetched:
                places = [fetched.enter_context(copy_folder(one, BucketSection())) for one in copy or ()]
                told = say_verdict(verify(path, known, places))
    except (OSError, ValueError) as error:
        say(f"✗ {error}")
        raise typer.Exit(2) from error
    say(f"  公钥 public key: {fingerprint(known)}")
    raise typer.Exit(0 if told else 1)


def say_verdict(verdict: Verdict) -> bool:
    """Prints it; whether the log is intact."""
    what = f"记录 records {verdict.first:,}–{verdict.last:,}, 检查点 checkpoints {verdict.checkpoints:,}"
    if verdict.unsigned:
        what += f", 尚未签名 not signed yet {verdict.unsigned:,}"
    whole = _say(verdict.fault, verdict.bad, what)
    if verdict.unsigned:
        say("  尚未签名的记录只有本节点能证明(fengsui check)\n  Only the node itself proves what is not signed yet (fengsui check)")
    if verdict.unproved:
        where = ", ".join(map(str, verdict.unproved[:10]))
        say(f"! 节点启动时发现并剔除过非本节点写入的记录,见记录 {where}")
        say(f"  Starting, the node found records that it had not written and set them aside: see record {where}")
    return whole


def _say(fault: Fault | None, bad: int, what: str) -> bool:
    if fault is None:
        say(f"✓ 审计日志完整 The audit log is intact: {what}")
        return True
    zh, en = FAULTS[fault]
    say(f"✗ 第一条有问题的记录 First bad record: {bad}")
    say(f"  {zh}\n  {en}\n  {what}")
    return False


def check_audit(settings: NodeSettings, data: Path) -> bool:
    """Part of `fengsui check`: prints the public key, proves the log by its checkpoints and copies, and what is kept of others."""
    signer = Signer(Secrets(data).key("audit-checkpoints"))
    say(f"审计公钥 Public key of the audit log ({signer.fingerprint}):")
    say(signer.public_pem.decode().strip())
    folder = settings.audit.folder_in(data)
    with ExitStack() as opened:
        copies = []
        whole = True
        try:
            places = opened.enter_context(reached_places(settings, signer))
        except FengsuiError as error:
            say(f"✗ {error.text_zh}\n  {error.text_en}")
            places, whole = [], False
        if not settings.audit.copies:
            say("! 未配置审计检查点副本 [audit] copies:日志末尾被截断、整个目录被替换时无从发现")
            say("  No other place keeps the audit log's checkpoints ([audit] copies): a log cut short could not be told")
        for place in places:
            try:
                copies.append(opened.enter_context(place.as_folder()))
                whole = _say_copy(place, folder) and whole
            except OSError as error:
                whole = False
                say(f"✗ 检查点副本不可达 {place.name}: {error}")
                say(f"  The copy of the checkpoints at {place.name} cannot be reached")
        whole = say_neighbours(settings, data) and whole
        whole = say_verdict(verify(folder, signer.public, [one for one in copies if one.is_dir()])) and whole
        return _say_end(folder, signer) and whole


def _say_end(folder: Path, signer: Signer) -> bool:
    """Whether every record after the last checkpoint carries the node's seal. Raises OSError."""
    added = [one for one in end_of(folder, signer).odd if b"\n" in one.octets]
    for one in added:
        say(f"✗ 日志末尾有非本节点写入的内容:{one.segment.path.name},记录 {one.after} 之后,{len(one.octets):,} 字节")
        say(f"  The log's end holds what this node did not write: {len(one.octets):,} octets behind record {one.after}")
    return not added


def _say_copy(place: Place, folder: Path) -> bool:
    """Whether everything is there; of a bucket also whether it locks. Raises OSError."""
    try:
        lacking = place.lacking(folder)
    except CopyDiffers as error:
        say(f"✗ 检查点副本 {place.name} 与日志不一致:日志或副本被改动、截断\n  {error}")
        return False
    if lacking:
        say(f"✗ 检查点副本 {place.name} 缺少 {lacking:,} 字节;节点运行时会自动补齐")
        say(f"  The copy of the checkpoints at {place.name} lacks {lacking:,} octets; a running node adds them")
        return False
    if isinstance(place, BucketPlace) and not place.locked_until():
        say(f"! 存储桶 {place.name} 未启用对象锁定(Object Lock);请启用并设置默认保留期")
        say(f"  The bucket {place.name} locks nothing: give it Object Lock and a retention")
    else:
        say(f"✓ 检查点副本完整 The copy of the checkpoints is complete: {place.name}")
    return True

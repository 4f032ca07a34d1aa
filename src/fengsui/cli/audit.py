"""`fengsui audit …`: proves a log or an extract offline. Needs the files and the public key, no node and no database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from fengsui.features.audit.checkpoints import Signer, fingerprint, public_key
from fengsui.features.audit.extract import verify_extract
from fengsui.features.audit.verification import Fault, Verdict, verify
from fengsui.settings import NodeSettings, Secrets

audit = typer.Typer(help="审计日志 The audit log", no_args_is_help=True)
out = Console(highlight=False)
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
        list[Path] | None, typer.Option("--copy", exists=True, help="检查点副本目录 folder of pushed checkpoints")
    ] = None,
) -> None:
    """离线验证审计日志 Prove an audit log offline; 1 when it is not intact."""
    try:
        known = public_key(key.read_bytes())
        if path.is_file():
            found = verify_extract(path, known)
            told = _say(found.fault, found.bad, f"{found.records:,} 条记录 records, 节点 node {found.node}")
        else:
            verdict = verify(path, known, copy or ())
            told = say_verdict(verdict)
    except (OSError, ValueError) as error:
        out.print(f"✗ {error}", markup=False)
        raise typer.Exit(2) from error
    out.print(f"  公钥 public key: {fingerprint(known)}", markup=False)
    raise typer.Exit(0 if told else 1)


def say_verdict(verdict: Verdict) -> bool:
    """Prints it; whether the log is intact."""
    what = f"记录 records {verdict.first:,}–{verdict.last:,}, 检查点 checkpoints {verdict.checkpoints:,}"
    if verdict.unsigned:
        what += f", 尚未签名 not signed yet {verdict.unsigned:,}"
    return _say(verdict.fault, verdict.bad, what)


def _say(fault: Fault | None, bad: int, what: str) -> bool:
    if fault is None:
        out.print(f"✓ 审计日志完整 The audit log is intact: {what}", markup=False)
        return True
    zh, en = FAULTS[fault]
    out.print(f"✗ 第一条有问题的记录 First bad record: {bad}", markup=False)
    out.print(f"  {zh}\n  {en}\n  {what}", markup=False)
    return False


def check_audit(settings: NodeSettings, data: Path) -> bool:
    """Part of `fengsui check`: prints the public key and proves the log against its checkpoints and their copies."""
    signer = Signer(Secrets(data).key("audit-checkpoints"))
    out.print(f"审计公钥 Public key of the audit log ({signer.fingerprint}):", markup=False)
    out.print(signer.public_pem.decode().strip(), markup=False)
    folder = settings.audit.folder_in(data)
    copies = [place for one in settings.audit.copies if (place := Path(one) / settings.node.code).is_dir()]
    return say_verdict(verify(folder, signer.public, copies))

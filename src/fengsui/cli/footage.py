"""`fengsui check --rebuild`, the index of footage made anew from the footage alone; `fengsui restore-footage`, from the bucket."""

from __future__ import annotations

from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from fengsui.cli.neighbours import say
from fengsui.clock import SystemClock
from fengsui.data_folder import holder_of
from fengsui.features.second_tier import Restoring, Tier
from fengsui.media import EngineError, rebuild_footage_index
from fengsui.recording_settings import footage_index_in
from fengsui.settings import NodeSettings

MOST_TOLD = 20


def rebuild_footage(settings: NodeSettings, data: Path) -> bool:
    """Whether every file could be read; prints what was found. The node must not run."""
    folders = [path for path, _, _ in settings.recording.folders_in(data)]
    there = [path for path in folders if path.is_dir()]
    for path in sorted(set(folders) - set(there)):
        say(f"✗ 录像文件夹不存在 {path}:未挂载?其中的录像将不在索引中")
        say(f"  The footage folder {path} is not there (not mounted?): its footage will not be in the index")
    clock = SystemClock()
    began_s = clock.monotonic_s()
    try:
        found = rebuild_footage_index(footage_index_in(data), there)
    except EngineError as error:
        say(f"✗ 录像索引无法重建:{error};请先停止节点")
        say(f"  The index of footage cannot be rebuilt: {error}; stop the node first")
        return False
    took = clock.monotonic_s() - began_s
    say(f"✓ 录像索引已重建:{found.files:,} 个文件,{found.fragments:,} 个片段,用时 {took:.1f} s")
    say(f"  The index of footage was rebuilt: {found.files:,} files, {found.fragments:,} fragments, in {took:.1f} s")
    if found.damaged_bytes:
        say(f"! 有 {found.damaged_bytes:,} 字节不是完整片段(断电或磁盘损坏所致),已跳过")
        say(f"  {found.damaged_bytes:,} bytes are no whole fragment (a power cut, or a disk's damage) and were left out")
    for path, what in found.unreadable[:MOST_TOLD]:
        say(f"✗ 无法读取 {path}:{what}")
        say(f"  {path} cannot be read: {what}")
    if len(found.unreadable) > MOST_TOLD:
        say(f"✗ 另有 {len(found.unreadable) - MOST_TOLD} 个文件 more files that cannot be read")
    return there == folders and not found.unreadable


def restore_footage(settings: NodeSettings, data: Path, to: Path | None) -> bool:
    """Whether all that the second tier has of this node is found again; prints what was done. The node must not run.

    Raises WrongSettings.
    """
    section = settings.recording.second_tier
    folders = [path for path, _, _ in settings.recording.folders_in(data)]
    folder = folders[0] if to is None else data.absolute() / to
    if not section.place:
        say("✗ 没有设置二级存储 [recording.second_tier] place")
        say("  There is no second tier: [recording.second_tier] place is not set")
        return False
    if folder not in folders:
        say(f"✗ {folder} 不是 [[recording.folders]] 中的录像文件夹")
        say(f"  {folder} is no footage folder of [[recording.folders]]")
        return False
    if holder_of(data) is not None:
        say("✗ 节点正在运行,请先停止")
        say("  The node runs: stop it first")
        return False
    restoring = Restoring(Tier(section, settings.node.code), folder, folders)
    try:
        total = restoring.count()
        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        with Progress(*columns) as progress:
            task = progress.add_task("恢复录像 Restoring footage", total=total)
            found = restoring.run(lambda: progress.advance(task))
    except OSError as error:
        say(f"✗ 恢复中断:{error};可再次运行,已恢复的不重复")
        say(f"  Restoring was cut off: {error}; run it again, what is there is left as it is")
        return False
    size = f"{found.bytes / 1e9:,.1f} GB"
    say(f"✓ 从 {section.place} 恢复 {found.files:,} 个文件({size})到 {folder};已有 {found.there:,} 个")
    say(f"  {found.files:,} files ({size}) were restored from {section.place} to {folder}; {found.there:,} were there")
    if found.other:
        say(f"! 有 {found.other:,} 个对象不是录像文件,未恢复")
        say(f"  {found.other:,} objects are no footage files and were left out")
    for key, what in found.failed[:MOST_TOLD]:
        say(f"✗ 无法恢复 {key}:{what}")
        say(f"  {key} cannot be restored: {what}")
    if len(found.failed) > MOST_TOLD:
        say(f"✗ 另有 {len(found.failed) - MOST_TOLD} 个文件 more files that cannot be restored")
    return rebuild_footage(settings, data) and not found.failed

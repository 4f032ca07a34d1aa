"""`fengsui check --rebuild`: the index of footage made anew from the footage alone."""

from __future__ import annotations

from pathlib import Path

from fengsui.cli.neighbours import say
from fengsui.clock import SystemClock
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

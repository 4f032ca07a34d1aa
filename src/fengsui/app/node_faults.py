"""What the node itself lacks or suffers from, with what to do: for its page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from pydantic import BaseModel

from fengsui import loops
from fengsui.app.core_watch import CoreWatch
from fengsui.app.open_files import OpenFiles
from fengsui.errors import CoreFailed, FootageFolderFailed, FootageLost, LoopFailed, NodeFault, OutOfFiles
from fengsui.transports.accepting import SHORTAGE

TOLD_S = 600.0
"""Told for so long after it was over: whoever opens the page then still learns what happened."""


class NodeFaultShape(BaseModel):
    """Something the node lacks, with what to do. `at`: when it was last seen so."""

    code: str
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str
    at: datetime


Seen = tuple[NodeFault, datetime]
"""A fault, and when it was first seen."""


def faults_of(now: datetime, files: OpenFiles, core: CoreWatch, told: Sequence[Seen] = ()) -> list[NodeFaultShape]:
    """What the node lacks now, or lacked some minutes ago, and what other rooms tell. In the running event loop."""
    seen = (_shortage(files), _loops(), _core(core), _footage(core), _lost(core))
    found = [(fault, now - timedelta(seconds=since_s)) for fault, since_s in seen if fault is not None]
    found += told
    return [
        NodeFaultShape(
            code=fault.code,
            zh=fault.text_zh,
            en=fault.text_en,
            remedy_zh=fault.remedy_zh,
            remedy_en=fault.remedy_en,
            at=at,
        )
        for fault, at in found
    ]


def _shortage(files: OpenFiles) -> tuple[NodeFault | None, float]:
    since_s = 0.0 if files.none_left else SHORTAGE.ago_s()
    told = since_s is not None and since_s <= TOLD_S
    return (OutOfFiles(limit=files.limit), since_s or 0.0) if told else (None, 0.0)


def _loops() -> tuple[NodeFault | None, float]:
    found = loops.failed(TOLD_S)
    if not found:
        return None, 0.0
    said = ", ".join(f"{one.name} ({one.what})" for one in found)
    return LoopFailed(loops=said), min(one.ago_s for one in found)


def _core(core: CoreWatch) -> tuple[NodeFault | None, float]:
    ago_s = core.failed_ago_s()
    told = ago_s is not None and ago_s <= TOLD_S
    return (CoreFailed(count=core.failures), ago_s or 0.0) if told else (None, 0.0)


def _footage(core: CoreWatch) -> tuple[NodeFault | None, float]:
    folders = core.footage_troubles
    return (FootageFolderFailed(folders=folders) if folders else None, 0.0)


def _lost(core: CoreWatch) -> tuple[NodeFault | None, float]:
    ago_s = core.footage_lost_ago_s()
    told = ago_s is not None and ago_s <= TOLD_S
    return (FootageLost(count=core.footage_lost) if told else None, ago_s or 0.0)

"""What an edit would do to each camera, as things are now: nothing is mended, nothing passed over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fengsui.errors import OperatorFault
from fengsui.features.access import Access, CameraClass, Function, Principal
from fengsui.features.camera_list.model import (
    Change,
    Edit,
    NoteNotWhole,
    OneRequestAtATime,
    Outcome,
    Row,
    seen_of,
)
from fengsui.features.cameras import Camera, Cameras, UnknownCamera, loosens
from fengsui.features.device_files import FilePlan, Files, plans

Moves = Mapping[str, tuple[str, str]]
"""Code → where a camera is shown, and where it would be."""


class Planning:
    """Asks the rooms that keep cameras and files."""

    def __init__(self, access: Access, cameras: Cameras, files: Files) -> None:
        self.access = access
        self.cameras = cameras
        self.files = files

    async def rows(self, who: Principal, edit: Edit, codes: Sequence[str]) -> list[Row]:
        """Some hundreds of cameras, in this order."""
        found = await self.cameras.many(codes)
        moves = await self.cameras.shown_with_all(codes, edit.own_area) if edit.own_area is not None else {}
        files = await plans(self.files, who, codes, edit.file) if edit.file else {}
        return [self.row(who, edit, code, found.get(code), moves, files.get(code)) for code in codes]

    def row(
        self, who: Principal, edit: Edit, code: str, found: tuple[Camera, bool] | None, moves: Moves, file: FilePlan | None
    ) -> Row:
        """One camera. `found`: with whether what operators said of it is as the node wrote it."""
        if found is None:
            return Row(code, "", Outcome.REFUSED, error=UnknownCamera(camera=code))
        camera, whole = found
        row = Row(code, camera.name, Outcome.REFUSED, seen=seen_of(camera), version=file.version if file is not None else 0)
        if not self.access.may(who, Function.LOOK_AROUND, camera.facts):
            row.name = ""
        try:
            self.access.check(who, Function.MANAGE_DEVICES, camera.facts)
            if not whole:
                raise NoteNotWhole(camera=code)
            row.changes = (*self._words(edit, camera), *self._places(edit, camera, moves), *_of_file(file))
            if file is not None and file.error is not None:
                raise file.error
            if sum(one.request for one in row.changes) > 1:
                raise OneRequestAtATime()
        except OperatorFault as error:
            row.error = error
            return row
        row.outcome = Outcome.SAME
        if row.changes:
            row.outcome = Outcome.ASK if any(one.two for one in row.changes) else Outcome.CHANGE
        return row

    def _words(self, edit: Edit, camera: Camera) -> list[Change]:
        found = []
        if edit.name is not None and (name := edit.name.of(camera)) != camera.own_name:
            found.append(Change("own_name", camera.name, name or camera.reported_name))
        if (tags := edit.tags_of(camera)) != camera.tags:
            found.append(Change("tags", "\n".join(camera.tags), "\n".join(tags)))
        return found

    def _places(self, edit: Edit, camera: Camera, moves: Moves) -> list[Change]:
        found = []
        if edit.own_area is not None and edit.own_area != camera.own_area:
            was, becomes = moves[camera.code]
            found.append(Change("own_area", camera.own_area or was, edit.own_area or becomes, two=was != becomes))
        if edit.camera_class is not None:
            said = camera.camera_class.value if camera.class_said else ""
            new = self.cameras.class_of(CameraClass(edit.camera_class) if edit.camera_class else None)
            if edit.camera_class != said:
                two = loosens(camera.camera_class, new)  # a class by its name is asked for
                found.append(Change("camera_class", said, new.value if two else edit.camera_class, two))
        return found


def _of_file(file: FilePlan | None) -> list[Change]:
    if file is None:
        return []
    return [Change(f"file.{key}", file.before.get(key, ""), value, key in file.waits) for key, value in file.after.items()]


def notes_of(edit: Edit, camera: Camera, changes: Sequence[Change]) -> dict[str, Any]:
    """What one person writes of a camera, as `Cameras.write_many` takes it."""
    mine = {one.field for one in changes if not one.two}
    notes: dict[str, Any] = {}
    if "own_name" in mine and edit.name is not None:
        notes["own_name"] = edit.name.of(camera)
    if "tags" in mine:
        notes["tags"] = list(edit.tags_of(camera))
    if "own_area" in mine:
        notes["own_area"] = edit.own_area
    if "camera_class" in mine:
        notes["camera_class"] = CameraClass(edit.camera_class) if edit.camera_class else None
    return notes

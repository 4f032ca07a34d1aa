import type { DragEvent } from "react";
import { StatusMark, type Status } from "../status";
import type { Shown } from "../wall-state";

/** A camera in any list: how it is, and its name. */
export function CameraCell({ status, name }: { status: Status; name: string | undefined }) {
  return (
    <>
      <StatusMark status={status} />
      <span className="name">{name}</span>
    </>
  );
}

/** It can be dragged onto a tile or a group. */
export const dragged = (camera: Shown) => ({
  draggable: true,
  onDragStart: (event: DragEvent) => event.dataTransfer.setData("text/plain", JSON.stringify(camera)),
});

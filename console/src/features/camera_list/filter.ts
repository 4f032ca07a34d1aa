import type { Schemas } from "../../api-client/client";
import type { CameraClass } from "../../ui/camera-classes";
import type { FileState } from "../../ui/files/fields";
import type { Status } from "../../ui/status";

export type Row = Schemas["CameraRow"];
export type ClassFilter = CameraClass | "unsaid";
/** `none`: without a device file. */
export type FileFilter = FileState | "none";
export type By = "code" | "name" | "area" | "class" | "state" | "device" | "tags" | "place" | "file";

/** What the list is narrowed to; of several states, tags or classes one is enough. */
export interface Filter {
  q: string;
  area: string;
  device: string;
  states: readonly Status[];
  tags: readonly string[];
  classes: readonly ClassFilter[];
  /** With a place on the map, without, or either. */
  placed: boolean | null;
  files: readonly FileFilter[];
}

export interface Sorting {
  by: By;
  down: boolean;
}

export const EVERYTHING: Filter = { q: "", area: "", device: "", states: [], tags: [], classes: [], placed: null, files: [] };

export const narrows = (filter: Filter): boolean => filter.q !== "" || filter.area !== "" || filter.device !== "" || filter.states.length + filter.tags.length + filter.classes.length + filter.files.length > 0 || filter.placed !== null;

/** As the node's list takes it. */
export const queryOf = (filter: Filter, { by, down }: Sorting) => ({
  ...(filter.q === "" ? {} : { q: filter.q }),
  ...(filter.area === "" ? {} : { area: filter.area }),
  ...(filter.device === "" ? {} : { device: filter.device }),
  ...(filter.placed === null ? {} : { placed: filter.placed }),
  state: [...filter.states],
  tag: [...filter.tags],
  class: [...filter.classes],
  file: [...filter.files],
  by,
  down,
});

/** As the node's edits take it. */
export const matchingOf = (filter: Filter): Schemas["Filter"] => ({ ...filter, states: [...filter.states], tags: [...filter.tags], classes: [...filter.classes], files: [...filter.files] });

/** A second press on a heading turns the order round. */
export const sortedBy = (before: Sorting, by: By): Sorting => ({ by, down: before.by === by && !before.down });

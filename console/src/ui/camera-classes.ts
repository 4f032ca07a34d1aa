import type { Schemas } from "../api-client/client";

export type CameraClass = Schemas["CameraShape"]["camera_class"];

/** Whose place a camera looks at, in the order of the texts. */
export const CLASSES: CameraClass[] = ["government", "operating-unit", "private", "police-internal", "restricted"];

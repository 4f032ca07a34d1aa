import type { Schemas } from "../api-client/client";

export type CameraClass = Schemas["CameraShape"]["camera_class"];

/** Whose place a camera looks at, in the order of the texts. */
export const CLASSES: CameraClass[] = ["government", "operating-unit", "private", "police-internal", "restricted"];

/** How much a class keeps a camera from eyes; the node says the same. Only a change upwards takes one person alone. */
export const PROTECTION: Record<CameraClass, number> = { government: 0, "operating-unit": 0, private: 1, "police-internal": 2, restricted: 3 };

import type { Fragment } from "./pieces";

/** What clocks may be off before their footage is marked, in seconds. Rule A34. */
export interface ClockLimits {
  nodeS: number;
  cameraS: number;
}

/** Why the time of a picture is in doubt; what is undefined is in none. */
export interface ClockDoubt {
  /** So far the camera's own clock was ahead of the node's, in whole seconds. */
  cameraS?: number;
  /** So far the node's own may have been off, in seconds; null: nobody knows. */
  nodeS?: number | null;
}

const NONE: ClockDoubt = {};

/** What a device recorded has the device's time: how far that is off nobody knows, and it is marked as the device's. */
export function clockDoubt(one: Fragment | undefined, limits: ClockLimits): ClockDoubt {
  if (one === undefined || one.from_device) return NONE;
  const doubt: ClockDoubt = {};
  const aheadS = one.camera_us === null ? 0 : (one.camera_us - one.from_us) / 1e6;
  if (Math.abs(aheadS) > limits.cameraS) doubt.cameraS = Math.round(aheadS);
  const errorS = one.clock_error_us === null ? null : one.clock_error_us / 1e6;
  if (errorS === null || errorS > limits.nodeS) doubt.nodeS = errorS === null ? null : Math.round(errorS * 10) / 10;
  return doubt;
}

export const sameDoubt = (one: ClockDoubt, other: ClockDoubt) => one.cameraS === other.cameraS && one.nodeS === other.nodeS;

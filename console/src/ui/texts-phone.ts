import { onPatrolEn, onPatrolZh } from "./texts-on-patrol";

/** The console on a phone. */
export const phoneZh = {
  ...onPatrolZh,
  "phone.cameras": "摄像机",
  "phone.more": "更多",
};

export const phoneEn: Record<keyof typeof phoneZh, string> = {
  ...onPatrolEn,
  "phone.cameras": "Cameras",
  "phone.more": "More",
};

import { onPatrolEn, onPatrolZh } from "./texts-on-patrol";
import { watchEn, watchZh } from "./texts-watch";

/** The console on a phone. */
export const phoneZh = {
  ...onPatrolZh,
  ...watchZh,
  "phone.cameras": "摄像机",
  "phone.more": "更多",
};

export const phoneEn: Record<keyof typeof phoneZh, string> = {
  ...onPatrolEn,
  ...watchEn,
  "phone.cameras": "Cameras",
  "phone.more": "More",
};

/** The console on a phone. */
export const phoneZh = {
  "phone.cameras": "摄像机",
  "phone.more": "更多",
};

export const phoneEn: Record<keyof typeof phoneZh, string> = {
  "phone.cameras": "Cameras",
  "phone.more": "More",
};

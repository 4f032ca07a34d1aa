import { ApiProblem, type Problem } from "../../api-client/client";
import type { Difference } from "../../ui/Differences";
import type { Live, Picture } from "../../ui/player/use-live";
import type { Pickable } from "../../ui/PersonPick";

/** What the parts are shown with: made up, in both languages as the node would say it. */
const lost: Problem = { status: 409, code: "stream.no_answer", zh: "设备没有应答", en: "The device does not answer", remedy_zh: "检查设备电源与网络;恢复后自动继续", remedy_en: "Look after its power and network; it goes on by itself" };
const offDuty: Problem = { status: 403, code: "access.not_on_duty", zh: "您不在班", en: "You are not on duty", remedy_zh: "先登席;或凭使用单调看", remedy_en: "Take your seat first; or watch under a use ticket", rule: "ACC-DUTY", contact: "security" };

export const FAULT = new ApiProblem(lost);
export const REFUSAL = new ApiProblem(offDuty);

export const DIFFERENCES: Difference[] = [
  { field: "retention", zh: "录像保存", en: "Recordings are kept", old_zh: "90 天", old_en: "90 days", new_zh: "180 天", new_en: "180 days", direction: "loosening" },
  { field: "lock", zh: "无操作锁屏", en: "Locks when idle", old_zh: "30 分钟", old_en: "30 minutes", new_zh: "15 分钟", new_en: "15 minutes", direction: "tightening" },
  { field: "version", zh: "版本", en: "Version", old_zh: "1", old_en: "1", new_zh: "2", new_en: "2", direction: "neutral" },
];

export const PEOPLE: Pickable[] = [
  { user_id: 1, name: "li.si", full_name: "", unit: "", posts: ["operator"] },
  { user_id: 2, name: "wang.wu", full_name: "", unit: "", posts: ["duty-supervisor"] },
];

export const CAMERA = "IPC 01";

const live = (picture: Picture): Live => ({ picture, stream: undefined, figures: undefined, session: undefined, hasSound: false, undecodable: undefined, delayS: () => Promise.resolve(undefined), askAgain: () => undefined });
/** A tile without a picture, and why. */
export const TILES: readonly Live[] = [live({ kind: "connecting" }), live({ kind: "stalled", sinceMs: Date.now() - 4_000 }), live({ kind: "waiting", retryAtMs: Date.now() + 8_000 }), live({ kind: "refused", problem: offDuty, retryAtMs: undefined })];

/** Seconds of a day that were not recorded, by cause. */
export const MISSING = { device: 4_380, node: 95, disk: 610, line: 48, unknown: 33 };

/** An hour of a quiet day, by minute: seconds since 1970, and a share. */
export const HOUR_S = Array.from({ length: 60 }, (_, minute) => Math.floor(Date.now() / 60_000) * 60 - (59 - minute) * 60);
export const LOAD = HOUR_S.map((_, minute) => 0.35 + 0.18 * Math.sin(minute / 7) + 0.06 * Math.sin(minute * 1.7));

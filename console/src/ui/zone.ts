import { useContext } from "react";
import { SignedIn } from "./signed-in";

/** Before anybody is signed in: the one of China. */
const FIRST_ZONE = "Asia/Shanghai";

/** The node's time zone, in which every time is shown and typed, wherever the browser stands. */
export function useZone(): string {
  return useContext(SignedIn)?.user.zone ?? FIRST_ZONE;
}

const formats = new Map<string, Intl.DateTimeFormat>();
const formatOf = (zone: string) => {
  const known = formats.get(zone) ?? new Intl.DateTimeFormat("en-GB", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" });
  formats.set(zone, known);
  return known;
};

/** What clocks in the zone show then: `2026-11-26T17:30:05`. */
export function wallTime(at: Date | number | string, zone: string): string {
  const part = Object.fromEntries(formatOf(zone).formatToParts(new Date(at)).map(({ type, value }) => [type, value]));
  return `${part["year"]}-${part["month"]}-${part["day"]}T${part["hour"]}:${part["minute"]}:${part["second"]}`;
}

/** The moment at which clocks in the zone show that (to the day, minute or second); the later one where a clock was put back. */
export function momentOf(wall: string, zone: string): Date {
  const asUtc = Date.parse(`${wall.length === 10 ? `${wall}T00:00` : wall}Z`);
  const offset = (at: number) => Date.parse(`${wallTime(at, zone)}Z`) - Math.floor(at / 1000) * 1000;
  const first = asUtc - offset(asUtc);
  return new Date(asUtc - offset(first));
}

const PUT_BACK_MS = [3_600_000, 1_800_000];

/** `UTC+2` where clocks in the zone show this time twice, for they are put back; else empty. */
export function whichOf(at: Date | number | string, zone: string): string {
  const ms = new Date(at).getTime();
  const wall = wallTime(ms, zone);
  if (PUT_BACK_MS.every((by) => wallTime(ms - by, zone) !== wall && wallTime(ms + by, zone) !== wall)) return "";
  const minutes = Math.round((Date.parse(`${wall}Z`) - Math.floor(ms / 1_000) * 1_000) / 60_000);
  const [hours, rest] = [Math.trunc(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `UTC${minutes < 0 ? "−" : "+"}${hours}${rest === 0 ? "" : `:${String(rest).padStart(2, "0")}`}`;
}

/** Year, month, day and time as every page writes them. */
export function written(at: Date | number | string, zone: string): string {
  return wallTime(at, zone).replace("T", " ");
}

/** How exactly a moment is typed. */
export type Precision = "day" | "minute" | "second";

const PARTS = { day: 3, minute: 5, second: 6 };
const FORM = /^\s*(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?:[T\s]*(\d{1,2}):?(\d{1,2})(?::?(\d{1,2}))?)?\s*$/;
const two = (value: number) => String(value).padStart(2, "0");

/** `2026-11-26`, `2026-11-26T17:30` or `2026-11-26T17:30:05` of what was typed: year first, strokes or none; undefined when it is no such time. */
export function parsed(text: string, precision: Precision): string | undefined {
  const found = FORM.exec(text);
  if (found === null || (precision === "day") !== (found[4] === undefined)) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found.slice(1).map((part) => Number(part ?? 0));
  const at = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  const same = at.getUTCMonth() === month - 1 && at.getUTCDate() === day && at.getUTCHours() === hour && at.getUTCMinutes() === minute && at.getUTCSeconds() === second;
  return same ? kept(at, precision) : undefined;
}

function kept(at: Date, precision: Precision): string {
  const day = `${String(at.getUTCFullYear()).padStart(4, "0")}-${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())}`;
  if (precision === "day") return day;
  return `${day}T${two(at.getUTCHours())}:${two(at.getUTCMinutes())}${precision === "second" ? `:${two(at.getUTCSeconds())}` : ""}`;
}

/** As it stands in the field. */
export function shown(value: string): string {
  return value.replace("T", " ");
}

/** The part under the caret one up or down: the day, month or year, the hour, minute or second. */
export function stepped(value: string, precision: Precision, caret: number, by: number): string {
  const at = new Date(`${value.length === 10 ? `${value}T00:00` : value}Z`);
  const part = Math.min([4, 7, 10, 13, 16].filter((end) => caret > end).length, PARTS[precision] - 1);
  const steps = [
    () => at.setUTCFullYear(at.getUTCFullYear() + by),
    () => at.setUTCMonth(at.getUTCMonth() + by),
    () => at.setUTCDate(at.getUTCDate() + by),
    () => at.setUTCHours(at.getUTCHours() + by),
    () => at.setUTCMinutes(at.getUTCMinutes() + by),
    () => at.setUTCSeconds(at.getUTCSeconds() + by),
  ];
  steps[part]?.();
  return kept(at, precision);
}

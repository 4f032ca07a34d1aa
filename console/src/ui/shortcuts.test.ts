// @vitest-environment jsdom
import { expect, test } from "vitest";
import { isPressed, SHORTCUTS, type Shortcut } from "./shortcuts";

const sources = import.meta.glob<string>(["../**/*.{ts,tsx}", "!../**/*.test.*", "!./texts*", "!../api-client/*"], { query: "?raw", import: "default", eager: true });
const fileOf = (path: string) => path.replace(/^(\.\.\/|\.\/)/, (start) => (start === "./" ? "ui/" : ""));
const handlers = new Map(Object.entries(sources).map(([path, source]) => [fileOf(path), source]));
const all = Object.entries(SHORTCUTS) as [string, Shortcut][];

/** Handlers that the map leaves out, and why. */
const ELSEWHERE: Record<string, string> = {
  "ui/shortcuts.ts": "the table itself, and the names of keys",
  "app/Palette.tsx": "its keys stand at its own foot",
  "ui/tree/TreeMenu.tsx": "a menu's own keys, as of every menu",
  "ui/round/use-keys.ts": "hears what a round gives it",
  "features/alarm_sites/PlanEditor.tsx": "its keys stand beside the plan",
  "features/panic/hold.ts": "a button's own keys, as of every button",
};
/** What another key is without Shift. */
const SAME: Record<string, string> = { "=": "+", _: "-" };
const NAMED = "Arrow(?:Left|Right|Up|Down)?|Home|End|PageUp|PageDown|Enter|Escape|Delete|Backspace";

/** How a handler writes a key that the table names. */
function written(key: string): RegExp {
  if (key === "Mod") return /\bctrlKey \|\| event\.metaKey\b/;
  if (key === "Control") return /\bctrlKey\b/;
  if (key === "Shift" || key === "Alt") return new RegExp(`\\b${key.toLowerCase()}Key\\b`);
  if (/^\d$/.test(key)) return new RegExp(`"${key}"|Number\\(event\\.key\\)`);
  return key.length === 1 ? new RegExp(`"${key.replace(/[^\w\s]/, "\\$&")}"|[{,] ${key}: \\(`) : new RegExp(`\\b${key}`);
}

/** The keys that a source's handlers hear: compared with `event.key`, or named in an object of acts. */
function heardIn(source: string): Set<string> {
  const compared = [...source.matchAll(/\bevent\.key(?:\.toLowerCase\(\))? [!=]== "([^"]+)"/g), ...source.matchAll(/\bevent\.key\.startsWith\("([^"]+)"\)/g)];
  const named = [...source.matchAll(new RegExp(`\\b(${NAMED}): (?:\\(|\\[|\\{|-?\\d|[a-z])`, "g")), ...source.matchAll(/"([^"\w]|\d)": (?:\(\) =>|\{|\d)/g), ...source.matchAll(/[{,] ([a-z_]): \(\) =>/g)];
  const digits = source.includes("Number(event.key)") ? ["1"] : [];
  return new Set([...[...compared, ...named].map((found) => found[1] ?? ""), ...digits].map((key) => SAME[key] ?? key));
}

test("each key of the map is heard where the table says", () => {
  for (const [name, { keys, heard }] of all) {
    const source = handlers.get(heard);
    expect(source, `${name}: ${heard}`).toBeDefined();
    if (heard === "ui/shortcuts.ts") continue;
    for (const key of keys.flat()) expect(source, `${name}: ${heard} does not hear ${key}`).toMatch(written(key));
  }
});

test("each key that is heard stands in the map", () => {
  const listed = (file: string) => new Set(all.filter(([, { heard }]) => heard === file).flatMap(([, { keys }]) => keys.flat()));
  const unknown = [...handlers].flatMap(([file, source]) => {
    if (file in ELSEWHERE || !/\bevent\.key\b|useKeys\(|useWallKeys\(|\bKEYS\b/.test(source)) return [];
    const told = listed(file);
    return [...heardIn(source)].filter((key) => !told.has(key) && !(key.startsWith("Arrow") && told.has("Arrow"))).map((key) => `${file}: ${key === " " ? "Space" : key}`);
  });
  expect(unknown).toEqual([]);
  for (const file of Object.keys(ELSEWHERE)) expect(handlers.has(file), file).toBe(true);
});

test("a letter in a field is writing, a combination is not", () => {
  const field = document.createElement("input");
  document.body.append(field);
  const typed = (facts: KeyboardEventInit, target: Element = document.body) => {
    const event = new KeyboardEvent("keydown", { bubbles: true, ...facts });
    target.dispatchEvent(event);
    return event;
  };
  expect(isPressed(["?"], typed({ key: "?", shiftKey: true }))).toBe(true);
  expect(isPressed(["?"], typed({ key: "?" }, field))).toBe(false);
  expect(isPressed(["Mod", "k"], typed({ key: "k", ctrlKey: true }, field))).toBe(true);
  expect(isPressed(["Mod", "k"], typed({ key: "K", metaKey: true }))).toBe(true);
  expect(isPressed(["/"], typed({ key: "/", ctrlKey: true }))).toBe(false);
  expect(isPressed(["Mod", "k"], typed({ key: "k" }))).toBe(false);
});

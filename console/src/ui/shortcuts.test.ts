// @vitest-environment jsdom
import { expect, test } from "vitest";
import { isPressed, SHORTCUTS, type Shortcut } from "./shortcuts";

const sources = import.meta.glob<string>(["../**/*.{ts,tsx}", "!../**/*.test.*"], { query: "?raw", import: "default", eager: true });
const sourceOf = (file: string) => Object.entries(sources).find(([path]) => path.replace(/^(\.\.\/|\.\/)/, (start) => (start === "./" ? "ui/" : "")) === file)?.[1];
/** How a handler writes a key that the table names. */
function written(key: string): RegExp {
  if (key === "Shift" || key === "Alt") return new RegExp(`\\b${key.toLowerCase()}Key\\b`);
  return key.length === 1 ? new RegExp(`"${key.replace(/[^\w\s]/, "\\$&")}"`) : new RegExp(`\\b${key}`);
}

test("each key of the map is heard where the table says", () => {
  for (const [name, { keys, heard }] of Object.entries(SHORTCUTS) as [string, Shortcut][]) {
    const source = sourceOf(heard);
    expect(source, `${name}: ${heard}`).toBeDefined();
    if (heard === "ui/shortcuts.ts") continue;
    for (const key of keys.flat()) expect(source, `${name}: ${heard} does not hear ${key}`).toMatch(written(key));
  }
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

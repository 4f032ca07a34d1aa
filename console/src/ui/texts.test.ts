import { expect, test } from "vitest";
import { en, zh } from "./texts";

test("both catalogues have the same keys and placeholders", () => {
  expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort());
  const holders = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
  for (const key of Object.keys(zh) as (keyof typeof zh)[]) expect(holders(en[key]), key).toEqual(holders(zh[key]));
});

test("each text stands once in each language", () => {
  const sources = Object.values(import.meta.glob<string>("./texts-*.ts", { query: "?raw", import: "default", eager: true }));
  const found = sources.flatMap((source) => [...source.matchAll(/^ {2}"?([\w.-]+)"?: "/gm)].map((match) => match[1] ?? ""));
  const times = new Map<string, number>();
  for (const key of found) times.set(key, (times.get(key) ?? 0) + 1);
  expect(times.size).toBe(Object.keys(zh).length);
  expect([...times].filter(([, count]) => count !== 2)).toEqual([]);
});

test("each text is shown somewhere", () => {
  const sources = import.meta.glob<string>(["../**/*.{ts,tsx}", "!./texts*.ts", "!../**/*.test.*", "!../api-client/*"], {
    query: "?raw",
    import: "default",
    eager: true,
  });
  const source = Object.values(sources).join("\n");
  const begun = [...source.matchAll(/`([\w-]+\.[\w.-]*)\$\{/g)].map((match) => match[1] ?? "");
  expect(begun.length).toBeGreaterThan(10);
  const unused = Object.keys(zh).filter((key) => !source.includes(key) && !begun.some((start) => key.startsWith(start)));
  expect(unused).toEqual([]);
});

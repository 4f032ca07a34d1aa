import { expect, test } from "vitest";

const sheets = import.meta.glob<string>("../**/*.css", { query: "?raw", import: "default", eager: true });
const sources = import.meta.glob<string>(["../**/*.{ts,tsx}", "!./texts*.ts", "!../**/*.test.*", "!../api-client/*"], { query: "?raw", import: "default", eager: true });
/** Of the libraries, which set them themselves. */
const FOREIGN = /^(ant|maplibregl|u)-/;

const placeOf = (path: string) => (path.startsWith("./") ? path.replace("./", "ui/") : path.replace("../", ""));
/** `features/duty` of a file of that feature; undefined outside the features. */
const featureOf = (path: string) => /^features\/[^/]+/.exec(placeOf(path))?.[0];

/** The classes that a style sheet names. */
function classesOf(css: string): string[] {
  const selectors = [...css.replace(/\/\*.*?\*\//gs, "").matchAll(/([^{};]+)\{/g)].map((found) => (found[1] ?? "").replace(/\[[^\]]*\]|"[^"]*"/g, ""));
  return [...new Set(selectors.flatMap((selector) => [...selector.matchAll(/\.([a-zA-Z][\w-]*)/g)].map((found) => found[1] ?? "")))].filter((name) => !FOREIGN.test(name));
}

/** The words of a source's strings, and what its templates begin a word with. */
function wordsOf(source: string): { words: Set<string>; starts: string[] } {
  const strings = [...source.replace(/\/\*[^]*?\*\/|(^|\s)\/\/[^\n]*/gm, "").matchAll(/(["'`])((?:\\.|(?!\1)[^\\])*)\1/gs)].map((found) => found[2] ?? "");
  const words = new Set(strings.flatMap((text) => text.split(/[\s"'`${}]+/)));
  const starts = strings.flatMap((text) => [...text.matchAll(/([\w-]+-)\$\{/g)].map((found) => found[1] ?? ""));
  return { words, starts };
}

const spoken = Object.entries(sources).map(([path, source]) => ({ feature: featureOf(path), ...wordsOf(source) }));
const speaks = (name: string, who: (feature: string | undefined) => boolean) => spoken.some(({ feature, words, starts }) => who(feature) && (words.has(name) || starts.some((start) => name.startsWith(start))));

test("no rule is dead: each class of a style sheet is set by its feature, or by the shared parts", () => {
  expect(Object.keys(sheets).length).toBeGreaterThan(20);
  const dead = Object.entries(sheets).flatMap(([path, css]) => {
    const own = featureOf(path);
    return classesOf(css)
      .filter((name) => !speaks(name, (feature) => own === undefined || feature === own || feature === undefined))
      .map((name) => `${placeOf(path)}: .${name}`);
  });
  expect(dead).toEqual([]);
});

test("no page borrows a word of another feature's style sheet, which is not there until that feature is", () => {
  const owners = new Map<string, Set<string | undefined>>();
  for (const [path, css] of Object.entries(sheets)) for (const name of classesOf(css)) owners.set(name, (owners.get(name) ?? new Set()).add(featureOf(path)));
  const borrowed = [...owners].flatMap(([name, features]) => {
    if (features.has(undefined) || !name.includes("-")) return []; // a word of one syllable is said of other things too
    return [...new Set(spoken.filter(({ feature, words }) => !features.has(feature) && words.has(name)).map(({ feature }) => `${feature ?? "ui or app"}: .${name} of ${[...features].join(", ")}`))];
  });
  expect(borrowed).toEqual([]);
});

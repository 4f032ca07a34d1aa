import { expect, test } from "vitest";
import { renderGuide } from "../../guide/render";
import { en, zh } from "../ui/texts";
import { PAGES, PLACES } from "./rooms";
import { router } from "./routes";

const files = import.meta.glob<string>("../../../docs/guide/*.md", { query: "?raw", import: "default", eager: true });
const pictures = Object.keys(import.meta.glob("../../../docs/guide/pictures/*.webp", { query: "?url" })).map((path) => path.replace(/^.*guide\//, ""));
const guide = new Map(Object.entries(files).map(([path, markdown]) => [path.replace(/^.*\/|\.md$/g, ""), renderGuide({ name: path, markdown })]));
const targets = new Set([...guide].flatMap(([name, page]) => [`${name}.md`, ...page.sections.map(({ id }) => `${name}.md#${id}`), `${name}.md#${firstId(name)}`]));

function firstId(name: string): string {
  return /<h1 id="([^"]*)"/.exec(guide.get(name)?.html ?? "")?.[1] ?? "";
}

test("every route has an entry, and every entry a route", () => {
  const routes = Object.keys(router.routesById).filter((id) => id !== "__root__");
  expect(Object.keys(PAGES).sort()).toEqual(routes.sort());
});

test("every page says in two lines of each language what it is", () => {
  for (const [path, page] of Object.entries(PAGES)) {
    for (const text of [zh[page.help], en[page.help]]) expect(text.split("\n").map((line) => line.length > 10 && line.length < 150), `${path}: ${text}`).toEqual([true, true]);
  }
});

test("every page's place in the guide is there", () => {
  expect(guide.size).toBeGreaterThan(5);
  const dead = Object.entries(PAGES).filter(([, page]) => !targets.has(page.guide.replace("#", ".md#")));
  expect(dead).toEqual([]);
});

test("every link and picture of the guide leads somewhere", () => {
  const dead = [...guide].flatMap(([name, page]) => page.links.filter((href) => !/^[a-z]+:/.test(href) && !targets.has(href.startsWith("#") ? `${name}.md${href}` : href) && !pictures.includes(href)).map((href) => `${name}.md: ${href}`));
  expect(dead).toEqual([]);
});

test("no two sections of one page share their address", () => {
  for (const [name, page] of guide) {
    const ids = page.sections.map(({ id }) => id);
    expect(new Set(ids).size, name).toBe(ids.length);
    expect(ids.every((id) => id !== ""), name).toBe(true);
  }
});

test("in the navigation each page has a test id of its own", () => {
  const ids = PLACES.map((place) => place.testId);
  expect(new Set(ids).size).toBe(PLACES.length);
});

import { expect, test } from "vitest";
import css from "./tokens.css?raw";

/** Linear light of a colour `#rrggbb`, each channel from 0 to 1. */
type Light = readonly [number, number, number];
const [dark = "", light = ""] = css.split(':root[data-theme="light"]');
const tokensOf = (block: string) => new Map([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map((found) => [found[1] ?? "", found[2] ?? ""]));
const THEMES = { dark: tokensOf(dark), light: new Map([...tokensOf(dark), ...tokensOf(light)]) };

function lightOf(hex: string): Light {
  const channel = (at: number) => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

/** WCAG 2.2, relative luminance and contrast ratio. */
function contrast(one: string, other: string): number {
  const luminance = (hex: string) => {
    const [red, green, blue] = lightOf(hex);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [high = 0, low = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

/** What is seen without one kind of cone: Machado, Oliveira, Fernandes 2009, severity 1. */
const SIGHTS: Record<string, readonly Light[]> = {
  all: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protan: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  deutan: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  tritan: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
};

/** Oklab: distances in it are as large as they look. */
function oklab([red, green, blue]: Light): Light {
  const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  return [0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s, 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s, 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s];
}

/** How different two colours look in a sight, in hundredths: 2 is hardly seen, black and white are 100. */
function difference(one: string, other: string, sight: readonly Light[]): number {
  const seen = (hex: string) => {
    const from = lightOf(hex);
    const row = (at: number) => Math.min(1, Math.max(0, (sight[at] ?? [0, 0, 0]).reduce((sum, weight, channel) => sum + weight * (from[channel] ?? 0), 0)));
    return oklab([row(0), row(1), row(2)]);
  };
  const [a, b] = [seen(one), seen(other)];
  return 100 * Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

const GROUNDS = ["ground", "panel", "raised", "chosen"];
const LETTERS = ["text", "quiet", "accent", "ok", "bad", "warn"];
const STATES = ["ok", "quiet", "bad", "warn"];
const ALARMS = [1, 2, 3, 4].map((priority) => `alarm-${priority}`);
const STATES_APART = 5;
const ALARMS_APART = 9;

test("every token is there in both themes", () => {
  for (const colours of Object.values(THEMES)) for (const name of [...LETTERS, ...GROUNDS, ...ALARMS, "banner"]) expect(colours.get(name), name).toMatch(/^#[0-9a-f]{6}$/);
});

test.each(Object.entries(THEMES))("%s: every letter can be read on every ground (AA)", (_, colours) => {
  const of = (name: string) => colours.get(name) ?? "";
  const pairs = [...LETTERS.flatMap((letter) => GROUNDS.map((ground) => [letter, ground])), ["banner-text", "banner"], ...ALARMS.map((alarm) => [`${alarm}-text`, alarm])];
  const poor = pairs.map(([letter = "", ground = ""]) => `${letter} on ${ground}: ${contrast(of(letter), of(ground)).toFixed(2)}`).filter((line) => Number(line.split(": ")[1]) < 4.5);
  expect(poor).toEqual([]);
});

test.each(Object.entries(THEMES))("%s: states and alarm priorities are told apart without red, green or blue", (_, colours) => {
  const of = (name: string) => colours.get(name) ?? "";
  const alike = Object.entries(SIGHTS).flatMap(([name, sight]) =>
    [[STATES, STATES_APART] as const, [ALARMS, ALARMS_APART] as const].flatMap(([set, least]) =>
      set.flatMap((one, at) =>
        set.slice(at + 1).flatMap((other) => {
          const apart = difference(of(one), of(other), sight);
          return apart < least ? [`${name}: ${one} and ${other} are ${apart.toFixed(1)} apart`] : [];
        }),
      ),
    ),
  );
  expect(alike).toEqual([]);
});

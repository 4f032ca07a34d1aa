/** The theme's colours where no style sheet reaches: on the map's canvas. */
const TOKENS = ["ground", "panel", "raised", "line", "text", "quiet", "accent", "ok", "bad", "warn"] as const;
export type Colours = Record<(typeof TOKENS)[number], string>;

export function themeColours(): Colours {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(TOKENS.map((name) => [name, style.getPropertyValue(`--${name}`).trim() || "#888888"])) as Colours;
}

/** By the digit of a state: online, offline, fault, unknown. */
export const stateColours = (colours: Colours) => [colours.ok, colours.quiet, colours.bad, colours.warn];

/** Browsers in the order in which their marks count: most call themselves Safari as well. */
const BROWSERS: [RegExp, string][] = [
  [/\bEdg\/(\d+)/, "Edge"],
  [/\bOPR\/(\d+)/, "Opera"],
  [/\bFirefox\/(\d+)/, "Firefox"],
  [/\b(?:Headless)?Chrome\/(\d+)/, "Chrome"],
  [/\bVersion\/(\d+)[\d.]* .*Safari\//, "Safari"],
];
const SYSTEMS: [RegExp, string][] = [
  [/Windows/, "Windows"],
  [/Android/, "Android"],
  [/HarmonyOS|OpenHarmony/, "HarmonyOS"],
  [/iPhone|iPad/, "iOS"],
  [/Mac OS X/, "macOS"],
  [/Linux|X11/, "Linux"],
];

/** `Chrome 140 · Linux` of what a browser calls itself; programs and what is not known stand as they are. Pure. */
export function workstationName(agent: string): string {
  for (const [mark, name] of BROWSERS) {
    const found = mark.exec(agent);
    if (found === null) continue;
    const system = SYSTEMS.find(([sign]) => sign.test(agent))?.[1];
    return [`${name} ${found[1] ?? ""}`, system].filter(Boolean).join(" · ");
  }
  return agent;
}

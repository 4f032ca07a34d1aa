import type { Schemas } from "../../api-client/client";

export type RosterLine = Schemas["RosterLine"];
export interface Changes {
  added: RosterLine[];
  removed: RosterLine[];
}

const keyOf = (line: RosterLine) => [line.seat, line.name, line.since, line.until].join(" ");

/** What a version of a roster has that the one before had not, and what it has lost. A slot that moved is in both. Pure. */
export function changesOf(now: readonly RosterLine[], before: readonly RosterLine[]): Changes {
  const [known, kept] = [new Set(before.map(keyOf)), new Set(now.map(keyOf))];
  return { added: now.filter((line) => !known.has(keyOf(line))), removed: before.filter((line) => !kept.has(keyOf(line))) };
}

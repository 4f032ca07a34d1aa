import { momentOf } from "../../ui/zone";

/** What the auditor asks for; empty means anything. `since`, `until`: by the node's clocks, as the field writes it. */
export interface Filter {
  person?: string | undefined;
  object?: string | undefined;
  ticket?: string | undefined;
  case?: string | undefined;
  act?: string | undefined;
  result?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
}

/** The filter as the node takes it: only what is set, times with their zone. */
export function query(filter: Filter, zone: string): Record<string, string> {
  const { since, until, ...words } = filter;
  const given = Object.entries(words).map(([name, value]): [string, string] => [name, value?.trim() ?? ""]);
  const times = Object.entries({ since, until }).map(([name, value]): [string, string] => [name, value ? momentOf(value, zone).toISOString() : ""]);
  return Object.fromEntries([...given, ...times].filter(([, value]) => value !== ""));
}

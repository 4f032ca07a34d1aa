/** What the auditor asks for; empty means anything. `since`, `until`: local time as the input writes it. */
export interface Filter {
  person?: string | undefined;
  object?: string | undefined;
  ticket?: string | undefined;
  act?: string | undefined;
  result?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
}

/** The filter as the node takes it: only what is set, times with their zone. */
export function query(filter: Filter): Record<string, string> {
  const { since, until, ...words } = filter;
  const given = Object.entries(words).map(([name, value]): [string, string] => [name, value?.trim() ?? ""]);
  const times = Object.entries({ since, until }).map(([name, value]): [string, string] => [name, value ? new Date(value).toISOString() : ""]);
  return Object.fromEntries([...given, ...times].filter(([, value]) => value !== ""));
}

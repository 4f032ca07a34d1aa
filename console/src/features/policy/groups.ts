import type { Schemas } from "../../api-client/client";

export type Entry = Schemas["EntryShape"];

/** The entries of one class, purpose or act, by the last part of their path. */
export interface Group {
  key: string;
  zh: string;
  en: string;
  entries: Record<string, Entry>;
}

export interface Grouped {
  retention: Group[];
  purposes: Group[];
  approvals: Group[];
  limits: Entry[];
  notices: Entry[];
}

const LIMITS = ["older_data", "tickets", "duty", "emergency", "loosening"];

/** A pack's fields by what they are about; what heads the page is left out. */
export function grouped(entries: Entry[]): Grouped {
  const found: Grouped = { retention: [], purposes: [], approvals: [], limits: [], notices: [] };
  for (const entry of entries) {
    const [about = "", key = "", last = ""] = entry.field.split(".");
    if (about === "retention" || about === "purposes" || about === "approvals") {
      let group = found[about].find((one) => one.key === key);
      if (group === undefined) {
        group = { key, zh: before(entry.zh), en: before(entry.en), entries: {} };
        found[about].push(group);
      }
      group.entries[last] = entry;
    } else if (LIMITS.includes(about)) found.limits.push(entry);
    else if (about === "notices") found.notices.push(entry);
  }
  return found;
}

function before(name: string): string {
  return name.split(" · ")[0] ?? name;
}

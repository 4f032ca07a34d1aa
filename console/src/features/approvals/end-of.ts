import type { Schemas } from "../../api-client/client";

type Times = Pick<Schemas["RequestShape"], "due_at" | "expires_at">;

/** What comes first of an open request: it takes effect, or is too old (after the clock leapt further than it may wait). */
export function endOf({ due_at, expires_at }: Times): { due: boolean; at: string } {
  return due_at !== null && Date.parse(due_at) < Date.parse(expires_at) ? { due: true, at: due_at } : { due: false, at: expires_at };
}

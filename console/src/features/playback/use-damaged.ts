import { useCallback, useState } from "react";
import type { Period } from "../../ui/footage/pieces";

/** Damaged footage, by camera. */
export type Damaged = ReadonlyMap<string, readonly Period[]>;

/** Where players met damaged footage, as long as the page is open: the node learns of it no sooner. */
export function useDamaged(): { damaged: Damaged; met: (code: string, part: Period) => void } {
  const [damaged, setDamaged] = useState<Damaged>(new Map());
  const met = useCallback((code: string, part: Period) => setDamaged((old) => withDamage(old, code, part)), []);
  return { damaged, met };
}

/** With one more: what it holds of what is known is in it. The same map where it is known. Pure. */
export function withDamage(old: Damaged, code: string, { fromUs, toUs }: Period): Damaged {
  const known = old.get(code) ?? [];
  if (known.some((one) => one.fromUs <= fromUs && toUs <= one.toUs)) return old;
  return new Map(old).set(code, [...known.filter((one) => one.fromUs < fromUs || one.toUs > toUs), { fromUs, toUs }]);
}

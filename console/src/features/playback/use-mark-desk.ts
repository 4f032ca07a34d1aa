import { useMemo, useState } from "react";
import type { Period } from "../../ui/footage/pieces";
import { MARK_KINDS, nextMark, type Mark, type MarkKind } from "./marks";
import { useMarks, type Marks } from "./use-marks";

const EVERY_KIND: ReadonlySet<MarkKind> = new Set(MARK_KINDS);

export interface MarkDesk extends Marks {
  kinds: ReadonlySet<MarkKind>;
  setKinds: (kinds: ReadonlySet<MarkKind>) => void;
  /** Bookmarks that were withdrawn are shown too. */
  withdrawn: boolean;
  setWithdrawn: (withdrawn: boolean) => void;
  listing: boolean;
  setListing: (listing: boolean) => void;
  /** The mark that one went to last. */
  current: Mark | undefined;
  setCurrent: (mark: Mark) => void;
  after: (atUs: number, by: 1 | -1) => Mark | undefined;
}

/** The marks of what the timeline shows, those of the kinds that one wants to see, and the one that one is at. */
export function useMarkDesk(periods: ReadonlyMap<string, readonly Period[]>, span: Period): MarkDesk {
  const [kinds, setKinds] = useState(EVERY_KIND);
  const [withdrawn, setWithdrawn] = useState(false);
  const [listing, setListing] = useState(false);
  const [key, setKey] = useState<string>();
  const found = useMarks(periods, span, withdrawn);
  const marks = useMemo(() => found.marks.filter((mark) => kinds.has(mark.kind)), [found.marks, kinds]);
  const current = marks.find((mark) => mark.key === key);
  return { ...found, marks, kinds, setKinds, withdrawn, setWithdrawn, listing, setListing, current, setCurrent: (mark) => setKey(mark.key), after: (atUs, by) => nextMark(marks, atUs, by) };
}

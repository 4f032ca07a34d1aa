import { useMemo, useState } from "react";
import type { Schemas } from "../../api-client/client";
import type { Period } from "../../ui/footage/pieces";
import { momentOf, wallTime } from "../../ui/zone";
import { cutTo, longestWithin, mostOf } from "./sought";
import type { Stream } from "./streams";
import { useLongFootage, type Choices } from "./use-footage";
import { dayNameAt, dayOf } from "./week";

/** The time in which changes are looked for. */
export interface Sought {
  /** By the node's clocks, to the second: `2026-11-26T17:30:05`. */
  since: string;
  until: string;
  /** It was typed: else it is what lies between in and out, or what the timeline shows. */
  typed: boolean;
  change: (part: { since?: string; until?: string }) => void;
  reset: () => void;
  isBackwards: boolean;
  /** The longest part of it that one ticket opens; undefined: there is none. */
  part: Period | undefined;
  /** It is not known yet what is open and recorded. */
  pending: boolean;
  /** That is all of it. */
  isWhole: boolean;
  /** What is recorded in it is known, and it is nothing. */
  isEmpty: boolean;
  /** Of which most is recorded in it. */
  stream: Stream;
}

interface Asked {
  /** A camera while somebody looks for changes. */
  code: string | undefined;
  offered: Period;
  zone: string;
  tickets: readonly Schemas["TicketShape"][] | undefined;
  chosen: Choices;
}

/** Days of any number, also over midnight; what is recorded of them is asked for by whole days, so that the same is asked once. */
export function useSought({ code, offered, zone, tickets, chosen }: Asked): Sought {
  const [typed, setTyped] = useState<{ since: string; until: string }>();
  const shown = { since: wallTime(offered.fromUs / 1_000, zone), until: wallTime(offered.toUs / 1_000, zone) };
  const { since, until } = typed ?? shown;
  const wanted = typed === undefined ? offered : { fromUs: momentOf(since, zone).getTime() * 1_000, toUs: momentOf(until, zone).getTime() * 1_000 };
  const isBackwards = wanted.fromUs >= wanted.toUs;
  const [first, last] = [dayNameAt(wanted.fromUs, zone), dayNameAt(Math.max(wanted.fromUs, wanted.toUs - 1), zone)];
  const days = useMemo(() => ({ fromUs: dayOf(first, zone).fromUs, toUs: dayOf(last, zone).toUs }), [first, last, zone]);
  const found = useLongFootage(code === undefined ? [] : [code], days, tickets, chosen).get(code ?? "");
  const part = isBackwards ? undefined : longestWithin(found?.periods ?? [], wanted);
  const spans = part === undefined ? [] : cutTo(found?.closely ?? [], part);
  return {
    since,
    until,
    typed: typed !== undefined,
    change: (by) => setTyped({ since, until, ...by }),
    reset: () => setTyped(undefined),
    isBackwards,
    part,
    pending: found === undefined || found.pending,
    isWhole: part !== undefined && part.fromUs - wanted.fromUs <= 1_000_000 && wanted.toUs - part.toUs <= 1_000_000,
    isEmpty: found?.pending === false && part !== undefined && spans.length === 0,
    stream: mostOf(spans),
  };
}

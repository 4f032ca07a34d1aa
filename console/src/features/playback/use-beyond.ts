import type { Schemas } from "../../api-client/client";
import type { Playing } from "../../ui/footage/conductor";
import type { Period } from "../../ui/footage/pieces";
import { nextPart, type Recorded } from "./day";
import { useLongFootage, type CameraFootage, type Choices } from "./use-footage";

/** So far play looks for what was recorded next. */
const FAR_US = 31 * 86_400e6;

/** What is recorded of a day's cameras, and, once play has come to the last of it (the first, backwards), of the days behind: asked for only then. */
export function useBeyond(now: Playing, footage: ReadonlyMap<string, CameraFootage>, day: Period, tickets: readonly Schemas["TicketShape"][] | undefined, chosen: Choices): Recorded {
  const backwards = now.speed < 0;
  const here = [...footage.values()].flatMap((one) => one.spans);
  const isLast = nextPart(here, now.atUs, backwards) === undefined;
  const codes = now.playing && isLast ? [...footage.keys()] : [];
  const wanted = backwards ? { fromUs: day.fromUs - FAR_US, toUs: day.fromUs } : { fromUs: day.toUs, toUs: day.toUs + FAR_US };
  const found = useLongFootage(codes, wanted, tickets, chosen);
  const of = new Map([...found].map(([code, one]) => [code, one.spans]));
  const pending = [...footage.values(), ...found.values()].some((one) => one.pending);
  return { of, spans: [...here, ...[...of.values()].flat()], isWhole: !isLast || (codes.length > 0 && !pending) };
}

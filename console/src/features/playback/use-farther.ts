import { useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import type { Schemas } from "../../api-client/client";
import type { Period } from "../../ui/footage/pieces";
import { nextBusy } from "./activity";
import { allCoveredBy } from "./day";
import { nextStart } from "./farther";
import { playedSpans, type StreamSpan } from "./streams";
import { activity } from "./use-activity";
import { question, type Choices } from "./use-footage";
import { cameraOr } from "./use-withdrawn";
import { dayAfter, dayNameAt, dayOf } from "./week";

/** So far one looks; as far as play does. */
const FAR_US = 31 * 86_400e6;

/** Where footage begins next, or something moves next, on the days behind the shown one (before it, backwards): asked for when somebody wants to go there. */
export function useFarther(codes: readonly string[], day: Period, zone: string, tickets: readonly Schemas["TicketShape"][] | undefined, chosen: Choices) {
  const queries = useQueryClient();
  const asked = useRef(0);

  const spansOf = async (code: string, wanted: Period) => {
    const camera = await queries.fetchQuery({ queryKey: ["camera", code], queryFn: () => cameraOr(code), staleTime: Infinity });
    const periods = allCoveredBy(tickets ?? [], code, camera.area, wanted);
    const of = async (stream: "main" | "sub") => (await Promise.all(periods.map((period) => queries.fetchQuery(question(code, period, stream))))).flatMap((one) => one.spans);
    return { code, periods, spans: playedSpans({ main: await of("main"), sub: await of("sub") }, chosen.get(code), chosen.first) };
  };

  const busyOf = async (found: readonly { code: string; periods: readonly Period[]; spans: readonly StreamSpan[] }[], wanted: Period, by: 1 | -1) => {
    const starts = found.flatMap((one) => one.spans.map((span) => dayNameAt(span.fromUs, zone)).concat(one.spans.map((span) => dayNameAt(span.toUs - 1, zone))));
    const [first, last] = [starts.sort()[0], starts.at(-1)];
    if (first === undefined || last === undefined) return undefined;
    for (let name = by > 0 ? first : last; first <= name && name <= last; name = dayAfter(name, by)) {
      const of = dayOf(name, zone);
      const parts = found.flatMap(({ code, periods, spans }) => {
        const stream = spans.find((span) => span.fromUs < of.toUs && of.fromUs < span.toUs)?.stream;
        const cut = periods.map((one) => ({ fromUs: Math.max(one.fromUs, of.fromUs), toUs: Math.min(one.toUs, of.toUs) })).filter((one) => one.fromUs < one.toUs);
        return stream === undefined ? [] : cut.map((period) => activity(code, period, stream));
      });
      const curves = await Promise.all(parts.map((one) => queries.fetchQuery(one)));
      const at = nextBusy(curves, by > 0 ? wanted.fromUs - 2e6 : wanted.toUs + 2e6, by);
      if (at !== undefined) return at;
    }
    return undefined;
  };

  /** Undefined: there is none so far, or somebody asked again meanwhile. Rejects: the node does not answer. */
  return async (what: "footage" | "activity", by: 1 | -1): Promise<number | undefined> => {
    asked.current += 1;
    const mine = asked.current;
    const wanted = by > 0 ? { fromUs: day.toUs, toUs: day.toUs + FAR_US } : { fromUs: day.fromUs - FAR_US, toUs: day.fromUs };
    const found = await Promise.all(codes.map((code) => spansOf(code, wanted)));
    const upTo = { fromUs: day.toUs - 60e6, toUs: day.toUs };
    const before = what === "footage" && by > 0 ? await Promise.all(codes.map((code) => spansOf(code, upTo))) : [];
    const spans = (of: typeof found) => of.flatMap((one) => one.spans);
    const at = what === "footage" ? nextStart(spans(found), wanted, by, spans(before)) : await busyOf(found, wanted, by);
    return mine === asked.current ? at : undefined;
  };
}

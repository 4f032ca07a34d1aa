import { useQueries, useQuery } from "@tanstack/react-query";
import { api, body, type Schemas } from "../../api-client/client";
import { allCoveredBy, partAt } from "./day";
import type { Period } from "../../ui/footage/pieces";

/** Of a time. */
export interface OpenFootage {
  /** What one may play, in order. */
  periods: readonly Period[];
  spans: readonly Period[];
  error: Error | undefined;
  pending: boolean;
}

/** Of a day. */
export interface CameraFootage extends OpenFootage {
  /** Of what one may play, what is played; undefined without a ticket. */
  period: Period | undefined;
  /** The same of the days before and after as well. */
  around: readonly Period[];
}

const DAY_US = 86_400e6;
const iso = (us: number) => new Date(us / 1_000).toISOString();
const us = (at: string) => Date.parse(at) * 1_000;

/** One's use tickets. */
export function useTickets(): readonly Schemas["TicketShape"][] | undefined {
  return useQuery({ queryKey: ["tickets"], retry: false, queryFn: () => body(api.GET("/api/v1/tickets")), refetchInterval: 15_000 }).data?.items;
}

/** Where cameras have footage of a day, as far as tickets open it: only then it is asked for. `atUs`: what is played. */
export function useFootage(codes: readonly string[], day: Period, tickets: readonly Schemas["TicketShape"][] | undefined, atUs: number): ReadonlyMap<string, CameraFootage> {
  const { partsOf, found } = useOpened(codes, day, tickets, 15_000);
  const days = { fromUs: day.fromUs - DAY_US, toUs: day.toUs + DAY_US };
  return new Map([...found].map(([code, one]) => [code, { ...one, period: partAt(one.periods, atUs), around: partsOf(code, days) }]));
}

/** The same of a longer time. Without cameras nothing is asked. */
export function useLongFootage(codes: readonly string[], wanted: Period, tickets: readonly Schemas["TicketShape"][] | undefined): ReadonlyMap<string, OpenFootage> {
  return useOpened(codes, wanted, tickets, 60_000).found;
}

/** Each camera's parts that some ticket opens, and its footage in them. */
function useOpened(codes: readonly string[], wanted: Period, tickets: readonly Schemas["TicketShape"][] | undefined, everyMs: number) {
  const cameras = useQueries({ queries: codes.map((code) => ({ queryKey: ["camera", code], retry: false, queryFn: () => body(api.GET("/api/v1/cameras/{code}", { params: { path: { code } } })) })) });
  const partsOf = (code: string, of: Period): Period[] => {
    const area = cameras[codes.indexOf(code)]?.data?.area;
    return tickets === undefined || area === undefined ? [] : allCoveredBy(tickets, code, area, of);
  };
  const asked = codes.flatMap((code) => partsOf(code, wanted).map((period) => ({ code, period })));
  const told = useQueries({ queries: asked.map(({ code, period }) => ({ queryKey: ["footage", code, period.fromUs, period.toUs], retry: false, refetchInterval: everyMs, queryFn: () => spansOf(code, period) })) });
  const found = new Map<string, OpenFootage>(
    codes.map((code, at) => {
      const [camera, mine] = [cameras[at], told.filter((_, part) => asked[part]?.code === code)];
      const pending = tickets === undefined || camera?.isPending === true || mine.some((one) => one.isPending);
      const error = camera?.error ?? mine.find((one) => one.error !== null)?.error ?? undefined;
      return [code, { periods: asked.filter((one) => one.code === code).map((one) => one.period), spans: mine.flatMap((one) => one.data ?? []), error, pending }];
    }),
  );
  return { partsOf, found };
}

async function spansOf(code: string, period: Period): Promise<Period[]> {
  const query = { from: iso(period.fromUs), to: iso(period.toUs) };
  const list = await body(api.GET("/api/v1/cameras/{code}/recordings", { params: { path: { code }, query } }));
  return list.items.map((one) => ({ fromUs: us(one.from), toUs: us(one.to) }));
}

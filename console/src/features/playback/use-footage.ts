import { useQueries, useQuery } from "@tanstack/react-query";
import { api, body, type Schemas } from "../../api-client/client";
import { allCoveredBy, coveredBy } from "./day";
import type { Period } from "../../ui/footage/pieces";

export interface CameraFootage {
  /** What one may play of the day; undefined without a ticket. */
  period: Period | undefined;
  spans: Period[];
  error: Error | undefined;
  pending: boolean;
}

const iso = (us: number) => new Date(us / 1_000).toISOString();
const us = (at: string) => Date.parse(at) * 1_000;

/** One's use tickets. */
export function useTickets(): readonly Schemas["TicketShape"][] | undefined {
  return useQuery({ queryKey: ["tickets"], retry: false, queryFn: () => body(api.GET("/api/v1/tickets")), refetchInterval: 15_000 }).data?.items;
}

/** Where cameras have footage of a day, as far as tickets open it: only then it is asked for. */
export function useFootage(codes: readonly string[], day: Period, tickets: readonly Schemas["TicketShape"][] | undefined): ReadonlyMap<string, CameraFootage> {
  const cameras = useQueries({ queries: codes.map((code) => ({ queryKey: ["camera", code], retry: false, queryFn: () => body(api.GET("/api/v1/cameras/{code}", { params: { path: { code } } })) })) });
  const periods = codes.map((code, at) => {
    const area = cameras[at]?.data?.area;
    return tickets === undefined || area === undefined ? undefined : coveredBy(tickets, code, area, day);
  });
  const found = useQueries({
    queries: codes.map((code, at) => ({
      queryKey: ["footage", code, periods[at]?.fromUs, periods[at]?.toUs],
      retry: false,
      enabled: periods[at] !== undefined,
      refetchInterval: 15_000,
      queryFn: () => spansOf(code, periods[at] ?? day),
    })),
  });
  return new Map(
    codes.map((code, at) => {
      const [camera, spans, period] = [cameras[at], found[at], periods[at]];
      const pending = tickets === undefined || camera?.isPending === true || (period !== undefined && spans?.isPending === true);
      return [code, { period, spans: spans?.data ?? [], error: camera?.error ?? spans?.error ?? undefined, pending }];
    }),
  );
}

/** The same of a longer time: each camera's parts that some ticket opens, and its footage in them. Without cameras nothing is asked. */
export function useLongFootage(codes: readonly string[], wanted: Period, tickets: readonly Schemas["TicketShape"][] | undefined): ReadonlyMap<string, { periods: readonly Period[]; spans: readonly Period[] }> {
  const cameras = useQueries({ queries: codes.map((code) => ({ queryKey: ["camera", code], retry: false, queryFn: () => body(api.GET("/api/v1/cameras/{code}", { params: { path: { code } } })) })) });
  const parts = codes.map((code, at) => {
    const area = cameras[at]?.data?.area;
    return tickets === undefined || area === undefined ? [] : allCoveredBy(tickets, code, area, wanted);
  });
  const asked = codes.flatMap((code, at) => (parts[at] ?? []).map((period) => ({ code, period })));
  const found = useQueries({ queries: asked.map(({ code, period }) => ({ queryKey: ["footage", code, period.fromUs, period.toUs], retry: false, refetchInterval: 60_000, queryFn: () => spansOf(code, period) })) });
  return new Map(codes.map((code, at) => [code, { periods: parts[at] ?? [], spans: asked.flatMap((one, part) => (one.code === code ? (found[part]?.data ?? []) : [])) }]));
}

async function spansOf(code: string, period: Period): Promise<Period[]> {
  const query = { from: iso(period.fromUs), to: iso(period.toUs) };
  const list = await body(api.GET("/api/v1/cameras/{code}/recordings", { params: { path: { code }, query } }));
  return list.items.map((one) => ({ fromUs: us(one.from), toUs: us(one.to) }));
}

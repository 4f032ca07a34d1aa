import { useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body, type Schemas } from "../../api-client/client";
import { allCoveredBy, ledIn, partAt } from "./day";
import type { Period } from "../../ui/footage/pieces";
import { cameraOr } from "./use-withdrawn";
import { fetchedOf, playedSpans, streamAt, STREAMS, twiceOf, type Stream, type StreamSpan, type Twice } from "./streams";

/** Of a time. */
export interface OpenFootage {
  /** What one may play, in order. */
  periods: readonly Period[];
  /** What is played of it. */
  spans: readonly StreamSpan[];
  /** What of that was fetched from the device afterwards. */
  fetched: readonly Period[];
  /** What of the played footage was recorded more than once. */
  twice: readonly Twice[];
  /** Streams of which there is any. */
  streams: readonly Stream[];
  /** What a clip, or who looks closely, would be given of it: the chosen stream's, else the main one's first. */
  closely: readonly StreamSpan[];
  error: Error | undefined;
  pending: boolean;
  /** So far the node's index is filled, percent; what it lacks is no gap. Undefined where it has all. */
  filled: number | undefined;
}

/** Of a day. */
export interface CameraFootage extends OpenFootage {
  /** Of what one may play, what is played; undefined without a ticket. */
  period: Period | undefined;
  /** The same of the days before and after as well. */
  around: readonly Period[];
  /** The stream that is played now; undefined until it is known which has footage. */
  stream: Stream | undefined;
}

/** By camera the stream that somebody wants to see, wherever they go; of the others the `first`, where it has footage. */
export interface Choices {
  get: (code: string) => Stream | undefined;
  first: Stream;
}
export const MAIN_FIRST: Choices = { get: () => undefined, first: "main" };

const DAY_US = 86_400e6;
/** What the sub-stream adds to a main stream's footage changes seldom: as often is asked for it. */
const BESIDE_MS = 60_000;
/** While the index is being filled. */
const FILLING_MS = 2_000;
const iso = (us: number) => new Date(us / 1_000).toISOString();
const us = (at: string) => Date.parse(at) * 1_000;

/** One's use tickets. */
export function useTickets(): readonly Schemas["TicketShape"][] | undefined {
  return useQuery({ queryKey: ["tickets"], retry: false, queryFn: () => body(api.GET("/api/v1/tickets")), refetchInterval: 15_000 }).data?.items;
}

/** Where cameras have footage of a day, as far as tickets open it: only then it is asked for. `atUs`: what is played. */
export function useFootage(codes: readonly string[], day: Period, tickets: readonly Schemas["TicketShape"][] | undefined, chosen: Choices, atUs: number): ReadonlyMap<string, CameraFootage> {
  const { partsOf, found } = useOpened(codes, day, tickets, chosen, 15_000);
  const days = { fromUs: day.fromUs - DAY_US, toUs: day.toUs + DAY_US };
  return new Map(
    [...found].map(([code, one]) => {
      const around = partsOf(code, days);
      return [code, { ...one, period: ledIn(partAt(one.periods, atUs), around), around, stream: chosen.get(code) ?? (one.pending ? undefined : streamAt(one.spans, atUs)) }];
    }),
  );
}

/** The same of a longer time. Without cameras nothing is asked. */
export function useLongFootage(codes: readonly string[], wanted: Period, tickets: readonly Schemas["TicketShape"][] | undefined, chosen: Choices): ReadonlyMap<string, OpenFootage> {
  return useOpened(codes, wanted, tickets, chosen, 60_000).found;
}

/** Each camera's parts that some ticket opens, and its footage in them. */
function useOpened(codes: readonly string[], wanted: Period, tickets: readonly Schemas["TicketShape"][] | undefined, chosen: Choices, everyMs: number) {
  const cameras = useQueries({ queries: codes.map((code) => ({ queryKey: ["camera", code], retry: false, queryFn: () => cameraOr(code) })) });
  const partsOf = (code: string, of: Period): Period[] => {
    const area = cameras[codes.indexOf(code)]?.data?.area;
    return tickets === undefined || area === undefined ? [] : allCoveredBy(tickets, code, area, of);
  };
  const asked = codes.flatMap((code) => partsOf(code, wanted).map((period) => ({ code, period })));
  const ofMain = useQueries({ queries: asked.map(({ code, period }) => ({ ...question(code, period, "main"), refetchInterval: soonerWhileFilling(everyMs) })) });
  const hasSub = (code: string) => (cameras[codes.indexOf(code)]?.data?.streams.length ?? 0) > 1;
  const ofSub = useQueries({
    queries: asked.map(({ code, period }, at) => {
      const alone = ofMain[at]?.data?.spans.length === 0;
      return { ...question(code, period, "sub"), enabled: alone || hasSub(code), refetchInterval: soonerWhileFilling(alone ? everyMs : Math.max(everyMs, BESIDE_MS)) };
    }),
  });
  const found = new Map<string, OpenFootage>(
    codes.map((code, at) => {
      const camera = cameras[at];
      const [main, sub] = [ofMain, ofSub].map((told) => told.filter((_, part) => asked[part]?.code === code)) as [typeof ofMain, typeof ofSub];
      const told = (which: "spans" | "fetched") => ({ main: main.flatMap((one) => one.data?.[which] ?? []), sub: sub.flatMap((one) => one.data?.[which] ?? []) });
      const kept = told("spans");
      const spans = playedSpans(kept, chosen.get(code), chosen.first);
      const pending = tickets === undefined || camera?.isPending === true || main.some((one) => one.isPending) || sub.some((one) => one.isLoading);
      const error = camera?.error ?? [...main, ...sub].find((one) => one.error !== null)?.error ?? undefined;
      const periods = asked.filter((one) => one.code === code).map((one) => one.period);
      const filled = main.find((one) => one.data?.filled !== undefined)?.data?.filled;
      return [code, { periods, spans, fetched: fetchedOf(spans, told("fetched")), twice: twiceOf(spans, (stream) => (stream === "main" ? main : sub).flatMap((one) => one.data?.twice ?? [])), streams: STREAMS.filter((one) => kept[one].length > 0), closely: playedSpans(kept, chosen.get(code)), error, pending, filled }];
    }),
  );
  return { partsOf, found };
}

export const question = (code: string, period: Period, stream: Stream) => ({ queryKey: ["footage", code, stream, period.fromUs, period.toUs], retry: false, queryFn: () => listed(code, period, stream) });

type Listed = Record<"spans" | "fetched", Period[]> & { twice: Twice[]; filled: number | undefined };

/** What is missing from a list that is not whole is there in a moment. */
const soonerWhileFilling = (everyMs: number) => (query: { state: { data: Listed | undefined } }) => (query.state.data?.filled === undefined ? everyMs : FILLING_MS);

/** So far the index is filled, as the page was told last of this camera; undefined where it has all. */
export function useFilled(code: string): number | undefined {
  const told = useQueryClient().getQueryCache().findAll({ queryKey: ["footage", code] });
  const last = told.reduce<(typeof told)[number] | undefined>((newest, one) => (newest === undefined || one.state.dataUpdatedAt > newest.state.dataUpdatedAt ? one : newest), undefined);
  return (last?.state.data as Listed | undefined)?.filled;
}

async function listed(code: string, period: Period, stream: Stream): Promise<Listed> {
  const query = { from: iso(period.fromUs), to: iso(period.toUs), stream };
  const list = await body(api.GET("/api/v1/cameras/{code}/recordings", { params: { path: { code }, query } }));
  const periods = (spans: Schemas["FootageList"]["items"]) => spans.map((one) => ({ fromUs: us(one.from), toUs: us(one.to) }));
  return { spans: periods(list.items), fetched: periods(list.from_device), twice: list.twice.map((one) => ({ fromUs: us(one.from), toUs: us(one.to), times: one.times })), filled: list.filled_percent ?? undefined };
}

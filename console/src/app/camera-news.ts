import type { QueryClient } from "@tanstack/react-query";
import { withStatuses } from "./freshness";

/** Lists of cameras, and favourites and groups. */
const KEYS: readonly unknown[] = ["cameras", "kept-cameras"];
/** No answer takes longer: older news are in whatever is read. */
const REMEMBERED_MS = 30_000;

/** States of cameras as the news tell them, written into what was read; an answer that was asked for before a piece of news never undoes it. */
export class CameraNews {
  private readonly heard = new Map<string, { status: string; atMs: number }>();
  private readonly asked = new Map<string, number>();
  private readonly fresh = new Map<string, string>();
  private readonly leave: () => void;

  constructor(
    private readonly queries: QueryClient,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.leave = queries.getQueryCache().subscribe((event) => {
      if (!KEYS.includes(event.query.queryKey[0])) return;
      if (event.type === "removed") this.asked.delete(event.query.queryHash);
      if (event.type !== "updated") return;
      if (event.action.type === "fetch") this.asked.set(event.query.queryHash, this.nowMs());
      if (event.action.type === "success" && event.action.manual !== true) this.overtake(event.query.queryKey, this.asked.get(event.query.queryHash) ?? 0);
    });
  }

  hear(code: string, status: string): void {
    this.heard.delete(code); // the newest stand last
    this.heard.set(code, { status, atMs: this.nowMs() });
    this.fresh.set(code, status);
  }

  /** Writes what was heard since the last time. */
  write(): void {
    for (const kind of KEYS) for (const [key, read] of this.queries.getQueriesData({ queryKey: [kind] })) this.renew(key, read, this.fresh);
    this.fresh.clear();
    for (const [code, { atMs }] of this.heard) {
      if (atMs >= this.nowMs() - REMEMBERED_MS) break;
      this.heard.delete(code);
    }
  }

  stop(): void {
    this.leave();
  }

  private overtake(key: readonly unknown[], askedMs: number): void {
    const later = [...this.heard].filter(([, { atMs }]) => atMs >= askedMs).map(([code, { status }]) => [code, status] as const);
    if (later.length > 0) this.renew(key, this.queries.getQueryData(key), new Map(later));
  }

  private renew(key: readonly unknown[], read: unknown, statuses: ReadonlyMap<string, string>): void {
    const now = withStatuses(read, statuses);
    if (now !== read) this.queries.setQueryData(key, now);
  }
}

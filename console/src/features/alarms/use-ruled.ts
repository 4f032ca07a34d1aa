import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useContext, useEffect, useState } from "react";
import { api, ApiProblem, body, type Schemas } from "../../api-client/client";
import { isAlarmNews } from "../../ui/alarm-news";
import { useWords } from "../../ui/language";
import { useNews } from "../../ui/news";
import { SignedIn, useMay } from "../../ui/signed-in";
import type { Alarm } from "./queue";

type Ruled = Schemas["AlarmCamera"];

export interface RuledPictures {
  /** Each camera once, without the alarm's own, in the order in which rules named them. */
  cameras: readonly Ruled[];
  /** The one that is shown; undefined: there is none. */
  shown: Ruled | undefined;
  choose: (camera: string) => void;
  step: (by: 1 | -1) => void;
  /** Where a rule wants the alarm's own camera to look. */
  ownPreset: number | undefined;
}

/** Each camera once, where it was named first, with the first preset that was named for it. Pure. */
export function onceEach(named: readonly Ruled[]): Ruled[] {
  const found = new Map<string, Ruled>();
  for (const one of named) {
    const before = found.get(one.camera);
    if (before === undefined) found.set(one.camera, one);
    else if (before.preset === null && one.preset !== null) found.set(one.camera, { ...before, preset: one.preset });
  }
  return [...found.values()];
}

/** What rules show with the alarm that is looked at; a rule may have its turn while one looks. */
export function useRuled(alarm: Alarm | undefined): RuledPictures {
  const id = alarm?.id ?? 0;
  const queries = useQueryClient();
  const { feed } = useNews();
  const [wanted, setWanted] = useState<{ of: number; camera: string }>();
  const named = useQuery({ queryKey: ["alarms", "cameras", id], enabled: id > 0, retry: false, queryFn: () => body(api.GET("/api/v1/alarms/{alarm_id}/cameras", { params: { path: { alarm_id: id } } })) }).data;
  useEffect(
    () =>
      feed?.listen((event) => {
        if (isAlarmNews(event) && event.id === id) void queries.invalidateQueries({ queryKey: ["alarms", "cameras", id] });
      }),
    [feed, id, queries],
  );
  const all = onceEach(named?.items ?? []);
  const cameras = all.filter((one) => one.camera !== alarm?.camera);
  const shown = cameras.find((one) => wanted?.of === id && one.camera === wanted.camera) ?? cameras[0];
  const choose = (camera: string) => setWanted({ of: id, camera });
  const step = (by: 1 | -1) => {
    const next = cameras[(cameras.findIndex((one) => one === shown) + by + cameras.length) % cameras.length];
    if (next !== undefined) choose(next.camera);
  };
  return { cameras, shown, choose, step, ownPreset: all.find((one) => one.camera === alarm?.camera)?.preset ?? undefined };
}

/** Turns a camera to where a rule wants it, once for an alarm that one has taken: whoever steers it by hand is not disturbed.
 *  Why it was not; undefined: it was, or has not been asked yet. */
export function usePresetGone({ id, work }: Alarm, camera: string, preset: number | undefined): string | undefined {
  const { t, pick } = useWords();
  const me = useContext(SignedIn)?.user.id;
  const may = useMay()("control");
  const mine = work !== null && work.state !== "closed" && work.owner?.id === me;
  const asks = camera !== "" && preset !== undefined && may && mine;
  const gone = useQuery({
    queryKey: ["alarms", "preset", id, camera, preset],
    enabled: asks,
    retry: false,
    staleTime: Infinity,
    gcTime: Infinity,
    retryOnMount: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    queryFn: async () => {
      const { holder } = await body(api.GET("/api/v1/cameras/{code}/steering", { params: { path: { code: camera } } }));
      if (holder !== null && !holder.mine) return holder.name;
      await api.POST("/api/v1/cameras/{code}/presets/{number}/go", { params: { path: { code: camera, number: preset ?? 0 } } });
      return "";
    },
  });
  if (preset === undefined) return undefined;
  if (!may) return t("alarms.ruled.right");
  if (gone.data) return t("alarms.ruled.held", { name: gone.data });
  return gone.error instanceof ApiProblem ? pick(gone.error.problem.zh, gone.error.problem.en) : undefined;
}

import { api, body, type Schemas } from "../../api-client/client";

/** The counters of every picture on screen, by one question for all of them. */
export type StreamFigures = Schemas["StreamShape"];
type Take = (figures: StreamFigures) => void;

const EVERY_MS = 2000;
const wanted = new Map<string, Set<Take>>();
let timer: ReturnType<typeof setInterval> | undefined;

function ask(): void {
  if (document.hidden) return;
  const cameras = [...new Set([...wanted.keys()].map((key) => key.slice(0, key.lastIndexOf("/"))))];
  void body(api.GET("/api/v1/live", { params: { query: { camera: cameras } } }))
    .then(({ items }) => items.forEach((one) => wanted.get(`${one.camera}/${one.stream}`)?.forEach((take) => take(one))))
    .catch(() => undefined); // the banner tells of a lost connection
}

/** `take` is called with the newest counters until the returned function is. */
export function followFigures(camera: string, stream: "main" | "sub", take: Take): () => void {
  const key = `${camera}/${stream}`;
  const takers = wanted.get(key) ?? new Set();
  wanted.set(key, takers.add(take));
  timer ??= setInterval(ask, EVERY_MS);
  return () => {
    takers.delete(take);
    if (takers.size === 0) wanted.delete(key);
    if (wanted.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../../api-client/client";
import { ActButton } from "../../ui/act";
import { fillSaid } from "../../ui/days/fills";
import { span as lasting } from "../../ui/figures";
import type { Period } from "../../ui/footage/pieces";
import { useWords } from "../../ui/language";
import { useTime } from "../../ui/time";
import { useZone, wallTime, written } from "../../ui/zone";
import type { Stream } from "./streams";

const iso = (us: number) => new Date(us / 1_000).toISOString();

interface Props {
  camera: { code: string; name: string } | undefined;
  /** Between in and out; undefined until both are marked. */
  span: Period | undefined;
  /** What of it the node has, and what it becomes. */
  stream: Stream;
}

/** What the device recorded of a marked time becomes footage of this node: only that is taken out as a clip. */
export function FetchHere({ camera, span, stream }: Props) {
  const { t } = useWords();
  const time = useTime();
  const zone = useZone();
  const queries = useQueryClient();
  const day = span === undefined ? undefined : wallTime(span.fromUs / 1_000, zone).slice(0, 10);
  const code = camera?.code ?? "";
  const key = ["recording-fills", code, day];
  const fills = useQuery({
    queryKey: key,
    enabled: camera !== undefined && day !== undefined,
    retry: false,
    refetchInterval: 3_000,
    queryFn: () => body(api.GET("/api/v1/cameras/{code}/recording-fills", { params: { path: { code }, query: { day: day ?? "" } } })),
  }).data;
  const mine = fills?.items.filter((one) => one.mine) ?? [];
  const fetch = async () => {
    if (span === undefined) return;
    await body(api.POST("/api/v1/cameras/{code}/device-recordings/fetch", { params: { path: { code } }, body: { from: iso(span.fromUs), to: iso(span.toUs), stream } }));
    await queries.invalidateQueries({ queryKey: key });
  };
  return (
    <section className="card" data-testid="fetch-here">
      <h3>{t("fetch.title")}</h3>
      <p className="quiet dialog-help">{t("fetch.help")}</p>
      {camera === undefined || span === undefined ? (
        <p className="notice">{t("fetch.unmarked")}</p>
      ) : (
        <>
          <p>
            {camera.name} · {written(span.fromUs / 1_000, zone)} – {written(span.toUs / 1_000, zone)}
          </p>
          <ActButton type="primary" data-testid="fetch-ask" act={fetch}>
            {t("fetch.ask")}
          </ActButton>
        </>
      )}
      {mine.length > 0 && (
        <>
          <h4>{t("fetch.mine")}</h4>
          <ul className="clips" data-testid="fetched" aria-live="polite">
            {mine.map((one) => (
              <li key={one.from} data-state={one.state}>
                {time(one.from).slice(-8)}–{time(one.to).slice(-8)} · {one.filled_s > 0 && `${lasting(one.filled_s)} · `}
                {fillSaid(one, t, time)}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
